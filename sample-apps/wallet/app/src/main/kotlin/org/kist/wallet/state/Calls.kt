package org.kist.wallet.state

import kotlin.coroutines.cancellation.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.launch
import org.kist.Work
import org.kist.await

/**
 * Runs one call of the SDK, and tells [into] what becomes of it: loading, then ready or failed. A failed one can be called
 * again. What is cancelled tells nothing more.
 */
fun <T> CoroutineScope.load(into: (Loadable<T>) -> Unit, call: suspend () -> T): Job {
    into(Loadable.Loading())
    // A later try runs in the scope of the first, not in the finished coroutine that tells of it.
    val again: () -> Unit = { load(into, call) }
    return launch { into(loaded(attempt(call), again)) }
}

/**
 * Runs long work, and tells [into] its progress and what it came to. The person can cancel it, which tells [cancelled]; the
 * same work can begin again after that.
 */
fun <T> CoroutineScope.loadWork(
    work: () -> Flow<Work<T>>,
    cancelled: () -> Unit,
    into: (Loadable<T>) -> Unit,
): Job {
    lateinit var job: Job
    val again: () -> Unit = { loadWork(work, cancelled, into) }
    val cancel = {
        job.cancel()
        cancelled()
    }
    job = launch(start = CoroutineStart.LAZY) {
        val outcome = attempt {
            work().onEach { step ->
                if (step is Work.Progress) into(Loadable.Loading(Progress(step.done, step.total), cancel))
            }.await()
        }
        into(loaded(outcome, again))
    }
    into(Loadable.Loading(cancel = cancel))
    job.start()
    return job
}

private fun <T> loaded(outcome: Outcome<T>, again: () -> Unit): Loadable<T> = when (outcome) {
    is Outcome.Done -> Loadable.Ready(outcome.value)
    is Outcome.Failed -> Loadable.Failed(outcome.problem, again)
}

/** What a call came to. */
sealed interface Outcome<out T> {
    /** It succeeded. */
    data class Done<T>(val value: T) : Outcome<T>

    /** It failed. */
    data class Failed(val problem: Problem) : Outcome<Nothing>
}

/** Runs a call, and makes a [Problem] of whatever it throws but for cancellation, which goes on. */
suspend fun <T> attempt(call: suspend () -> T): Outcome<T> =
    try {
        Outcome.Done(call())
    } catch (cancelled: CancellationException) {
        throw cancelled
    } catch (error: Exception) {
        Outcome.Failed(Problem.of(error))
    }
