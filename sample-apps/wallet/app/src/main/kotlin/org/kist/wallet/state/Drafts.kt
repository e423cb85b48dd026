package org.kist.wallet.state

import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.jsonObject
import org.kist.Person
import org.kist.RecordFilter
import org.kist.RecordPlace

/** The kind of record that a draft is kept as; lists leave it out. */
const val DRAFT = "urn:kist:wallet:draft:1"

/**
 * What was typed or chosen and isn't done with yet, of one form or request. It lies in the store, encrypted as all there is, and
 * in the trash, so that no list and no search shows it: an app that locks or is killed in the middle comes back to it.
 */
class Drafts(private val person: Person, private val of: String) {
    private val oneAtATime = Mutex()
    private var id: String? = null
    private var looked = false

    /** What was left; null where nothing was. */
    suspend fun find(): JsonElement? = oneAtATime.withLock { id()?.let { body(it)["form"] } }

    /** Keeps what is there now. */
    suspend fun keep(form: JsonElement) = oneAtATime.withLock {
        // What came after this has taken its place.
        currentCoroutineContext().ensureActive()
        val body = buildJsonObject {
            put("of", JsonPrimitive(of))
            put("form", form)
        }
        val there = id()
        if (there != null) person.records.correct(there, body, keepViolations = true) else add(body)
    }

    /** Forgets it: it is done with, or given up. */
    suspend fun drop() = oneAtATime.withLock {
        id()?.let { person.records.delete(it) }
        id = null
    }

    private suspend fun add(body: JsonObject) {
        // Where this ends half-way, there may be one.
        looked = false
        val draft = person.records.add(DRAFT, body)
        person.curation.trash(draft.id)
        id = draft.id
        looked = true
    }

    private suspend fun id(): String? {
        if (!looked) {
            val drafts = person.records.list(RecordFilter(schemas = listOf(DRAFT), place = RecordPlace.ANYWHERE))
            val draft = drafts.firstOrNull { (body(it.id)["of"] as? JsonPrimitive)?.contentOrNull == of }
            // An app that was killed between the two steps left it in sight.
            if (draft?.trashed == false) person.curation.trash(draft.id)
            id = draft?.id
            looked = true
        }
        return id
    }

    private suspend fun body(draft: String): JsonObject = Json.parseToJsonElement(person.records.get(draft).body).jsonObject
}
