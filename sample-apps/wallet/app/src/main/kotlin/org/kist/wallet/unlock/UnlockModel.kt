package org.kist.wallet.unlock

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.kist.wallet.app.PreferenceStore
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
)

/** Opens the store. */
class UnlockModel(
    private val session: Session,
    private val preferences: PreferenceStore,
    deviceOffered: Boolean,
    private val scope: CoroutineScope,
) {
    private val states = MutableStateFlow(
        UnlockState(
            deviceOffered = deviceOffered,
            byIdleness = (session.state.value as? SessionState.Locked)?.byIdleness == true,
        ),
    )
    val state: StateFlow<UnlockState> = states.asStateFlow()

    fun type(passphrase: String) = states.update { it.copy(passphrase = passphrase, problem = null) }

    /** Tries the passphrase. */
    fun open() {
        val passphrase = states.value.passphrase
        if (passphrase.isEmpty()) {
            states.update { it.copy(problem = Problem.own("PassphraseEmpty")) }
            return
        }
        opening { session.open(passphrase) }
    }

    /** Asks the device's own lock. */
    fun openWithDevice() = opening { session.openWithDevice() }

    private fun opening(open: suspend () -> Unit) {
        if (states.value.opening) return
        states.update { it.copy(opening = true, problem = null) }
        scope.launch {
            val problem = when (val outcome = attempt(open)) {
                is Outcome.Done -> null
                is Outcome.Failed -> outcome.problem
            }
            val tries = countTry(problem)
            states.update {
                it.copy(opening = false, problem = problem?.let { found -> afterTries(found, tries) }, passphrase = "")
            }
        }
    }

    /** How many wrong passphrases there were since the last right one, with this one. */
    private fun countTry(problem: Problem?): Int {
        if (problem == null) preferences.change { it.copy(wrongTries = 0) }
        if (problem?.code == WRONG) preferences.change { it.copy(wrongTries = it.wrongTries + 1) }
        return preferences.state.value.wrongTries
    }

    /** Who is wrong that often has forgotten it, or isn't the owner: both are told what is so (A24). */
    private fun afterTries(problem: Problem, tries: Int): Problem =
        if (problem.code == WRONG && tries >= MANY_TRIES) Problem.own("ManyWrongTries", "count" to tries) else problem

    private companion object {
        const val WRONG = "KeyMismatch"
        const val MANY_TRIES = 10
    }
}
