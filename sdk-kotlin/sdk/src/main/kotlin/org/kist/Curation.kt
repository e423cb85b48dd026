package org.kist

import java.time.LocalDate
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import org.kist.generated.FieldFreshness
import org.kist.generated.FormAnswer
import org.kist.generated.Person as CorePerson
import org.kist.generated.Settlement as CoreSettlement

/**
 * What the person does with records besides writing them: sources, marks, the trash, conflicts, forms, and what becomes of
 * reminders ([Person.reminders]). Members are JSON pointers, such as `/postal_code`.
 */
class Curation internal constructor(private val core: CorePerson) {
    /** The fields of a record, each with its source, date, verification, freshness and what breaks its schema. */
    suspend fun fields(id: String): List<FieldDetail> = cancellable { core.recordFields(id, it) }

    /** Everything in a record that breaks its schema: what the person kept all the same, and what came from elsewhere. */
    suspend fun violations(id: String): List<Violation> = cancellable { core.recordViolations(id, it) }

    /** Every revision of a record with what it changed, oldest first. */
    suspend fun changes(id: String): List<RecordChange> = cancellable { core.recordChanges(id, it) }

    /** The marks on a record: favourite, note, trash, and what replaces it. */
    suspend fun marks(id: String): Marks = cancellable { core.recordMarks(id, it) }

    /** Makes a record a favourite, or no longer one. */
    suspend fun setFavourite(id: String, favourite: Boolean) = cancellable { core.setFavourite(id, favourite, it) }

    /** Sets the person's note on a record; an empty one removes it. `TooLarge` above 16 KiB. */
    suspend fun setNote(id: String, note: String) = cancellable { core.setNote(id, note, it) }

    /** The person says that a member is still right, or the whole record where none is named. */
    suspend fun confirm(id: String, member: String? = null) = cancellable { core.confirmRecord(id, member, it) }

    /** Records with a value that the person should confirm; the longest first. */
    suspend fun stale(limit: Int = 50): List<StaleRecord> = cancellable { core.staleRecords(limit.toUInt(), it) }

    /** Puts a record into the trash: lists and searches leave it out until it is restored. */
    suspend fun trash(id: String) = cancellable { core.trashRecord(id, it) }

    /** Brings a record back that is in the trash, or replaced by another. */
    suspend fun restore(id: String) = cancellable { core.restoreRecord(id, it) }

    /** Deletes for good what is in the trash, or what has been there for [olderThanDays]; gives how many records. */
    suspend fun emptyTrash(olderThanDays: Int? = null): ULong =
        cancellable { core.emptyTrash(olderThanDays?.toUInt(), it) }

    /** Everything that the person could settle, laid side by side. */
    suspend fun conflicts(): List<Conflict> = cancellable { core.conflicts(it) }

    /**
     * Settles a conflict as the person chose. What was not chosen stays: out of sight, to be restored, or in the history.
     * `NotFound` where it is not what it was when the person looked.
     */
    suspend fun settle(conflict: Conflict, choice: Settlement) =
        cancellable { core.settle(conflict.sides.map { side -> side.id }, choice.toCore(), it) }

    /** Puts off a reminder until a day. */
    suspend fun snooze(reminder: Reminder, until: LocalDate) =
        cancellable { core.snoozeReminder(reminder.record, reminder.member, until.toString(), it) }

    /** Ends a reminder, until there is another date in the record. */
    suspend fun dismiss(reminder: Reminder) = cancellable { core.dismissReminder(reminder.record, reminder.member, it) }

    /** Fills a form with what the store has, and counts what needed no typing. */
    suspend fun fill(form: List<FormField>): FilledForm = cancellable { core.fillForm(form, it) }

    /**
     * Keeps what the person answered, by the fields' names, where the store has something else or nothing; nothing is
     * overwritten. Gives the records written.
     */
    suspend fun keepAnswers(form: List<FormField>, answers: Map<String, JsonElement>): List<String> =
        cancellable { core.keepAnswers(form, answers.map { (name, value) -> FormAnswer(name, value.toString()) }, it) }
}

/** What the person chose of a [Conflict]. */
sealed interface Settlement {
    /** This side is right: the others are replaced by it. */
    data class Take(val side: SideId) : Settlement

    /** This side is right, with some members as they are on other sides; the others are replaced by it. */
    data class Merge(val into: SideId, val members: List<MemberChoice>) : Settlement

    /** All are right, as records of their own: nothing is asked until one of them says something else. */
    data object AllRight : Settlement
}

private fun Settlement.toCore(): CoreSettlement = when (this) {
    is Settlement.Take -> CoreSettlement.Take(side)
    is Settlement.Merge -> CoreSettlement.Merge(into, members)
    Settlement.AllRight -> CoreSettlement.AllRight
}

/** The person should confirm the value since this day; null where it can be taken to be right. */
val FieldDetail.staleSince: LocalDate? get() = (freshness as? FieldFreshness.Stale)?.let { LocalDate.parse(it.since) }

/** The value is a date to be reminded of, and has passed; else null. */
val FieldDetail.expiredOn: LocalDate? get() = (freshness as? FieldFreshness.Expired)?.let { LocalDate.parse(it.on) }

/** The value, read. */
val FieldDetail.json: JsonElement get() = Json.parseToJsonElement(value)
