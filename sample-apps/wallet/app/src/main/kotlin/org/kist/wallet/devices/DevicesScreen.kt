package org.kist.wallet.devices

import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import org.kist.DeviceInfo
import org.kist.Person
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Card
import org.kist.wallet.design.Empty
import org.kist.wallet.design.Icons
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.Screen
import org.kist.wallet.language.LocalWords
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.lookAgain

/** The devices that may write to the backup: no device is invisible to its owner. */
object DevicesDestination : Destination("devices") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> DevicesModel(stay.person, scope) }
        LaunchedEffect(model) { model.look() }
        val devices by model.devices.collectAsState()
        DevicesScreen(devices, stay.wayBack)
    }
}

/** The devices. */
class DevicesModel(private val person: Person, private val scope: CoroutineScope) {
    private val states = MutableStateFlow<Loadable<List<DeviceInfo>>>(Loadable.Loading())
    val devices: StateFlow<Loadable<List<DeviceInfo>>> = states.asStateFlow()

    /** Looks anew; none where no backup is set up. */
    fun look() {
        scope.lookAgain({ states.value }, { states.value = it }) {
            if (person.backup.status().relay == null) emptyList() else person.backup.devices()
        }
    }
}

@Composable
fun DevicesScreen(devices: Loadable<List<DeviceInfo>>, onBack: (() -> Unit)?) {
    val words = LocalWords.current
    Screen(words("devices.title"), onBack) {
        Loaded(devices) { all ->
            if (all.isEmpty()) {
                Empty(Icons.Phone, words("devices.none.title"), words("devices.none.text"))
            } else {
                Text(words("devices.text"), style = MaterialTheme.typography.bodyLarge)
                Card {
                    all.forEach { device ->
                        val detail = if (device.thisDevice) words("devices.this") else words("devices.other")
                        ListRow(device.name, detail = detail, icon = Icons.Phone)
                    }
                }
                Text(words("devices.unknown"), style = MaterialTheme.typography.bodyMedium)
            }
        }
    }
}
