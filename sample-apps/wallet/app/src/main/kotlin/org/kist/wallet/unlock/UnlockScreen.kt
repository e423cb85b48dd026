package org.kist.wallet.unlock

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Brand
import org.kist.wallet.design.Card
import org.kist.wallet.design.Icons
import org.kist.wallet.design.LocalPalette
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SecretField
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.state.Problem

/** Shown in place of any other while the store is shut; no route leads to it. */
object UnlockDestination : Destination("unlock", needsPerson = false) {
    @Composable
    override fun Content(stay: Stay) {
        val wallet = stay.wallet
        val model = stay.model { scope ->
            val tries = WrongTries(wallet.preferences, wallet.ports.clock)
            UnlockModel(wallet.session, tries, wallet.ports.platform.secureArea != null, scope)
        }
        val state by model.state.collectAsState()
        UnlockScreen(state, model::type, model::open, model::openWithDevice, stay.wayTo("damaged"))
    }
}

@Composable
fun UnlockScreen(
    state: UnlockState,
    onType: (String) -> Unit,
    onOpen: () -> Unit,
    onOpenWithDevice: () -> Unit,
    onDamaged: (() -> Unit)? = null,
) {
    val words = LocalWords.current
    Screen(
        words("unlock.title"),
        acts = {
            val text = if (state.opening) words("unlock.opening") else words("unlock.open")
            PrimaryButton(text, onOpen, Modifier.fillMaxWidth(), enabled = !state.opening && state.wait == Duration.ZERO)
            if (state.deviceOffered) {
                SecondaryButton(words("unlock.device"), onOpenWithDevice, Modifier.fillMaxWidth(), Icons.Lock, !state.opening)
            }
        },
    ) {
        Brand()
        if (state.byIdleness && state.problem == null) Banner(BannerKind.INFO, words("unlock.idle"))
        state.problem?.let { StoreProblem(it, onDamaged) }
        if (state.wait > Duration.ZERO) Wait(state.wait, words)
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

/** What is wrong; of a damaged store that it is one, with the way to what can be done. */
@Composable
internal fun StoreProblem(problem: Problem, onDamaged: (() -> Unit)?) {
    if (!problem.isDamage || onDamaged == null) return ProblemBanner(problem)
    val words = LocalWords.current
    Banner(BannerKind.ERROR, words("restore.damaged"), acts = { PlainButton(words("restore.damaged.see"), onDamaged) })
}

/** How long there is to wait. No banner: a screen reader would say each second of it. */
@Composable
private fun Wait(left: Duration, words: Words) = Card(tone = LocalPalette.current.warning) {
    Text(words("unlock.wait"), style = MaterialTheme.typography.titleSmall)
    // By whole minutes, rounded up, until the last one.
    val shown = if (left > 1.minutes) ((left.inWholeSeconds + 59) / 60).minutes else left
    Text(words("unlock.wait.left", "time" to words.duration(shown)))
}
