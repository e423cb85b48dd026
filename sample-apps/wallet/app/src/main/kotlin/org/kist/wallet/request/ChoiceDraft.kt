package org.kist.wallet.request

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.kist.Person
import org.kist.wallet.state.Drafts

/** What was chosen of a request that isn't decided yet. */
class ChoiceDraft(person: Person, request: String) {
    private val drafts = Drafts(person, of = "request $request")

    /** What was chosen before the app was shut. */
    suspend fun find(): Choosing = drafts.find()?.let(::choosingOf) ?: Choosing()

    /** Keeps what is chosen now. */
    suspend fun keep(choosing: Choosing) = drafts.keep(draftOf(choosing))

    /** Forgets it: it is decided, or over. */
    suspend fun drop() = drafts.drop()
}

private fun draftOf(choosing: Choosing): JsonElement = buildJsonObject {
    put("ticked", JsonArray(choosing.ticked.map(::JsonPrimitive)))
    put("records", JsonObject(choosing.records.mapValues { JsonPrimitive(it.value) }))
    put("options", JsonObject(choosing.options.entries.associate { "${it.key}" to JsonPrimitive(it.value) }))
    put("taken", JsonPrimitive(choosing.taken))
    put("remember", JsonPrimitive(choosing.remember.name))
}

private fun choosingOf(draft: JsonElement): Choosing = with(draft.jsonObject) {
    Choosing(
        getValue("ticked").jsonArray.map { it.jsonPrimitive.content }.toSet(),
        getValue("records").jsonObject.mapValues { it.value.jsonPrimitive.content },
        getValue("options").jsonObject.entries.associate { it.key.toInt() to it.value.jsonPrimitive.int },
        getValue("taken").jsonPrimitive.boolean,
        Remember.valueOf(getValue("remember").jsonPrimitive.content),
    )
}
