package org.kist.wallet.record

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import org.kist.ConflictKind
import org.kist.StoredFile
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.Chip
import org.kist.wallet.design.Field
import org.kist.wallet.design.Icons
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.LocalTone
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Question
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.TickRow
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.state.valueOrNull

/** A record; its id is that of the route. */
object RecordDestination : Destination("record") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> RecordModel(stay.person, stay.route.id, scope) }
        val files = stay.model("files") { scope -> FilesModel(stay.person, stay.ports.files, stay.ports.previews, scope) }
        val state by model.state.collectAsState()
        val filesState by files.state.collectAsState()
        LaunchedEffect(model) { model.look() }
        LaunchedEffect(state.gone) { if (state.gone) stay.back() }
        LaunchedEffect(state.content) { state.content.valueOrNull?.let { files.look(it.record.files) } }
        val words = LocalWords.current
        RecordScreen(
            state,
            filesState,
            RecordActs(
                onBack = stay.wayBack,
                onCorrect = stay.wayTo("correct", stay.route.id),
                onVersions = stay.wayTo("versions", stay.route.id),
                onSettle = stay.wayTo("settle", stay.route.id),
                onRecord = { stay.wayTo("record", it) },
                onFavour = model::favour,
                onConfirm = model::confirm,
                onTrash = model::trash,
                onRestore = model::restore,
                onAskToDelete = model::askToDelete,
                onDelete = model::delete,
                onWriteNote = model::writeNote,
                onTypeNote = model::typeNote,
                onDropNote = model::dropNote,
                onKeepNote = model::keepNote,
                canOpen = files::canOpen,
                onOpen = files::open,
                onClose = files::close,
                onSave = { files.save(it, words("record.file.save")) },
            ),
        )
    }
}

/** What can be done with a record; null where it can't be. */
class RecordActs(
    val onBack: (() -> Unit)? = null,
    val onCorrect: (() -> Unit)? = null,
    val onVersions: (() -> Unit)? = null,
    val onSettle: (() -> Unit)? = null,
    val onRecord: (String) -> (() -> Unit)? = { null },
    val onFavour: (Boolean) -> Unit = {},
    val onConfirm: (String?) -> Unit = {},
    val onTrash: () -> Unit = {},
    val onRestore: () -> Unit = {},
    val onAskToDelete: (Boolean) -> Unit = {},
    val onDelete: () -> Unit = {},
    val onWriteNote: () -> Unit = {},
    val onTypeNote: (String) -> Unit = {},
    val onDropNote: () -> Unit = {},
    val onKeepNote: () -> Unit = {},
    val canOpen: (StoredFile) -> Boolean = { false },
    val onOpen: (StoredFile) -> Unit = {},
    val onClose: () -> Unit = {},
    val onSave: (StoredFile) -> Unit = {},
)

@Composable
fun RecordScreen(state: RecordState, files: FilesState, acts: RecordActs) {
    val words = LocalWords.current
    val content = state.content.valueOrNull
    val record = content?.record
    Screen(
        record?.let { words.kind(it.schema) } ?: words("record.title"),
        acts.onBack,
        acts = acts.onCorrect?.takeIf { record != null && !record.trashed && !record.replaced }?.let { correct ->
            { PrimaryButton(words("record.correct"), correct, Modifier.fillMaxWidth(), Icons.Edit) }
        },
    ) {
        state.problem?.let { ProblemBanner(it) }
        state.notice?.let { Banner(BannerKind.SUCCESS, words("record.notice.${it.name.lowercase()}")) }
        Loaded(state.content) { shown ->
            Standing(shown, acts)
            state.conflict?.let { Unsettled(it, acts) }
            FieldsCards(shown, acts.onConfirm)
            if (shown.record.tags.isNotEmpty()) Labels(shown.record.tags)
            if (shown.record.files.isNotEmpty()) FilesCard(shown.record.files, files, acts)
            Note(shown, state.note, acts)
            Rest(shown, acts)
        }
    }
    files.open?.let { FileSheet(it, acts) }
    if (state.askingToDelete) {
        Question(
            words("record.delete.title"),
            words("record.delete.text"),
            words("record.delete.yes"),
            acts.onDelete,
            { acts.onAskToDelete(false) },
            danger = true,
        )
    }
}

/** Where the record is, if it is out of sight. */
@Composable
private fun Standing(content: RecordContent, acts: RecordActs) {
    val words = LocalWords.current
    val trashed = content.marks.trashedMs
    val replacedBy = content.marks.replacedBy
    if (trashed != null) {
        Banner(
            BannerKind.WARNING,
            words("record.trashed", "day" to words.dayOfMs(trashed)),
            acts = {
                ChipRow {
                    PlainButton(words("record.restore"), acts.onRestore)
                    PlainButton(words("record.delete"), { acts.onAskToDelete(true) })
                }
            },
        )
    } else if (replacedBy != null) {
        Banner(
            BannerKind.INFO,
            words("record.replaced"),
            acts = {
                ChipRow {
                    acts.onRecord(replacedBy)?.let { PlainButton(words("record.replaced.see"), it) }
                    PlainButton(words("record.restore"), acts.onRestore)
                }
            },
        )
    }
}

@Composable
private fun Unsettled(kind: ConflictKind, acts: RecordActs) {
    val words = LocalWords.current
    Banner(
        BannerKind.WARNING,
        words.conflict(kind),
        text = words("record.conflict.text"),
        acts = acts.onSettle?.let { settle -> { PlainButton(words("record.settle"), settle) } },
    )
}

/** What several records, or versions of one, have to do with each other. */
fun Words.conflict(kind: ConflictKind): String = when (kind) {
    ConflictKind.DUPLICATES -> this("record.conflict.duplicates")
    ConflictKind.DIFFERING -> this("record.conflict.differing")
    ConflictKind.VERSIONS -> this("record.conflict.versions")
}

@Composable
private fun Labels(tags: List<String>) {
    SectionHeading(LocalWords.current("record.labels"))
    ChipRow { tags.forEach { Chip(it) } }
}

/** The person's own note, shown or being written. */
@Composable
private fun Note(content: RecordContent, typed: String?, acts: RecordActs) {
    val words = LocalWords.current
    val note = content.marks.note
    when {
        typed != null -> {
            Field(words("record.note"), typed, acts.onTypeNote, hint = words("record.note.hint"), lines = 3)
            SecondaryButton(words("record.note.keep"), acts.onKeepNote)
            PlainButton(words("act.cancel"), acts.onDropNote)
        }
        note.isNotEmpty() -> {
            SectionHeading(words("record.note"))
            Card {
                Text(note, style = MaterialTheme.typography.bodyLarge)
                PlainButton(words("record.note.change"), acts.onWriteNote, icon = Icons.Edit)
            }
        }
        else -> PlainButton(words("record.note.add"), acts.onWriteNote, icon = Icons.Plus)
    }
}

/** What else can be done. */
@Composable
private fun Rest(content: RecordContent, acts: RecordActs) {
    val words = LocalWords.current
    val record = content.record
    SectionHeading(words("record.more"))
    Card {
        TickRow(words("record.favourite"), content.marks.favourite, acts.onFavour, detail = words("record.favourite.detail"))
        ListRow(words("record.confirm.all"), detail = words("record.confirm.detail"), icon = Icons.Check, onClick = { acts.onConfirm(null) })
        acts.onVersions?.let {
            ListRow(words("record.versions"), detail = words("record.versions.count", "count" to record.revision.toInt()), icon = Icons.History, onClick = it)
        }
        if (!record.trashed) ListRow(words("record.trash"), detail = words("record.trash.detail"), icon = Icons.Trash, onClick = acts.onTrash)
    }
    Text(
        words("record.since", "day" to words.dayOfMs(record.createdMs)),
        style = MaterialTheme.typography.bodySmall,
        color = LocalTone.current.quiet,
    )
}
