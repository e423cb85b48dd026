package org.kist.wallet.create

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Screen
import org.kist.wallet.design.TickRow
import org.kist.wallet.language.LocalWords

/** Making a store: the passphrase first, then [KitDestination]. */
object CreateDestination : Destination("create", needsPerson = false) {
    @Composable
    override fun Content(stay: Stay) {
        val wallet = stay.wallet
        val model = stay.model { scope ->
            CreateModel(wallet.session, wallet.ports.platform.secureArea != null, scope) {
                stay.navigator.reset(KitDestination.route())
            }
        }
        val state by model.state.collectAsState()
        CreateScreen(state, stay.wayBack, model::type, model::chooseDevice, model::create)
    }
}

@Composable
fun CreateScreen(
    state: CreateState,
    onBack: (() -> Unit)?,
    onType: (NewPassphrase) -> Unit,
    onDevice: (Boolean) -> Unit,
    onCreate: () -> Unit,
) {
    val words = LocalWords.current
    Screen(
        words("create.title"),
        onBack,
        acts = {
            val text = if (state.creating) words("create.creating") else words("create.create")
            PrimaryButton(text, onCreate, Modifier.fillMaxWidth(), enabled = !state.creating)
        },
    ) {
        Text(words("create.why"), style = MaterialTheme.typography.bodyLarge)
        state.problem?.let { ProblemBanner(it) }
        NewPassphraseFields(state.passphrase, onType, hint = words("create.hint"), enabled = !state.creating, onDone = onCreate)
        if (state.deviceOffered) {
            TickRow(words("create.device"), state.device, onDevice, detail = words("create.device.detail"), enabled = !state.creating)
        }
        Text(words("create.forget"), style = MaterialTheme.typography.bodyMedium)
    }
}
