package org.kist.wallet.unlock

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Brand
import org.kist.wallet.design.Icons
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SecretField
import org.kist.wallet.language.LocalWords

/** Shown in place of any other while the store is shut; no route leads to it. */
object UnlockDestination : Destination("unlock", needsPerson = false) {
    @Composable
    override fun Content(stay: Stay) {
        val wallet = stay.wallet
        val model = stay.model { scope ->
            UnlockModel(wallet.session, wallet.preferences, wallet.ports.platform.secureArea != null, scope)
        }
        val state by model.state.collectAsState()
        UnlockScreen(state, model::type, model::open, model::openWithDevice)
    }
}

@Composable
fun UnlockScreen(state: UnlockState, onType: (String) -> Unit, onOpen: () -> Unit, onOpenWithDevice: () -> Unit) {
    val words = LocalWords.current
    Screen(
        words("unlock.title"),
        acts = {
            val text = if (state.opening) words("unlock.opening") else words("unlock.open")
            PrimaryButton(text, onOpen, Modifier.fillMaxWidth(), enabled = !state.opening)
            if (state.deviceOffered) {
                SecondaryButton(words("unlock.device"), onOpenWithDevice, Modifier.fillMaxWidth(), Icons.Lock, !state.opening)
            }
        },
    ) {
        Brand()
        if (state.byIdleness && state.problem == null) Banner(BannerKind.INFO, words("unlock.idle"))
        state.problem?.let { ProblemBanner(it) }
        SecretField(
            words("passphrase"),
            state.passphrase,
            onType,
            hint = words("unlock.hint"),
            enabled = !state.opening,
            onDone = onOpen,
        )
    }
}
