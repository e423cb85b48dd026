package org.kist.wallet.create

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.clearAndSetSemantics
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.text.input.KeyboardType
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.Field
import org.kist.wallet.design.Icons
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.QrCode
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.Space
import org.kist.wallet.design.Working
import org.kist.wallet.home.HomeDestination
import org.kist.wallet.language.LocalWords
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.explain

/** The recovery kit and the first backup: after a store is made, and whenever there is no backup yet. */
object KitDestination : Destination("kit") {
    @Composable
    override fun Content(stay: Stay) {
        val words = LocalWords.current
        val model = stay.model { scope ->
            KitModel(stay.person, stay.ports.files, stay.ports.printer, stay.ports.suggestedRelay, scope) {
                stay.navigator.reset(HomeDestination.route())
            }
        }
        val state by model.state.collectAsState()
        when (val now = state) {
            is KitState.Looking -> Screen(words("create.where.title")) { Working(words("state.loading")) }
            is KitState.Where -> WhereScreen(now, model::typeRelay, model::setUp, model::leave)
            is KitState.Shown -> KitScreen(
                now,
                onSave = { model.save(words) },
                onPrint = if (stay.ports.printer.canPrint) ({ model.print(words) }) else null,
                onHave = model::check,
            )
            is KitState.Check -> CheckScreen(now, model::showAgain, model::typeGroup, model::compare)
            is KitState.FirstBackup -> FirstBackupScreen(now, model::leave)
            is KitState.Done -> DoneScreen(model::leave)
        }
    }
}

@Composable
fun WhereScreen(state: KitState.Where, onType: (String) -> Unit, onSetUp: () -> Unit, onLater: () -> Unit) {
    val words = LocalWords.current
    Screen(
        words("create.where.title"),
        acts = {
            val text = if (state.working) words("create.where.working") else words("create.where.go")
            PrimaryButton(text, onSetUp, Modifier.fillMaxWidth(), enabled = !state.working)
            PlainButton(words("create.where.later"), onLater, Modifier.fillMaxWidth(), enabled = !state.working)
        },
    ) {
        Text(words("create.where.why"), style = MaterialTheme.typography.bodyLarge)
        Text(words("create.where.relay.what"), style = MaterialTheme.typography.bodyLarge)
        state.problem?.let { ProblemBanner(it, onRetry = onSetUp) }
        Field(
            words("create.where.relay"),
            state.relay,
            onType,
            hint = words("create.where.relay.hint"),
            enabled = !state.working,
            keyboard = KeyboardType.Uri,
            onDone = onSetUp,
        )
    }
}

/** [onPrint] is null where the platform can't print. */
@Composable
fun KitScreen(state: KitState.Shown, onSave: () -> Unit, onPrint: (() -> Unit)?, onHave: () -> Unit) {
    val words = LocalWords.current
    Screen(
        words("create.kit.title"),
        acts = { PrimaryButton(words("create.kit.have"), onHave, Modifier.fillMaxWidth()) },
    ) {
        Text(words("create.kit.why"), style = MaterialTheme.typography.bodyLarge)
        Banner(BannerKind.WARNING, words("create.kit.once"), text = words("create.kit.nobody"))
        state.problem?.let { ProblemBanner(it) }
        state.saved?.let { Banner(BannerKind.SUCCESS, words("create.kit.saved", "file" to it.fileName)) }
        Card {
            Text(words("create.kit.code"), style = MaterialTheme.typography.titleSmall)
            Code(state.groups)
            QrCode(state.qr, words("create.kit.qr"), Modifier.align(Alignment.CenterHorizontally).padding(top = Space.small))
            Text(words("create.kit.relay", "relay" to state.relay), style = MaterialTheme.typography.bodySmall)
        }
        SecondaryButton(words("create.kit.save"), onSave, Modifier.fillMaxWidth(), Icons.Save)
        if (onPrint != null) SecondaryButton(words("create.kit.print"), onPrint, Modifier.fillMaxWidth(), Icons.Print)
    }
}

/** The code, group by group; a screen reader spells it. */
@Composable
private fun Code(groups: List<String>) {
    val spelled = groups.joinToString(", ") { it.toList().joinToString(" ") }
    FlowRow(
        Modifier.clearAndSetSemantics { contentDescription = spelled },
        Arrangement.spacedBy(Space.medium),
        Arrangement.spacedBy(Space.small),
    ) { groups.forEach { Text(it, style = MaterialTheme.typography.headlineSmall) } }
}

@Composable
fun CheckScreen(state: KitState.Check, onBack: () -> Unit, onType: (String) -> Unit, onCompare: () -> Unit) {
    val words = LocalWords.current
    Screen(
        words("create.check.title"),
        onBack,
        acts = { PrimaryButton(words("create.check.go"), onCompare, Modifier.fillMaxWidth()) },
    ) {
        Text(words("create.check.why"), style = MaterialTheme.typography.bodyLarge)
        Field(
            words("create.check.group", "group" to state.asked, "groups" to state.of),
            state.typed,
            onType,
            problem = state.problem?.let { words.explain(it) },
            onDone = onCompare,
        )
    }
}

@Composable
fun FirstBackupScreen(state: KitState.FirstBackup, onLeave: () -> Unit) {
    val words = LocalWords.current
    val ready = state.report is Loadable.Ready
    Screen(
        words("create.first.title"),
        acts = if (state.report is Loadable.Loading) {
            null
        } else {
            {
                val text = if (ready) words("create.first.go") else words("create.first.later")
                PrimaryButton(text, onLeave, Modifier.fillMaxWidth())
            }
        },
    ) {
        Loaded(state.report, loading = words("create.first.working")) {
            Banner(BannerKind.SUCCESS, words("create.first.done"), text = words("create.first.next"))
        }
    }
}

@Composable
fun DoneScreen(onLeave: () -> Unit) {
    val words = LocalWords.current
    Screen(
        words("create.done.title"),
        acts = { PrimaryButton(words("create.first.go"), onLeave, Modifier.fillMaxWidth()) },
    ) { Text(words("create.done.text"), style = MaterialTheme.typography.bodyLarge) }
}
