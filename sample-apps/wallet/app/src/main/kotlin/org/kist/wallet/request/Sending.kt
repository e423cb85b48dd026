package org.kist.wallet.request

import kotlin.coroutines.cancellation.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.kist.wallet.state.Outcome
import org.kist.wallet.state.Problem
import org.kist.wallet.state.attempt

/**
 * Makes and sends one decision at a time. Cancelled or failed, it may have been made before: [find] looks how it stands then, and
 * [tell] is given that, and what kept the decision from being made.
 */
internal class Sending<T>(
    private val scope: CoroutineScope,
    private val find: suspend () -> T,
    private val tell: (stands: Outcome<T>, problem: Problem?) -> Unit,
) {
    private var job: Job? = null

    fun begin(call: suspend () -> Unit) {
        job = scope.launch {
            var problem: Problem? = null
            try {
                problem = (attempt(call) as? Outcome.Failed)?.problem
            } finally {
                withContext(NonCancellable) { settle(problem) }
            }
        }
    }

    /** Stops it. What was decided by then stays decided. */
    fun cancel() {
        job?.cancel()
    }

    private suspend fun settle(problem: Problem?) {
        val stands = try {
            attempt { find() }
        } catch (_: CancellationException) {
            return
        }
        tell(stands, problem)
    }
}
