package org.kist.wallet.edit

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Route
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.Icons
import org.kist.wallet.design.IconAct
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.Question
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.Space
import org.kist.wallet.language.LocalWords
import org.kist.wallet.state.sentence
import org.kist.wallet.state.valueOrNull
import org.kist.wallet.state.wayForward

/** A new record; the kind's URI is the id of the route. */
object AddDestination : Destination("add") {
    @Composable
    override fun Content(stay: Stay) = EditContent(stay, Editing.New(stay.route.id)) { saved ->
        // The choice of a kind is behind the person once there is a record.
        stay.back()
        val before = stay.navigator.stack.value.last().route
        val record = Route("record", saved)
        if (before.destination == KindsDestination.name) stay.navigator.replace(record) else stay.navigator.go(record)
    }
}

/** A record that is corrected; its id is that of the route. */
object CorrectDestination : Destination("correct") {
    @Composable
    override fun Content(stay: Stay) = EditContent(stay, Editing.Existing(stay.route.id)) { stay.back() }
}

@Composable
private fun EditContent(stay: Stay, editing: Editing, onSaved: (String) -> Unit) {
    val attachments = stay.model("files") { scope -> Attachments(stay.person, stay.ports.files, stay.ports.previews, scope) }
    val model = stay.model { scope -> EditModel(stay.person, editing, attachments, scope) }
    val state by model.state.collectAsState()
    LaunchedEffect(model) { stay.holdBack(model::askToLeave) }
    LaunchedEffect(state.saved) { state.saved?.let(onSaved) }
    LaunchedEffect(state.left) { if (state.left) stay.back() }
    val words = LocalWords.current
    EditScreen(
        state,
        EditActs(
            onBack = stay.wayBack,
            onType = model::type,
            onAdd = model::add,
            onRemove = model::remove,
            onLabels = model::label,
            onAttach = { attachments.choose(words("edit.files.choose")) },
            onDetach = attachments::remove,
            onSave = { model.save() },
            onSaveAnyway = { model.save(anyway = true) },
            onStay = model::stay,
            onGiveUp = model::giveUp,
        ),
    )
}

/** What can be done with a form. */
class EditActs(
    val onBack: (() -> Unit)? = null,
    val onType: (Place, Entry) -> Unit = { _, _ -> },
    val onAdd: (Place) -> Unit = {},
    val onRemove: (Place) -> Unit = {},
    val onLabels: (Labels) -> Unit = {},
    val onAttach: () -> Unit = {},
    val onDetach: (Attached) -> Unit = {},
    val onSave: () -> Unit = {},
    val onSaveAnyway: () -> Unit = {},
    val onStay: () -> Unit = {},
    val onGiveUp: () -> Unit = {},
)

@Composable
fun EditScreen(state: EditState, acts: EditActs) {
    val words = LocalWords.current
    val form = state.form.valueOrNull
    Screen(
        form?.let { words.kind(it.type.uri) } ?: words("edit.title"),
        acts.onBack,
        acts = form?.let {
            {
                val text = if (state.saving) words("edit.saving") else words("edit.save")
                PrimaryButton(text, acts.onSave, Modifier.fillMaxWidth(), enabled = !state.saving)
            }
        },
    ) {
        Refusal(state, acts)
        if (state.restored && state.problem == null) Banner(BannerKind.INFO, words("edit.restored"))
        Loaded(state.form) { shown ->
            Members(shown.rule, shown.root, emptyList(), Editors(state.problems, acts))
            LabelsEditor(state.labels, state.areas, acts.onLabels)
            Files(state.files, state.sender, acts)
        }
    }
    if (state.askingToLeave) {
        Question(
            words("edit.leave.title"),
            words("edit.leave.text"),
            words("edit.leave.yes"),
            acts.onGiveUp,
            acts.onStay,
            no = words("edit.leave.no"),
            danger = true,
        )
    }
}

/** Why it wasn't saved, and what can be done. */
@Composable
private fun Refusal(state: EditState, acts: EditActs) {
    val words = LocalWords.current
    val problem = state.problem ?: return
    Banner(
        BannerKind.ERROR,
        words.sentence(problem),
        text = words.wayForward(problem),
        acts = if (state.refused) ({ PlainButton(words("edit.anyway"), acts.onSaveAnyway) }) else null,
    )
}

/** Files that go with the record. Those of a record that somebody sent are theirs, and stay. */
@Composable
private fun Files(files: AttachState, sender: String?, acts: EditActs) {
    val words = LocalWords.current
    SectionHeading(words("edit.files"))
    if (sender != null) Text(words("edit.files.sent", "sender" to sender), style = MaterialTheme.typography.bodyMedium)
    if (files.files.isNotEmpty()) {
        Card {
            files.files.forEach { attached ->
                Row(
                    Modifier.fillMaxWidth(),
                    Arrangement.spacedBy(Space.small),
                    Alignment.CenterVertically,
                ) {
                    Column(Modifier.weight(1f)) {
                        Text(attached.file.name, style = MaterialTheme.typography.titleSmall)
                        Text(words.bytes(attached.file.size.toLong()), style = MaterialTheme.typography.bodySmall)
                    }
                    if (sender == null) {
                        IconAct(Icons.Trash, words("edit.files.remove", "file" to attached.file.name), { acts.onDetach(attached) })
                    }
                }
            }
        }
    }
    if (sender != null) return
    files.working?.let { Loaded(it, loading = words("edit.files.working")) {} }
    SecondaryButton(words("edit.files.add"), acts.onAttach, icon = Icons.Plus)
}
