package org.kist.wallet.language

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

/** A sentence with `{named}` places; one text for each plural form where its place `{count}` decides about the others. */
internal sealed interface Sentence {
    /** The same for every number. */
    data class Plain(val text: String) : Sentence

    /** By plural form; `other` is always there. */
    data class ByCount(val forms: Map<String, String>) : Sentence
}

/** The sentences of one room in one language: `LANGUAGE/ROOM.json`. */
internal class Catalogue(val sentences: Map<String, Sentence>) {
    companion object {
        /** The room's file in this language; null where it has none. */
        fun read(language: Language, room: String): Catalogue? {
            val file = Catalogue::class.java.getResource("${language.tag}/$room.json") ?: return null
            return parse(file.readText())
        }

        internal fun parse(text: String) = Catalogue(
            Json.parseToJsonElement(text).jsonObject.mapValues { (_, value) ->
                when (value) {
                    is JsonObject -> Sentence.ByCount(value.mapValues { it.value.jsonPrimitive.content })
                    is JsonPrimitive -> Sentence.Plain(value.content)
                    else -> error("a sentence is a text or an object of plural forms")
                }
            },
        )
    }
}
