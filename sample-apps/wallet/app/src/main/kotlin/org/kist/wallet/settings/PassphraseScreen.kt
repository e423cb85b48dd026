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
import org.kist.wallet.create.CreateModel
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecretField
import org.kist.wallet.language.LocalWords
import org.kist.wallet.state.Acts
import org.kist.wallet.state.Doing
import org.kist.wallet.state.Problem
import org.kist.wallet.state.explain

/** Another passphrase. */
object PassphraseDestination : Destination("passphrase") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> PassphraseModel(stay.person, scope) }
        val state by model.state.collectAsState()
        PassphraseScreen(state, stay.wayBack, model::type, model::typeAgain, model::change)
    }
}

/** What the screen shows that replaces the passphrase. */
data class PassphraseState(
    val passphrase: String = "",
    val again: String = "",
    val passphraseProblem: Problem? = null,
    val againProblem: Problem? = null,
    val changed: Boolean = false,
    val doing: Doing = Doing(),
)

/** Replaces the passphrase; the recovery kit stays as it is. */
class PassphraseModel(private val person: Person, scope: CoroutineScope) {
    private val states = MutableStateFlow(PassphraseState())
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }
    val state: StateFlow<PassphraseState> = states.asStateFlow()

    fun type(passphrase: String) = states.update { it.copy(passphrase = passphrase, passphraseProblem = null, changed = false) }

    fun typeAgain(passphrase: String) = states.update { it.copy(again = passphrase, againProblem = null) }

    fun change() {
        val now = states.value
        val short = Problem.own("PassphraseShort", "least" to CreateModel.SHORTEST)
            .takeIf { now.passphrase.length < CreateModel.SHORTEST }
        val differs = Problem.own("PassphrasesDiffer").takeIf { short == null && now.passphrase != now.again }
        states.update { it.copy(passphraseProblem = short, againProblem = differs) }
        if (short != null || differs != null) return
        acts.run {
            person.changePassphrase(now.passphrase)
            states.update { PassphraseState(changed = true) }
        }
    }
}

@Composable
fun PassphraseScreen(
    state: PassphraseState,
    onBack: (() -> Unit)?,
    onType: (String) -> Unit,
    onTypeAgain: (String) -> Unit,
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
        SecretField(
            words("settings.passphrase.new"),
            state.passphrase,
            onType,
            problem = state.passphraseProblem?.let { words.explain(it) },
            enabled = !state.doing.busy,
        )
        SecretField(
            words("create.again"),
            state.again,
            onTypeAgain,
            problem = state.againProblem?.let { words.explain(it) },
            enabled = !state.doing.busy,
            onDone = onChange,
        )
    }
}
