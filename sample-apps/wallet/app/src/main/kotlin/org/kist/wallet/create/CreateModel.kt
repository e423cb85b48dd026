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
    val passphrase: NewPassphrase = NewPassphrase(),
    /** The device's own lock shall open it too. */
    val device: Boolean = false,
    val deviceOffered: Boolean = false,
    val creating: Boolean = false,
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

    fun type(passphrase: NewPassphrase) = states.update { it.copy(passphrase = passphrase) }

    fun chooseDevice(device: Boolean) = states.update { it.copy(device = device) }

    fun create() {
        if (states.value.creating) return
        states.update { it.copy(passphrase = it.passphrase.checked()) }
        val now = states.value
        if (!now.passphrase.isFit) return
        states.update { it.copy(creating = true, problem = null) }
        scope.launch {
            val outcome = attempt {
                session.create(now.passphrase.typed)
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
}
