package org.kist

import kotlinx.serialization.json.JsonObject
import org.kist.generated.Person as CorePerson

/** What the person keeps: collect, correct, search, delete. */
class Records internal constructor(private val core: CorePerson) {
    /** Adds what the person typed, in the part of life that its schema belongs to. `RecordInvalid` with the field. */
    suspend fun add(schema: String, body: JsonObject): Record =
        addAll(listOf(NewRecord(schema = schema, body = body.toString()))).single()

    /** Adds records, all or none; much quicker than one by one. */
    suspend fun addAll(drafts: List<NewRecord>): List<Record> = cancellable { core.addRecords(drafts, it) }

    /** Corrects a record: a new revision, typed by the person. Earlier ones are kept. */
    suspend fun correct(id: String, body: JsonObject): Record =
        cancellable { core.correctRecord(id, body.toString(), it) }

    /** A record at its current revision. */
    suspend fun get(id: String): Record = cancellable { core.record(id, it) }

    /** All revisions of a record, oldest first. */
    suspend fun revisions(id: String): List<Record> = cancellable { core.recordRevisions(id, it) }

    /** Records that the filter lets through, the last written first. */
    suspend fun list(filter: RecordFilter = RecordFilter()): List<RecordSummary> =
        cancellable { core.listRecords(filter.toCore(), it) }

    /** Finds records that have every word of [text], the last as the beginning of a word. Best first. */
    suspend fun search(text: String, filter: RecordFilter = RecordFilter(), limit: Int = 50): List<SearchHit> =
        cancellable { core.searchRecords(text, filter.toCore(), limit.toUInt(), it) }

    /** Deletes a record with all its revisions and its files. */
    suspend fun delete(id: String) = cancellable { core.deleteRecord(id, it) }

    /** Imports a file of vCards, all or none. */
    suspend fun importVcard(bytes: ByteArray, owner: CardOwner): ImportReport =
        cancellable { core.importVcard(bytes, owner, it) }

    /** Imports a JSON object or an array of them, each a record of [schema]; all or none. */
    suspend fun importJson(bytes: ByteArray, schema: String? = null): ImportReport =
        cancellable { core.importJson(bytes, schema, it) }

    /** The types of record that this build knows. */
    fun schemas(): List<SchemaInfo> = translating { core.schemas() }
}
