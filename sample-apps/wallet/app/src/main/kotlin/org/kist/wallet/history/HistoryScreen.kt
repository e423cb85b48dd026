package org.kist.wallet.history

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.PaddingValues
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.LazyListScope
import androidx.compose.foundation.lazy.items
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import org.kist.HistoryEntry
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.consents.fits
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Chip
import org.kist.wallet.design.Empty
import org.kist.wallet.design.Field
import org.kist.wallet.design.Icons
import org.kist.wallet.design.Line
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.ListScreen
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Question
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.Space
import org.kist.wallet.edit.isEmpty
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.rights.icon
import org.kist.wallet.state.valueOrNull

/** What happened. */
object HistoryDestination : Destination("history") {
    @Composable
    override fun Content(stay: Stay) {
        val words = LocalWords.current
        val model = stay.model { scope -> HistoryModel(stay.person, stay.ports.files, scope) }
        LaunchedEffect(model) { model.look() }
        val state by model.state.collectAsState()
        HistoryScreen(
            state,
            HistoryActs(
                onBack = stay.wayBack,
                onTopic = model::show,
                onSeek = model::seek,
                onVerify = model::verify,
                onAskToExport = model::askToExport,
                onExport = { model.export(words("history.export")) },
                onCheckFile = { model.checkFile(words("history.check_file")) },
            ),
        )
    }
}

/** What can be done with the history. */
class HistoryActs(
    val onBack: (() -> Unit)? = {},
    val onTopic: (HistoryTopic?) -> Unit = {},
    val onSeek: (String) -> Unit = {},
    val onVerify: () -> Unit = {},
    val onAskToExport: (Boolean) -> Unit = {},
    val onExport: () -> Unit = {},
    val onCheckFile: () -> Unit = {},
)

@Composable
fun HistoryScreen(state: HistoryState, acts: HistoryActs) {
    val words = LocalWords.current
    ListScreen(words("history.title"), onBack = acts.onBack) {
        LazyColumn(
            contentPadding = PaddingValues(bottom = Space.large),
            verticalArrangement = Arrangement.spacedBy(Space.small),
        ) {
            item { Head(state, words, acts) }
            val entries = state.entries.valueOrNull
            if (entries == null) {
                item { Loaded(state.entries) {} }
            } else {
                entries(entries.filter { it.fits(state, words) }, entries.isEmpty(), words)
            }
        }
    }
    if (state.askingToExport) {
        Question(
            words("history.export.title"),
            words("history.export.means"),
            yes = words("history.export.yes"),
            onYes = acts.onExport,
            onNo = { acts.onAskToExport(false) },
        )
    }
}

private fun LazyListScope.entries(shown: List<HistoryEntry>, isEmpty: Boolean, words: Words) {
    when {
        isEmpty -> item { Empty(Icons.History, words("history.empty.title"), words("history.empty.text")) }
        shown.isEmpty() -> item { Text(words("history.none_found")) }
        else -> items(shown, key = { it.sequence.toLong() }) { entry ->
            Column {
                ListRow(
                    words.happened(entry),
                    detail = words(
                        "history.entry",
                        "when" to words.moment(entry.timeMs / MILLISECONDS),
                        "number" to entry.sequence.toLong(),
                    ),
                    icon = entry.topic.icon,
                )
                Line()
            }
        }
    }
}

private fun HistoryEntry.fits(state: HistoryState, words: Words): Boolean =
    (state.topic == null || topic == state.topic) &&
        (state.sought.isBlank() || words.happened(this).contains(state.sought.trim(), ignoreCase = true))

/** What the history is, whether it is whole, and what of it is shown. */
@Composable
private fun Head(state: HistoryState, words: Words, acts: HistoryActs) {
    Column(verticalArrangement = Arrangement.spacedBy(Space.medium)) {
        Text(words("history.text"))
        state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
        when (val checked = state.checked) {
            null -> {}
            is Checked.Whole -> Banner(
                BannerKind.SUCCESS,
                words("history.whole"),
                text = words("history.whole.text", "count" to checked.entries),
            )
            Checked.Written -> Banner(BannerKind.SUCCESS, words("history.written"), text = words("history.written.text"))
            is Checked.FileWhole -> Banner(
                BannerKind.SUCCESS,
                words("history.file_whole"),
                text = words(
                    "history.file_whole.text",
                    "count" to checked.entries,
                    "agreements" to words("history.file_whole.agreements", "count" to checked.agreements),
                ),
            )
            is Checked.FileBroken -> Banner(
                BannerKind.ERROR,
                checked.entry?.let { words("history.file_broken.at", "number" to it) } ?: words("history.file_broken"),
                text = words("history.file_broken.text"),
            )
        }
        FlowRow(
            horizontalArrangement = Arrangement.spacedBy(Space.small),
            verticalArrangement = Arrangement.spacedBy(Space.small),
        ) {
            SecondaryButton(words("history.verify"), acts.onVerify, icon = Icons.Shield, enabled = !state.doing.busy)
            PlainButton(words("history.export"), { acts.onAskToExport(true) }, icon = Icons.Save, enabled = !state.doing.busy)
            PlainButton(words("history.check_file"), acts.onCheckFile, icon = Icons.File, enabled = !state.doing.busy)
        }
        if (state.entries.valueOrNull.orEmpty().isNotEmpty()) Filters(state, words, acts)
    }
}

@Composable
private fun Filters(state: HistoryState, words: Words, acts: HistoryActs) {
    Field(words("history.seek"), state.sought, acts.onSeek)
    FlowRow(
        Modifier.padding(bottom = Space.small),
        horizontalArrangement = Arrangement.spacedBy(Space.small),
        verticalArrangement = Arrangement.spacedBy(Space.small),
    ) {
        Chip(words("history.topic.all"), selected = state.topic == null, onClick = { acts.onTopic(null) })
        HistoryTopic.entries.forEach { topic ->
            Chip(words("history.topic.$topic"), selected = topic == state.topic, onClick = { acts.onTopic(topic) })
        }
    }
}

private const val MILLISECONDS = 1_000L
