package org.kist.wallet.edit

import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

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
