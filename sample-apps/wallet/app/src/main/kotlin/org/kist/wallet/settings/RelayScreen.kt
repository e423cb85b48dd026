package org.kist.wallet.settings

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.text.input.KeyboardType
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.kist.Person
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Field
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Screen
import org.kist.wallet.language.LocalWords
import org.kist.wallet.state.Acts
import org.kist.wallet.state.Doing
import org.kist.wallet.state.Problem
import org.kist.wallet.state.explain

/** The relay that new connections are made on. */
object RelayDestination : Destination("relay") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> RelayModel(stay.person, scope).also(RelayModel::look) }
        val state by model.state.collectAsState()
        RelayScreen(state, stay.wayBack, model::type, model::save)
    }
}

/** What the screen of the relay shows. */
data class RelayState(val relay: String = "", val saved: Boolean = false, val problem: Problem? = null, val doing: Doing = Doing())

/** Sets the relay for what is made from now on. */
class RelayModel(private val person: Person, scope: CoroutineScope) {
    private val states = MutableStateFlow(RelayState())
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }
    val state: StateFlow<RelayState> = states.asStateFlow()

    fun look() = acts.run {
        val relay = person.relay().orEmpty()
        states.update { it.copy(relay = relay) }
    }

    fun type(relay: String) = states.update { it.copy(relay = relay, saved = false, problem = null) }

    fun save() {
        val relay = states.value.relay.trim()
        if (relay.isEmpty()) return states.update { it.copy(problem = Problem.own("RelayEmpty")) }
        acts.run {
            person.setRelay(relay)
            states.update { it.copy(saved = true) }
        }
    }
}

@Composable
fun RelayScreen(state: RelayState, onBack: (() -> Unit)?, onType: (String) -> Unit, onSave: () -> Unit) {
    val words = LocalWords.current
    Screen(
        words("settings.relay"),
        onBack,
        acts = { PrimaryButton(words("settings.save"), onSave, Modifier.fillMaxWidth(), enabled = !state.doing.busy) },
    ) {
        Text(words("create.where.relay.what"), style = MaterialTheme.typography.bodyLarge)
        Text(words("settings.relay.new"), style = MaterialTheme.typography.bodyMedium)
        state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
        if (state.saved) Banner(BannerKind.SUCCESS, words("settings.saved"))
        Field(
            words("create.where.relay"),
            state.relay,
            onType,
            hint = words("create.where.relay.hint"),
            problem = state.problem?.let { words.explain(it) },
            enabled = !state.doing.busy,
            keyboard = KeyboardType.Uri,
            onDone = onSave,
        )
    }
}
