package org.kist.wallet.settings

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import org.kist.AnchorInfo
import org.kist.ListState
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.Empty
import org.kist.wallet.design.Icons
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Question
import org.kist.wallet.design.Screen
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words

/** Whom the person believes about organisations. */
object FrameworksDestination : Destination("frameworks") {
    @Composable
    override fun Content(stay: Stay) {
        val words = LocalWords.current
        val model = stay.model { scope -> FrameworksModel(stay.person, stay.ports.files, scope) }
        LaunchedEffect(model) { model.look() }
        val state by model.state.collectAsState()
        FrameworksScreen(
            state,
            FrameworksActs(stay.wayBack, { model.add(words("frameworks.add.title")) }, model::refresh, model::askToRemove, model::remove),
        )
    }
}

/** What can be done with the frameworks. */
class FrameworksActs(
    val onBack: (() -> Unit)? = null,
    val onAdd: () -> Unit = {},
    val onRefresh: (String) -> Unit = {},
    val onAskToRemove: (String?) -> Unit = {},
    val onRemove: () -> Unit = {},
)

@Composable
fun FrameworksScreen(state: FrameworksState, acts: FrameworksActs) {
    val words = LocalWords.current
    Screen(
        words("frameworks.title"),
        acts.onBack,
        acts = { PrimaryButton(words("frameworks.add"), acts.onAdd, Modifier.fillMaxWidth(), Icons.Plus, enabled = !state.doing.busy) },
    ) {
        Text(words("frameworks.what"), style = MaterialTheme.typography.bodyLarge)
        (state.problem ?: state.doing.problem)?.let { ProblemBanner(it, onRetry = state.doing.again) }
        state.added?.let { Banner(BannerKind.SUCCESS, words("frameworks.added", "framework" to it)) }
        Loaded(state.anchors) { anchors ->
            if (anchors.isEmpty()) {
                Empty(Icons.Organisation, words("frameworks.none.title"), words("frameworks.none.text"))
            }
            anchors.forEach { Framework(it, !state.doing.busy, words, acts) }
        }
    }
    state.removing?.let { label ->
        Question(
            words("frameworks.remove.title", "framework" to label),
            words("frameworks.remove.text"),
            words("frameworks.remove.yes"),
            acts.onRemove,
            { acts.onAskToRemove(null) },
            danger = true,
        )
    }
}

@Composable
private fun Framework(anchor: AnchorInfo, enabled: Boolean, words: Words, acts: FrameworksActs) = Card {
    Text(anchor.label, style = MaterialTheme.typography.titleMedium)
    Text(words("frameworks.operator", "operator" to anchor.operator), style = MaterialTheme.typography.bodyMedium)
    Text(words("frameworks.organisations", "count" to anchor.organisations.toLong()), style = MaterialTheme.typography.bodyMedium)
    if (anchor.listState == ListState.CURRENT) {
        Text(words("frameworks.current", "day" to words.day(anchor.nextUpdate)), style = MaterialTheme.typography.bodyMedium)
    } else {
        Banner(BannerKind.WARNING, words("frameworks.overdue", "day" to words.day(anchor.nextUpdate)), text = words("frameworks.overdue.text"))
    }
    PlainButton(words("frameworks.refresh"), { acts.onRefresh(anchor.label) }, enabled = enabled)
    PlainButton(words("frameworks.remove"), { acts.onAskToRemove(anchor.label) }, enabled = enabled)
}
