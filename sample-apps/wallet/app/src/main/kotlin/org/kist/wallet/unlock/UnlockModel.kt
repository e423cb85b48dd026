package org.kist.wallet.unlock

import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.kist.wallet.app.Session
import org.kist.wallet.app.SessionState
import org.kist.wallet.state.Outcome
import org.kist.wallet.state.Problem
import org.kist.wallet.state.attempt

/** What the locked screen shows. */
data class UnlockState(
    val passphrase: String = "",
    /** The store is being opened. */
    val opening: Boolean = false,
    /** The device can open the store by its own lock. */
    val deviceOffered: Boolean = false,
    /** The app locked by itself. */
    val byIdleness: Boolean = false,
    val problem: Problem? = null,
    /** How long there is to wait before the next passphrase. */
    val wait: Duration = Duration.ZERO,
)

/** Opens the store. */
class UnlockModel internal constructor(
    private val session: Session,
    private val tries: WrongTries,
    deviceOffered: Boolean,
    private val scope: CoroutineScope,
) {
    private val states = MutableStateFlow(
        UnlockState(
            deviceOffered = deviceOffered,
            byIdleness = (session.state.value as? SessionState.Locked)?.byIdleness == true,
            wait = tries.left(),
        ),
    )
    private var waiting: Job? = null
    val state: StateFlow<UnlockState> = states.asStateFlow()

    init {
        waitOut()
    }

    fun type(passphrase: String) = states.update { it.copy(passphrase = passphrase, problem = null) }

    /** Tries the passphrase, unless there were so many wrong ones that there is a wait. */
    fun open() {
        val passphrase = states.value.passphrase
        if (states.value.opening || tries.left() > Duration.ZERO) return
        if (passphrase.isEmpty()) {
            states.update { it.copy(problem = Problem.own("PassphraseEmpty")) }
            return
        }
        opening {
            val takeBack = tries.begin()
            val problem = problemOf { session.open(passphrase) }
            if (problem?.code == WRONG) waitOut() else takeBack()
            problem?.let(::afterTries)
        }
    }

    /** Asks the device's own lock, which counts for itself. */
    fun openWithDevice() = opening { problemOf { session.openWithDevice() } }

    private fun opening(open: suspend () -> Problem?) {
        if (states.value.opening) return
        states.update { it.copy(opening = true, problem = null) }
        scope.launch {
            val problem = open()
            if (problem == null) tries.forget()
            states.update { it.copy(opening = false, problem = problem, passphrase = "") }
        }
    }

    private suspend fun problemOf(open: suspend () -> Unit): Problem? = (attempt(open) as? Outcome.Failed)?.problem

    /** Says how long there is still to wait, until there is no wait. */
    private fun waitOut() {
        waiting?.cancel()
        waiting = scope.launch {
            do {
                val left = tries.left()
                states.update { it.copy(wait = left) }
                delay(1.seconds)
            } while (left > Duration.ZERO)
        }
    }

    /** Who is wrong that often has forgotten it, or isn't the owner: both are told what is so (A24). */
    private fun afterTries(problem: Problem): Problem = when {
        problem.code != WRONG -> problem
        tries.count >= MANY_TRIES -> Problem.own("ManyWrongTries", "count" to tries.count)
        else -> Problem.own("PassphraseWrong")
    }

    private companion object {
        const val WRONG = "KeyMismatch"
        const val MANY_TRIES = 10
    }
}
