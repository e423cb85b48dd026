package org.kist.wallet.record

import java.time.LocalDate
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.serialization.json.JsonElement
import org.kist.ConflictKind
import org.kist.FieldDetail
import org.kist.Marks
import org.kist.Person
import org.kist.Provenance
import org.kist.Record
import org.kist.Violation
import org.kist.expiredOn
import org.kist.json
import org.kist.staleSince
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Outcome
import org.kist.wallet.state.Problem
import org.kist.wallet.state.attempt
import org.kist.wallet.state.lookAgain
import org.kist.wallet.state.valueOrNull

/** A record with all that is known of it. */
data class RecordContent(
    val record: Record,
    val marks: Marks,
    val fields: List<ShownField>,
    /** Its kind; null where no schema describes it. */
    val type: RecordType?,
)

/** A field of a record, as it is shown. */
data class ShownField(
    /** A JSON pointer. */
    val member: String,
    val value: JsonElement,
    val provenance: Provenance,
    /** When the value came to be in the record, Unix milliseconds. */
    val sinceMs: Long,
    /** When the person last said that it is still right, Unix milliseconds. */
    val confirmedMs: Long? = null,
    /** Since when the person should confirm it; null where it can be taken to be right. */
    val staleSince: LocalDate? = null,
    /** When it ended; null where it is no date to be reminded of, or still comes. */
    val expiredOn: LocalDate? = null,
    val violations: List<Violation> = emptyList(),
) {
    companion object {
        fun of(field: FieldDetail) = ShownField(
            field.member, field.json, field.provenance, field.sinceMs, field.confirmedMs, field.staleSince, field.expiredOn, field.violations,
        )
    }
}

/** What was done, to be said once. */
enum class RecordNotice { CONFIRMED, RESTORED, NOTE_KEPT }

/** What the screen of a record shows. */
data class RecordState(
    val content: Loadable<RecordContent> = Loadable.Loading(),
    /** What there is to settle between this record and others. */
    val conflict: ConflictKind? = null,
    /** The note that is being written; null while it is only shown. */
    val note: String? = null,
    val notice: RecordNotice? = null,
    /** What an act came to, where it failed. */
    val problem: Problem? = null,
    /** The person is asked whether it shall go for good. */
    val askingToDelete: Boolean = false,
    /** It was put away or deleted: there is nothing to show any more. */
    val gone: Boolean = false,
)

/** One record: looked at, marked, put away and brought back. */
class RecordModel(private val person: Person, private val id: String, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(RecordState())
    val state: StateFlow<RecordState> = states.asStateFlow()

    /** Looks at it anew; called whenever it is shown. */
    fun look() = look(null)

    /** Looks at it anew, and says what was done together with what it came to. */
    private fun look(notice: RecordNotice?) {
        scope.lookAgain({ states.value.content }, { found ->
            states.update { it.copy(content = found, notice = notice ?: it.notice) }
        }) { content() }
        scope.launch {
            // What there is to settle can take a moment in a large store, and nothing waits for it.
            val conflicts = (attempt { person.curation.conflicts() } as? Outcome.Done)?.value.orEmpty()
            val own = conflicts.firstOrNull { conflict -> conflict.sides.any { it.id.record == id } }
            states.update { it.copy(conflict = own?.kind) }
        }
    }

    /** Makes it a favourite, or no longer one. */
    fun favour(favourite: Boolean) = act { person.curation.setFavourite(id, favourite) }

    /** The person says that a member is still right, or all of it. */
    fun confirm(member: String? = null) = act(RecordNotice.CONFIRMED) { person.curation.confirm(id, member) }

    /** Puts it into the trash. */
    fun trash() = leave { person.curation.trash(id) }

    /** Brings it back from the trash, or from behind the record that replaces it. */
    fun restore() = act(RecordNotice.RESTORED) { person.curation.restore(id) }

    fun askToDelete(asking: Boolean) = states.update { it.copy(askingToDelete = asking) }

    /** Deletes it with its history and its files. */
    fun delete() {
        askToDelete(false)
        leave { person.records.delete(id) }
    }

    /** Begins to write the note. */
    fun writeNote() = states.update { it.copy(note = it.content.valueOrNull?.marks?.note.orEmpty()) }

    fun typeNote(text: String) = states.update { it.copy(note = text, problem = null) }

    fun dropNote() = states.update { it.copy(note = null, problem = null) }

    /** Keeps the note; what couldn't be kept stays in the field. */
    fun keepNote() {
        val note = states.value.note ?: return
        act(RecordNotice.NOTE_KEPT) {
            person.curation.setNote(id, note)
            states.update { it.copy(note = null) }
        }
    }

    private fun act(notice: RecordNotice? = null, call: suspend () -> Unit) {
        states.update { it.copy(problem = null, notice = null) }
        scope.launch {
            when (val outcome = attempt(call)) {
                is Outcome.Done -> look(notice)
                is Outcome.Failed -> states.update { it.copy(problem = outcome.problem) }
            }
        }
    }

    private fun leave(call: suspend () -> Unit) {
        states.update { it.copy(problem = null) }
        scope.launch {
            when (val outcome = attempt(call)) {
                is Outcome.Done -> states.update { it.copy(gone = true) }
                is Outcome.Failed -> states.update { it.copy(problem = outcome.problem) }
            }
        }
    }

    private suspend fun content(): RecordContent {
        val record = person.records.get(id)
        return RecordContent(record, person.curation.marks(id), person.curation.fields(id).map(ShownField::of), person.typeOf(record.schema))
    }
}

/** The kind of record with this URI; null where no schema describes it. */
suspend fun Person.typeOf(uri: String): RecordType? = withContext(Dispatchers.Default) {
    records.schemas().firstOrNull { it.uri == uri }?.let(RecordType::of)
}
