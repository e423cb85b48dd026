package org.kist

import java.nio.file.Path
import kotlinx.coroutines.flow.Flow
import kotlinx.serialization.json.JsonObject
import org.kist.generated.ImportPreview as CorePreview
import org.kist.generated.Person as CorePerson

/** What the person keeps: collect, correct, search, delete. */
class Records internal constructor(private val core: CorePerson) {
    /** Adds what the person typed, in the part of life that its schema belongs to. `RecordInvalid` with the field. */
    suspend fun add(schema: String, body: JsonObject): Record =
        addAll(listOf(NewRecord(schema = schema, body = body.toString()))).single()

    /** Adds records, all or none; much quicker than one by one. */
    suspend fun addAll(drafts: List<NewRecord>): List<Record> = cancellable { core.addRecords(drafts, it) }

    /**
     * Corrects a record: a new revision, typed by the person. Earlier ones are kept. What breaks its schema is refused,
     * unless the person keeps it: [keepViolations].
     */
    suspend fun correct(id: String, body: JsonObject, keepViolations: Boolean = false): Record =
        edit(id, RecordEdit(body.toString(), keepViolations = keepViolations))

    /**
     * Writes what the person changed about a record, its labels and files included, as one new revision; an edit that changes
     * nothing writes none. Labels and files leave what it says, and whose word that is, as they are. `DeliveredFiles` where
     * somebody delivered the record and its files would be others than came with it.
     */
    suspend fun edit(id: String, edit: RecordEdit): Record = cancellable { core.editRecord(id, edit, it) }

    /** A record at its current revision. */
    suspend fun get(id: String): Record = cancellable { core.record(id, it) }

    /** All revisions of a record, oldest first. */
    suspend fun revisions(id: String): List<Record> = cancellable { core.recordRevisions(id, it) }

    /** Records that the filter lets through, the last written first. */
    suspend fun list(filter: RecordFilter = RecordFilter()): List<RecordSummary> =
        cancellable { core.listRecords(filter.toCore(), it) }

    /**
     * One page of [list], of [limit] records: the first, or the one that a page before it named as its `next`. A long list is
     * read page by page; what is written meanwhile stands on a first page that is asked anew.
     */
    suspend fun page(filter: RecordFilter = RecordFilter(), page: String? = null, limit: Int = 100): RecordPage =
        cancellable { core.listRecordsPage(filter.toCore(), page, limit.toUInt(), it) }

    /** How many records in sight there are of each part of life, schema, label and source: what a filter can ask for. */
    suspend fun facets(): Facets = cancellable { core.recordFacets(it) }

    /** Finds records that have every word of [text], the last as the beginning of a word. Best first. */
    suspend fun search(text: String, filter: RecordFilter = RecordFilter(), limit: Int = 50): List<SearchHit> =
        cancellable { core.searchRecords(text, filter.toCore(), limit.toUInt(), it) }

    /** Deletes a record with all its revisions and its files. */
    suspend fun delete(id: String) = cancellable { core.deleteRecord(id, it) }

    /** Reads a file or folder of another program; nothing is written until the preview is taken. */
    suspend fun previewImport(from: Path, how: ImportHow = ImportHow()): ImportPreview =
        ImportPreview(cancellable { core.previewImport(from.toString(), how, it) })

    /** Reads bytes that the app has, with their file's name. */
    suspend fun previewImport(name: String?, bytes: ByteArray, how: ImportHow = ImportHow()): ImportPreview =
        ImportPreview(cancellable { core.previewImportOfBytes(name, bytes, how, it) })

    /** Imports a file of vCards at once: what the store doesn't have yet. */
    suspend fun importVcard(bytes: ByteArray, owner: CardOwner): ImportReport =
        cancellable { core.importVcard(bytes, owner, it) }

    /** Imports a JSON object, an array of them, or one a line, each a record of [schema], at once. */
    suspend fun importJson(bytes: ByteArray, schema: String? = null): ImportReport =
        cancellable { core.importJson(bytes, schema, it) }

    /** The types of record that this build knows. */
    fun schemas(): List<SchemaInfo> = translating { core.schemas() }
}

/** An import that was read and waits for the person's choice. */
class ImportPreview internal constructor(private val core: CorePreview) : AutoCloseable {
    /** What would be taken and what not. */
    fun plan(): ImportPlan = translating { core.plan() }

    /**
     * Takes the records but for those at the places [without] of the plan, once; with [again] those too that are there
     * already. Cancelled, the batch under way is rolled back; importing the same source again takes what is missing.
     */
    fun take(without: Collection<Int> = emptyList(), again: Boolean = false): Flow<Work<ImportReport>> =
        work { listener, handle -> core.take(without.map { it.toULong() }, again, listener, handle) }

    override fun close() = core.close()
}
