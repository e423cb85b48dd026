package org.kist.android.refresh

import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.app.job.JobService
import android.content.ComponentName
import android.content.Context
import java.util.concurrent.ConcurrentHashMap
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel

/**
 * Refreshes now and then while the app isn't in front. An app extends it, names it in its manifest with the permission
 * `android.permission.BIND_JOB_SERVICE`, and calls [schedule].
 *
 * It works for as long as the app's process lives with its store open: keys aren't kept for it. Once the store is locked
 * or the process ended, a run says [RefreshOutcome.LOCKED], and what came waits with the relay.
 */
abstract class RefreshService : JobService() {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    private val given = ConcurrentHashMap<Int, JobParameters>()
    private val runs = RefreshRuns(scope, ::refresh) { run, again -> given.remove(run)?.let { jobFinished(it, again) } }

    /** Sends and takes in what waits. Cancelled when the system wants its time back. */
    protected abstract suspend fun refresh(): RefreshOutcome

    override fun onStartJob(params: JobParameters): Boolean {
        given[params.jobId] = params
        runs.start(params.jobId)
        return true
    }

    override fun onStopJob(params: JobParameters): Boolean {
        given.remove(params.jobId)
        return runs.stop(params.jobId)
    }

    override fun onDestroy() {
        runs.stopAll()
        scope.cancel()
        super.onDestroy()
    }

    companion object {
        private const val JOB = 0x4b15

        /** Asks the system to run [service] about every [period], where there is a network. Asked again, nothing changes. */
        fun schedule(context: Context, service: Class<out RefreshService>, period: Duration = 4.hours) {
            val scheduler = context.getSystemService(JobScheduler::class.java)
            val milliseconds = period.coerceAtLeast(LEAST).inWholeMilliseconds
            if (scheduler.getPendingJob(JOB)?.intervalMillis == milliseconds) return
            scheduler.schedule(
                JobInfo.Builder(JOB, ComponentName(context, service))
                    .setPeriodic(milliseconds)
                    .setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY)
                    .setBackoffCriteria(BACK_OFF.inWholeMilliseconds, JobInfo.BACKOFF_POLICY_EXPONENTIAL)
                    .build(),
            )
        }

        /** Asks for it no more. */
        fun cancel(context: Context) = context.getSystemService(JobScheduler::class.java).cancel(JOB)

        /** The system runs nothing more often. */
        private val LEAST = 15.minutes
        private val BACK_OFF = 1.minutes
    }
}
