package org.kist.wallet.settings

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.kist.Person
import org.kist.wallet.state.Acts
import org.kist.wallet.state.Doing

/** What stands in the store and can be set; the rest is in the preferences. */
data class SettingsState(
    val developerMode: Boolean = false,
    /** The person is asked whether they mean the developer mode. */
    val askingDeveloper: Boolean = false,
    /** This device's lock opens the store from now on. */
    val deviceUnlock: Boolean = false,
    val doing: Doing = Doing(),
)

/** The settings that the store keeps. */
class SettingsModel(private val person: Person, scope: CoroutineScope) {
    private val states = MutableStateFlow(SettingsState())
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }
    val state: StateFlow<SettingsState> = states.asStateFlow()

    fun look() = acts.run {
        val on = person.developerMode()
        states.update { it.copy(developerMode = on) }
    }

    fun askDeveloper(asking: Boolean) = states.update { it.copy(askingDeveloper = asking) }

    fun setDeveloper(on: Boolean) {
        askDeveloper(false)
        acts.run {
            person.setDeveloperMode(on)
            states.update { it.copy(developerMode = on) }
        }
    }

    /** Lets this device's lock open the store, beside the passphrase. */
    fun enableDeviceUnlock() = acts.run {
        person.enableDeviceUnlock()
        states.update { it.copy(deviceUnlock = true) }
    }
}
