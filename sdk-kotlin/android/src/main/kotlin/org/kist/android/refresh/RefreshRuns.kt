package org.kist.android.refresh

import java.util.concurrent.ConcurrentHashMap
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import org.kist.KistException

/** What a refresh in the background came to. */
enum class RefreshOutcome {
    /** What was to be sent and taken in is. */
    DONE,

    /** The store is locked. Nothing is opened behind the person's back: it waits until they unlock. */
    LOCKED,

    /** It may go better a little later: no network, a relay that doesn't answer. */
    LATER,
}

/** A refresh that failed: later, where the same call may succeed later; else the app says so when it is next in front. */
fun outcomeOf(error: KistException): RefreshOutcome = if (error.retry) RefreshOutcome.LATER else RefreshOutcome.DONE

/** The refreshes that the system has begun, by the number that it gave each. */
internal class RefreshRuns(
    private val scope: CoroutineScope,
    private val refresh: suspend () -> RefreshOutcome,
    /** Tells the system that a run is over, and whether it should come again soon. */
    private val finished: (run: Int, again: Boolean) -> Unit,
) {
    private val running = ConcurrentHashMap<Int, Job>()

    /** Begins a run, and returns at once. */
    fun start(run: Int) {
        val job = scope.launch(start = CoroutineStart.LAZY) {
            val again = try {
                refresh() == RefreshOutcome.LATER
            } catch (error: KistException) {
                outcomeOf(error) == RefreshOutcome.LATER
            } catch (error: CancellationException) {
                throw error
            } catch (_: IllegalStateException) {
                false // the store was closed meanwhile
            } finally {
                running.remove(run)
            }
            finished(run, again)
        }
        running[run] = job
        job.start()
    }

    /** The system takes a run back. True: it should come again, as this one did not end. */
    fun stop(run: Int): Boolean {
        val job = running.remove(run) ?: return false
        job.cancel(CancellationException("taken back by the system"))
        return true
    }

    /** Ends all of them. */
    fun stopAll() = running.keys.toList().forEach { stop(it) }
}
