package org.kist.wallet.settings

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.kist.Person
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.create.NewPassphrase
import org.kist.wallet.create.NewPassphraseFields
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Screen
import org.kist.wallet.language.LocalWords
import org.kist.wallet.state.Acts
import org.kist.wallet.state.Doing

/** Another passphrase. */
object PassphraseDestination : Destination("passphrase") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> PassphraseModel(stay.person, scope) }
        val state by model.state.collectAsState()
        PassphraseScreen(state, stay.wayBack, model::type, model::change)
    }
}

/** What the screen shows that replaces the passphrase. */
data class PassphraseState(
    val passphrase: NewPassphrase = NewPassphrase(),
    val changed: Boolean = false,
    val doing: Doing = Doing(),
)

/** Replaces the passphrase; the recovery kit stays as it is. */
class PassphraseModel(private val person: Person, scope: CoroutineScope) {
    private val states = MutableStateFlow(PassphraseState())
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }
    val state: StateFlow<PassphraseState> = states.asStateFlow()

    fun type(passphrase: NewPassphrase) = states.update { it.copy(passphrase = passphrase, changed = false) }

    fun change() {
        val passphrase = states.value.passphrase.checked()
        states.update { it.copy(passphrase = passphrase) }
        if (!passphrase.isFit) return
        acts.run {
            person.changePassphrase(passphrase.typed)
            states.update { PassphraseState(changed = true) }
        }
    }
}

@Composable
fun PassphraseScreen(
    state: PassphraseState,
    onBack: (() -> Unit)?,
    onType: (NewPassphrase) -> Unit,
    onChange: () -> Unit,
) {
    val words = LocalWords.current
    Screen(
        words("settings.passphrase"),
        onBack,
        acts = { PrimaryButton(words("settings.passphrase.go"), onChange, Modifier.fillMaxWidth(), enabled = !state.doing.busy) },
    ) {
        state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
        if (state.changed) Banner(BannerKind.SUCCESS, words("settings.passphrase.done"), text = words("settings.passphrase.kit"))
        Text(words("create.hint"), style = MaterialTheme.typography.bodyLarge)
        NewPassphraseFields(
            state.passphrase,
            onType,
            label = words("settings.passphrase.new"),
            enabled = !state.doing.busy,
            onDone = onChange,
        )
    }
}
