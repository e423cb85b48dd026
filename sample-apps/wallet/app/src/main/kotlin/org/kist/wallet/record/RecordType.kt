package org.kist.wallet.record

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.doubleOrNull
import kotlinx.serialization.json.intOrNull
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.kist.SchemaInfo

/** A kind of record as its schema describes it: what is shown and typed is made from this alone. */
class RecordType(
    val uri: String,
    /** The part of life that its records belong to. */
    val area: String,
    /** In the order of a form. */
    val members: List<Member>,
) {
    /** The rule for what a JSON pointer leads to; null where the schema says nothing of it. */
    fun rule(pointer: String): Rule? {
        val names = pointer.split('/').drop(1)
        return names.fold<String, Rule?>(Rule.Group(members)) { rule, name -> (rule as? Rule.Group)?.member(name)?.rule }
    }

    companion object {
        /** Reads what the core gives of a schema. */
        fun of(info: SchemaInfo): RecordType {
            val schema = Json.parseToJsonElement(info.schema).jsonObject
            return RecordType(info.uri, info.area, members(schema))
        }

        private fun members(schema: JsonObject): List<Member> {
            val required = schema.names("required").toSet()
            val properties = schema["properties"]?.jsonObject.orEmpty()
            val order = schema.names("x-kist-order")
            return properties.entries
                .sortedBy { (name, _) -> order.indexOf(name).takeIf { it >= 0 } ?: order.size }
                .map { (name, member) -> Member(name, rule(member.jsonObject), name in required) }
        }

        private fun rule(schema: JsonObject): Rule = when (schema["type"]?.jsonPrimitive?.contentOrNull) {
            "object" -> Rule.Group(members(schema))
            "array" -> Rule.Many(rule(schema["items"]?.jsonObject ?: JsonObject(emptyMap())), schema.int("maxItems"))
            "boolean" -> Rule.YesOrNo
            "integer", "number" -> Rule.Number(
                schema.word("type") == "integer",
                schema["minimum"]?.jsonPrimitive?.doubleOrNull,
                schema["maximum"]?.jsonPrimitive?.doubleOrNull,
            )
            else -> {
                val choices = schema.names("enum")
                if (choices.isNotEmpty()) {
                    Rule.Choice(choices)
                } else {
                    Rule.Text(TextFormat.of(schema.word("format")), schema.int("minLength") ?: 0, schema.int("maxLength"))
                }
            }
        }

        private fun JsonObject.names(name: String): List<String> =
            (this[name] as? JsonArray).orEmpty().mapNotNull { it.jsonPrimitive.contentOrNull }

        private fun JsonObject.word(name: String): String? = this[name]?.jsonPrimitive?.contentOrNull

        private fun JsonObject.int(name: String): Int? = this[name]?.jsonPrimitive?.intOrNull
    }
}

/** A member of a record. */
data class Member(val name: String, val rule: Rule, val required: Boolean)

/** What a member may hold. */
sealed interface Rule {
    /** Words, within bounds of their length in characters. */
    data class Text(val format: TextFormat, val least: Int, val most: Int?) : Rule

    /** One of these words, which stand in the catalogue of choices. */
    data class Choice(val choices: List<String>) : Rule

    /** A number. */
    data class Number(val whole: Boolean, val least: Double?, val most: Double?) : Rule

    /** Yes or no. */
    data object YesOrNo : Rule

    /** Several things of one sort. */
    data class Many(val item: Rule, val most: Int?) : Rule

    /** Members that belong together. */
    data class Group(val members: List<Member>) : Rule {
        fun member(name: String): Member? = members.firstOrNull { it.name == name }
    }
}

/** How a text is written. */
enum class TextFormat {
    /** Any words. */
    WORDS,

    /** A day, `2026-11-30` in the store. */
    DATE,

    /** A time of the day, `07:30:00` in the store. */
    TIME,

    /** A number written as text, as amounts of money are. */
    DECIMAL,
    EMAIL,
    URI,
    ;

    companion object {
        fun of(format: String?): TextFormat = when (format) {
            "date" -> DATE
            "time-local" -> TIME
            "decimal" -> DECIMAL
            "email" -> EMAIL
            "uri" -> URI
            else -> WORDS
        }
    }
}
