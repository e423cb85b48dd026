package org.kist.wallet.imports

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import java.nio.file.Path
import org.kist.ArchiveDamage
import org.kist.ArchiveReport
import org.kist.ArchiveReview
import org.kist.Parameter
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecretField
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem
import org.kist.wallet.state.valueOrNull

@Composable
internal fun ArchiveContent(stay: Stay, archive: Path, onOther: () -> Unit, onClose: () -> Unit) {
    val model = stay.model(archive) { scope -> ArchiveModel(stay.person, archive, onOther, scope) }
    val state by model.state.collectAsState()
    ArchiveScreen(state, ArchiveActs(onClose, model::typeCode) { model.take(soundOnly = it) })
}

/** What can be done with an archive. */
class ArchiveActs(val onBack: () -> Unit = {}, val onCode: (String) -> Unit = {}, val onTake: (soundOnly: Boolean) -> Unit = {})

@Composable
fun ArchiveScreen(state: ArchiveState, acts: ArchiveActs) {
    val words = LocalWords.current
    val review = state.review.valueOrNull
    val taking = state.taking
    val damaged = review?.damaged?.isNotEmpty() == true
    Screen(
        words("imports.archive.title"),
        acts.onBack,
        acts = if (review == null || (taking != null && taking !is Loadable.Failed)) {
            null
        } else {
            {
                val text = if (damaged) words("imports.archive.sound") else words("imports.archive.take")
                PrimaryButton(text, { acts.onTake(damaged) }, Modifier.fillMaxWidth())
            }
        },
    ) {
        Text(words("imports.from", "file" to state.name), style = MaterialTheme.typography.titleMedium)
        Loaded(state.review, loading = words("imports.archive.reading")) { found ->
            if (taking == null || taking is Loadable.Failed) Contents(found, state, acts)
        }
        taking?.let { Loaded(it, loading = words("imports.taking")) { report -> Report(report) } }
    }
}

@Composable
private fun Contents(review: ArchiveReview, state: ArchiveState, acts: ArchiveActs) {
    val words = LocalWords.current
    Text(words("imports.archive.made", "when" to words.moment(review.madeAt)), style = MaterialTheme.typography.bodyLarge)
    Card {
        ListRow(words("imports.archive.records"), mark = words.number(review.records.toLong()))
        ListRow(words("imports.archive.files"), mark = words.number(review.files.toLong()))
        ListRow(words("imports.archive.agreements"), mark = words.number(review.agreements.toLong()))
    }
    Damage(review.damaged)
    if (review.sealedState) {
        val problem = state.codeProblem?.let { wrongCode(it, words) }
        SecretField(words("imports.archive.code"), state.code, acts.onCode, hint = words("imports.archive.code.hint"), problem = problem)
    }
}

/** The code is that of the file, and no recovery code, as the core's sentence would have it. */
private fun wrongCode(problem: Problem, words: Words): String {
    val group = problem.parameters["group"] as? Parameter.Number
    return if (group == null) words("imports.archive.code.wrong") else words("imports.archive.code.wrong.group", "group" to group.number)
}

@Composable
private fun Damage(damaged: List<ArchiveDamage>) {
    if (damaged.isEmpty()) return
    val words = LocalWords.current
    Banner(BannerKind.WARNING, words("imports.archive.damaged"), text = words("imports.archive.damaged.text"))
    SectionHeading(words("imports.archive.damaged.what"))
    Card { damaged.forEach { ListRow(it.entry.ifEmpty { words("imports.remark.whole") }) } }
}

@Composable
private fun Report(report: ArchiveReport) {
    val words = LocalWords.current
    Banner(BannerKind.SUCCESS, words("imports.added", "count" to report.records.toLong()))
    Card {
        ListRow(words("imports.archive.known"), mark = words.number(report.known.toLong()))
        ListRow(words("imports.archive.deleted"), mark = words.number(report.deleted.toLong()))
        ListRow(words("imports.archive.files"), mark = words.number(report.files.toLong()))
    }
    if (report.unproven > 0uL) Text(words("imports.archive.unproven"), style = MaterialTheme.typography.bodyMedium)
    Damage(report.damaged)
}
