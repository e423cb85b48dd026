package org.kist.wallet.edit

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.kist.Person
import org.kist.RecordFilter
import org.kist.RecordPlace

/** The kind of record that a draft is kept as; lists leave it out. */
const val DRAFT = "urn:kist:wallet:draft:1"

/**
 * What was typed and not saved yet, of one form. It lies in the store, encrypted as all there is, and in the trash, so that no
 * list and no search shows it: an app that locks or is killed in the middle comes back to what was typed.
 */
class Drafts(private val person: Person, private val of: String) {
    private var id: String? = null

    /** What was left; null where nothing was. */
    suspend fun find(): JsonElement? {
        val drafts = person.records.list(RecordFilter(schemas = listOf(DRAFT), place = RecordPlace.TRASH))
        for (draft in drafts) {
            val body = Json.parseToJsonElement(person.records.get(draft.id).body).jsonObject
            if ((body["of"] as? JsonPrimitive)?.contentOrNull != of) continue
            id = draft.id
            return body["form"]
        }
        return null
    }

    /** Keeps what is typed now. */
    suspend fun keep(form: JsonElement) {
        val body = buildJsonObject {
            put("of", JsonPrimitive(of))
            put("form", form)
        }
        val there = id
        if (there != null) {
            person.records.correct(there, body, keepViolations = true)
        } else {
            val draft = person.records.add(DRAFT, body)
            id = draft.id
            person.curation.trash(draft.id)
        }
    }

    /** Forgets it: it was saved, or given up. */
    suspend fun drop() {
        id?.let { person.records.delete(it) }
        id = null
    }
}

/** A form with its labels, as a draft keeps them. */
fun draftOf(form: Form, labels: Labels): JsonElement = buildJsonObject {
    put("root", draftOf(form.root))
    put("area", JsonPrimitive(labels.area))
    put("tags", JsonPrimitive(labels.tags))
}

/** The labels that a draft has. */
fun labelsOfDraft(draft: JsonElement): Labels {
    fun word(name: String) = draft.jsonObject[name]?.jsonPrimitive?.content.orEmpty()
    return Labels(word("area"), word("tags"))
}
