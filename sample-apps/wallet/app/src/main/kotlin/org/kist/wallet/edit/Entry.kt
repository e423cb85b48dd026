package org.kist.wallet.edit

import java.time.LocalDate
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.contentOrNull
import org.kist.wallet.record.Rule
import org.kist.wallet.record.TextFormat

/** What the person has typed for a member so far, as they typed it. */
sealed interface Entry {
    /** Words, a number or a choice; empty where there is nothing yet. */
    data class Text(val text: String = "") : Entry

    /** A day in three parts. */
    data class Day(val day: String = "", val month: String = "", val year: String = "") : Entry

    /** Yes, no, or not said. */
    data class Answer(val yes: Boolean? = null) : Entry

    /** Several things. */
    data class Many(val items: List<Entry> = emptyList()) : Entry

    /** Members that belong together; [rest] is what no form shows, and what stays as it is. */
    data class Group(val members: Map<String, Entry> = emptyMap(), val rest: Map<String, JsonElement> = emptyMap()) : Entry
}

/** Nothing was typed. */
val Entry.isEmpty: Boolean
    get() = when (this) {
        is Entry.Text -> text.isBlank()
        is Entry.Day -> day.isBlank() && month.isBlank() && year.isBlank()
        is Entry.Answer -> yes == null
        is Entry.Many -> items.all { it.isEmpty }
        is Entry.Group -> rest.isEmpty() && members.values.all { it.isEmpty }
    }

/** The entry for a value that is there, or for none. */
fun entryOf(rule: Rule, value: JsonElement? = null): Entry = when (rule) {
    is Rule.Text -> when (rule.format) {
        TextFormat.DATE -> dayOf((value as? JsonPrimitive)?.contentOrNull)
        TextFormat.TIME -> Entry.Text((value as? JsonPrimitive)?.contentOrNull.orEmpty().removeSuffix(":00"))
        else -> Entry.Text((value as? JsonPrimitive)?.contentOrNull.orEmpty())
    }
    is Rule.Choice, is Rule.Number -> Entry.Text((value as? JsonPrimitive)?.contentOrNull.orEmpty())
    is Rule.YesOrNo -> Entry.Answer((value as? JsonPrimitive)?.booleanOrNull)
    is Rule.Many -> Entry.Many((value as? JsonArray).orEmpty().map { entryOf(rule.item, it) })
    is Rule.Group -> {
        val there = (value as? JsonObject).orEmpty()
        val shown = rule.members.filter { there[it.name].let { value -> value == null || fits(it.rule, value) } }
        Entry.Group(
            shown.associate { it.name to entryOf(it.rule, there[it.name]) },
            there.filterKeys { name -> shown.none { it.name == name } },
        )
    }
}

/** Whether a form can show a value: what another program wrote otherwise stays as it is. */
private fun fits(rule: Rule, value: JsonElement): Boolean = when (rule) {
    is Rule.Text -> value is JsonPrimitive && (rule.format != TextFormat.DATE || !dayOf(value.contentOrNull).isEmpty)
    is Rule.Choice -> (value as? JsonPrimitive)?.contentOrNull in rule.choices
    is Rule.Number -> value is JsonPrimitive
    is Rule.YesOrNo -> (value as? JsonPrimitive)?.booleanOrNull != null
    is Rule.Many -> value is JsonArray && value.all { fits(rule.item, it) }
    is Rule.Group -> value is JsonObject
}

private fun dayOf(iso: String?): Entry.Day =
    runCatching { LocalDate.parse(iso.orEmpty()) }.getOrNull()
        ?.let { Entry.Day(it.dayOfMonth.toString(), it.monthValue.toString(), it.year.toString()) } ?: Entry.Day()

/** The value that an entry comes to; null where nothing was typed. What isn't written as it should be stays as it was typed. */
fun valueOf(rule: Rule, entry: Entry): JsonElement? = when {
    entry.isEmpty -> null
    entry is Entry.Text -> when (rule) {
        is Rule.Number -> numberOf(entry.text)?.let(::JsonPrimitive) ?: JsonPrimitive(entry.text.trim())
        is Rule.Text -> JsonPrimitive(written(entry.text.trim(), rule.format))
        else -> JsonPrimitive(entry.text)
    }
    entry is Entry.Day -> JsonPrimitive(entry.date?.toString() ?: "${entry.year}-${entry.month}-${entry.day}")
    entry is Entry.Answer -> JsonPrimitive(entry.yes)
    entry is Entry.Many -> JsonArray(entry.items.mapNotNull { valueOf((rule as Rule.Many).item, it) })
    entry is Entry.Group -> bodyOf(rule as Rule.Group, entry)
    else -> null
}

/** The members of a record, or of a part of it, in the order of the schema, and what no form shows behind them. */
fun bodyOf(rule: Rule.Group, entry: Entry.Group): JsonObject = JsonObject(
    buildMap {
        for (member in rule.members) {
            entry.members[member.name]?.let { valueOf(member.rule, it) }?.let { put(member.name, it) }
        }
        putAll(entry.rest)
    },
)

/** The day that the three parts make; null where there is no such day. */
val Entry.Day.date: LocalDate?
    get() = runCatching { LocalDate.of(year.trim().toInt(), month.trim().toInt(), day.trim().toInt()) }.getOrNull()
        ?.takeIf { year.trim().length == YEAR_DIGITS }

private const val YEAR_DIGITS = 4

/** A number as people type it, with a comma or a point; null for what is no number. */
internal fun numberOf(text: String): Number? {
    val number = text.trim().replace(',', '.')
    return number.toLongOrNull() ?: number.toDoubleOrNull()?.takeIf(Double::isFinite)
}

/** A text as the store has it. */
private fun written(text: String, format: TextFormat): String = when (format) {
    TextFormat.TIME -> Regex("""(\d{1,2})[:.](\d{2})""").matchEntire(text)
        ?.destructured?.let { (hour, minute) -> "${hour.padStart(2, '0')}:$minute:00" } ?: text
    TextFormat.DECIMAL -> text.replace(',', '.').replace(" ", "")
    else -> text
}

/** An entry as a draft keeps it: what was typed, whether it fits or not. */
fun draftOf(entry: Entry): JsonElement = when (entry) {
    is Entry.Text -> JsonPrimitive(entry.text)
    is Entry.Day -> JsonArray(listOf(entry.day, entry.month, entry.year).map(::JsonPrimitive))
    is Entry.Answer -> entry.yes?.let(::JsonPrimitive) ?: JsonNull
    is Entry.Many -> JsonArray(entry.items.map(::draftOf))
    is Entry.Group -> JsonObject(
        mapOf("members" to JsonObject(entry.members.mapValues { draftOf(it.value) }), "rest" to JsonObject(entry.rest)),
    )
}

/** Reads what [draftOf] wrote for this rule. */
fun entryOfDraft(rule: Rule, draft: JsonElement?): Entry = when (rule) {
    is Rule.Text if rule.format == TextFormat.DATE -> {
        val parts = (draft as? JsonArray).orEmpty().map { (it as? JsonPrimitive)?.contentOrNull.orEmpty() }
        Entry.Day(parts.getOrElse(0) { "" }, parts.getOrElse(1) { "" }, parts.getOrElse(2) { "" })
    }
    is Rule.Text, is Rule.Choice, is Rule.Number -> Entry.Text((draft as? JsonPrimitive)?.contentOrNull.orEmpty())
    is Rule.YesOrNo -> Entry.Answer((draft as? JsonPrimitive)?.booleanOrNull)
    is Rule.Many -> Entry.Many((draft as? JsonArray).orEmpty().map { entryOfDraft(rule.item, it) })
    is Rule.Group -> {
        val members = ((draft as? JsonObject)?.get("members") as? JsonObject).orEmpty()
        val rest = ((draft as? JsonObject)?.get("rest") as? JsonObject).orEmpty()
        val shown = rule.members.filter { it.name !in rest }
        Entry.Group(shown.associate { it.name to entryOfDraft(it.rule, members[it.name]) }, rest)
    }
}
