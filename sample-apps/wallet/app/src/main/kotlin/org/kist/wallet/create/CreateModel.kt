package org.kist.wallet.create

import kotlinx.coroutines.CoroutineScope
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

/** What the screen that makes a store shows. */
data class CreateState(
    val passphrase: String = "",
    val again: String = "",
    /** The device's own lock shall open it too. */
    val device: Boolean = false,
    val deviceOffered: Boolean = false,
    val creating: Boolean = false,
    /** What is wrong with the passphrase, or with its repetition. */
    val passphraseProblem: Problem? = null,
    val againProblem: Problem? = null,
    val problem: Problem? = null,
)

/** Makes the store; [onCreated] goes on from there. */
class CreateModel(
    private val session: Session,
    deviceOffered: Boolean,
    private val scope: CoroutineScope,
    private val onCreated: () -> Unit,
) {
    private val states = MutableStateFlow(CreateState(deviceOffered = deviceOffered))
    val state: StateFlow<CreateState> = states.asStateFlow()

    fun type(passphrase: String) = states.update { it.copy(passphrase = passphrase, passphraseProblem = null) }

    fun typeAgain(passphrase: String) = states.update { it.copy(again = passphrase, againProblem = null) }

    fun chooseDevice(device: Boolean) = states.update { it.copy(device = device) }

    fun create() {
        val now = states.value
        if (now.creating || !isFit(now)) return
        states.update { it.copy(creating = true, problem = null) }
        scope.launch {
            val outcome = attempt {
                session.create(now.passphrase)
                val open = session.state.value as SessionState.Open
                // The passphrase opens the store in any case, so that a key store that fails now keeps nobody out.
                if (now.device) open.person.enableDeviceUnlock()
            }
            when (outcome) {
                is Outcome.Done -> onCreated()
                is Outcome.Failed -> states.update { it.copy(creating = false, problem = outcome.problem) }
            }
        }
    }

    private fun isFit(now: CreateState): Boolean {
        val short = Problem.own("PassphraseShort", "least" to SHORTEST).takeIf { now.passphrase.length < SHORTEST }
        val differs = Problem.own("PassphrasesDiffer").takeIf { short == null && now.passphrase != now.again }
        states.update { it.copy(passphraseProblem = short, againProblem = differs) }
        return short == null && differs == null
    }

    companion object {
        /** The fewest signs of a passphrase. */
        const val SHORTEST = 12
    }
}
