package org.kist.wallet.state

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch

/** What a screen is doing at the person's word, and why the last thing didn't work. */
data class Doing(val busy: Boolean = false, val problem: Problem? = null, val again: (() -> Unit)? = null)

/**
 * Does one thing after the other, and tells what becomes of it. Buttons stand still meanwhile; what is asked for all the same,
 * by a question that was open or a button that came into sight just now, waits its turn and isn't lost.
 */
class Acts(private val scope: CoroutineScope, private val tell: (Doing) -> Unit) {
    private var last: Job? = null

    /** Runs [call]; a failure stays on the screen with a way to try it again. */
    fun run(call: suspend () -> Unit) = perform(call) {}

    /**
     * Runs [call] and looks anew. What [look] finds is shown by [show] when the word of what is being done is gone from the screen:
     * what comes into sight then stays in its place.
     */
    fun <T> run(call: suspend () -> Unit, look: suspend () -> T, show: (T) -> Unit) = perform({
        call()
        look()
    }, show)

    private fun <T> perform(call: suspend () -> T, show: (T) -> Unit) {
        val before = last
        tell(Doing(busy = true))
        last = scope.launch {
            before?.join()
            val outcome = attempt(call)
            tell(if (outcome is Outcome.Failed) Doing(problem = outcome.problem) { perform(call, show) } else Doing())
            if (outcome is Outcome.Done) show(outcome.value)
        }
    }
}

/** Loads something anew while what is there stays in sight: [now] gives it. */
fun <T> CoroutineScope.lookAgain(now: () -> Loadable<T>, into: (Loadable<T>) -> Unit, call: suspend () -> T): Job =
    load({ found -> if (found !is Loadable.Loading || now() !is Loadable.Ready) into(found) }, call)
