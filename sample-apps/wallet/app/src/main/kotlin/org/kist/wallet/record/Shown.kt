package org.kist.wallet.record

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.doubleOrNull
import org.kist.Parameter
import org.kist.Provenance
import org.kist.RecordSummary
import org.kist.SourceKind
import org.kist.wallet.language.Words

// How what is in a record is said in the language that is shown.

/** What a record is called in a list. */
fun Words.title(record: RecordSummary): String = record.title.ifEmpty { kind(record.schema) }

/** A member by its name; the name's own words where the catalogues don't know it. */
fun Words.member(name: String): String =
    core("fields", name).takeUnless { it == name } ?: name.replace('_', ' ').replaceFirstChar(Char::uppercaseChar)

/** The member that a JSON pointer leads to; places in a list are counted from one. */
fun Words.memberAt(pointer: String): String = pointer.split('/').drop(1).joinToString(this("record.within")) { name ->
    name.toIntOrNull()?.let { number(it + 1) } ?: member(name)
}

/** A word out of those that a schema allows. */
fun Words.choice(word: String): String = "choices.$word".let { if (has(it)) this(it) else word }

/** A value as a person reads it, on as many lines as it has parts. */
fun Words.value(value: JsonElement, rule: Rule?): String = when (value) {
    is JsonNull -> ""
    is JsonPrimitive -> primitive(value, rule)
    is JsonArray -> value.joinToString("\n") { value(it, (rule as? Rule.Many)?.item) }
    is JsonObject -> value.entries.joinToString("\n") { (name, part) ->
        val member = (rule as? Rule.Group)?.member(name)?.rule
        this("record.part", "member" to member(name), "value" to value(part, member))
    }
}

private fun Words.primitive(value: JsonPrimitive, rule: Rule?): String = when {
    value.isString -> when {
        rule is Rule.Choice -> choice(value.content)
        rule is Rule.Text && rule.format == TextFormat.DATE -> day(value.content)
        rule is Rule.Text && rule.format == TextFormat.TIME -> value.content.removeSuffix(":00")
        else -> value.content
    }
    value.booleanOrNull != null -> this(if (value.booleanOrNull == true) "record.yes" else "record.no")
    else -> value.doubleOrNull?.let(::number) ?: value.content
}

/** Who a value or a record came from. */
fun Words.source(provenance: Provenance): String = when (provenance.source) {
    SourceKind.SELF_ASSERTED -> this("record.source.self")
    SourceKind.IMPORTED -> this("record.source.imported", "from" to provenance.from.orEmpty())
    SourceKind.DELIVERED -> this("record.source.delivered", "organisation" to provenance.from.orEmpty())
}

/** Who vouches for it. */
fun Words.vouching(provenance: Provenance): String = provenance.verifiedBy?.let { issuer ->
    core("verifications", "signature", mapOf("issuer" to Parameter.Word(issuer)))
} ?: core("verifications", "none")

/** The day of a time in Unix milliseconds. */
fun Words.dayOfMs(milliseconds: Long): String = day(milliseconds / MILLISECONDS)

/** A time in Unix milliseconds, with day and minute. */
fun Words.momentOfMs(milliseconds: Long): String = moment(milliseconds / MILLISECONDS)

private const val MILLISECONDS = 1_000L
