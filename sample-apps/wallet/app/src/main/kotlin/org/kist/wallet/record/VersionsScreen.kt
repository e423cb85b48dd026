package org.kist.wallet.record

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.padding
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.semantics
import kotlinx.serialization.json.Json
import org.kist.MemberChange
import org.kist.RecordChange
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Card
import org.kist.wallet.design.Line
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.Screen
import org.kist.wallet.design.Space
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.state.Loadable

/** The history of a record; its id is that of the route. */
object VersionsDestination : Destination("versions") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> VersionsModel(stay.person, stay.route.id, scope) }
        LaunchedEffect(model) { model.look() }
        val state by model.state.collectAsState()
        VersionsScreen(state, stay.wayBack)
    }
}

@Composable
fun VersionsScreen(state: Loadable<Versions>, onBack: (() -> Unit)?) {
    val words = LocalWords.current
    Screen(words("record.versions"), onBack) {
        Loaded(state) { versions -> versions.changes.forEach { Version(it, versions.type) } }
    }
}

@Composable
private fun Version(change: RecordChange, type: RecordType?) {
    val words = LocalWords.current
    val revision = change.revision
    Card {
        Text(
            words("record.version", "number" to revision.revision.toInt()),
            Modifier.semantics { heading() },
            style = MaterialTheme.typography.titleSmall,
        )
        Quiet(words("record.origin", "source" to words.source(revision.provenance), "day" to words.momentOfMs(revision.changedMs)))
        val parts = words.parts(change, type)
        if (parts.isEmpty()) Quiet(words("record.version.same"))
        parts.forEach { (name, what) ->
            Line()
            Column(Modifier.padding(vertical = Space.hair).semantics(mergeDescendants = true) {}, Arrangement.spacedBy(Space.hair)) {
                Quiet(name)
                Text(what, style = MaterialTheme.typography.bodyLarge)
            }
        }
    }
}

/** What a version changed: the names of its parts, with what became of each. */
private fun Words.parts(change: RecordChange, type: RecordType?): List<Pair<String, String>> = buildList {
    change.changes.forEach { add(memberAt(it.member) to changed(it, type?.rule(it.member))) }
    change.areaBefore?.let {
        add(this@parts("record.area") to this@parts("record.version.changed", "before" to area(it), "after" to area(change.revision.area)))
    }
    listed(change.tagsAdded, change.tagsRemoved)?.let { add(this@parts("record.labels") to it) }
    listed(change.filesAdded.map { it.name }, change.filesRemoved.map { it.name })?.let { add(this@parts("record.files") to it) }
}

/** What is new and what is gone, a line each; null where nothing is. */
private fun Words.listed(added: List<String>, removed: List<String>): String? {
    val lines = added.map { this("record.version.added", "after" to it) } + removed.map { this("record.version.removed", "before" to it) }
    return lines.joinToString("\n").takeIf { lines.isNotEmpty() }
}

private fun Words.changed(change: MemberChange, rule: Rule?): String {
    val before = change.before?.let { value(Json.parseToJsonElement(it), rule) }
    val after = change.after?.let { value(Json.parseToJsonElement(it), rule) }
    return when {
        before == null -> this("record.version.added", "after" to after.orEmpty())
        after == null -> this("record.version.removed", "before" to before)
        else -> this("record.version.changed", "before" to before, "after" to after)
    }
}
