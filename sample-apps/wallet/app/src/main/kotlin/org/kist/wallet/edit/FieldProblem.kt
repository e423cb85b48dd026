package org.kist.wallet.edit

import org.kist.wallet.language.Words
import org.kist.wallet.record.Rule
import org.kist.wallet.record.TextFormat

/** Why what was typed doesn't fit: a code of the catalogue `edit.rule`, with what it is about. */
data class FieldProblem(val code: String, val parameters: Map<String, Any> = emptyMap())

/** What is said beside the field. */
fun Words.sentence(problem: FieldProblem): String =
    this("edit.rule.${problem.code}", *problem.parameters.map { it.key to it.value }.toTypedArray())

/**
 * Holds an entry to its rule as the core will, and tells each problem with the pointer of its field. What isn't required and is
 * left empty is right, whatever lies within.
 */
internal fun check(rule: Rule, entry: Entry, place: Place, required: Boolean, tell: (String, FieldProblem) -> Unit) {
    val say = { problem: FieldProblem? -> if (problem != null) tell(place.pointer, problem) }
    when {
        rule is Rule.Group && (required || !entry.isEmpty) -> for (member in rule.members) {
            val within = (entry as Entry.Group).members[member.name] ?: continue
            check(member.rule, within, place + member.name, member.required, tell)
        }
        entry.isEmpty -> if (required) say(FieldProblem("Required"))
        rule is Rule.Many -> {
            val items = (entry as Entry.Many).items
            if (rule.most != null && items.size > rule.most) say(FieldProblem("Count", mapOf("most" to rule.most)))
            items.forEachIndexed { index, item -> check(rule.item, item, place + index.toString(), required = false, tell) }
        }
        rule is Rule.Number -> say(number(rule, (entry as Entry.Text).text))
        rule is Rule.Text -> say(if (entry is Entry.Day) day(entry) else text(rule, (entry as Entry.Text).text.trim()))
    }
}

private fun number(rule: Rule.Number, text: String): FieldProblem? {
    val number = numberOf(text) ?: return FieldProblem("Number")
    val (least, most) = rule.least to rule.most
    return when {
        rule.whole && number !is Long -> FieldProblem("Whole")
        least != null && number.toDouble() < least -> FieldProblem("Least", mapOf("least" to least))
        most != null && number.toDouble() > most -> FieldProblem("Most", mapOf("most" to most))
        else -> null
    }
}

private fun day(day: Entry.Day): FieldProblem? = if (day.date == null) FieldProblem("Date") else null

private fun text(rule: Rule.Text, text: String): FieldProblem? {
    val length = text.codePointCount(0, text.length)
    return when {
        rule.most != null && length > rule.most -> FieldProblem("Long", mapOf("most" to rule.most, "length" to length))
        length < rule.least -> FieldProblem("Short", mapOf("least" to rule.least))
        !written(text, rule.format) -> FieldProblem(rule.format.name.lowercase().replaceFirstChar(Char::uppercaseChar))
        else -> null
    }
}

private fun written(text: String, format: TextFormat): Boolean = when (format) {
    TextFormat.WORDS, TextFormat.DATE -> true
    TextFormat.TIME -> Regex("""([01]?\d|2[0-3])[:.][0-5]\d([:.][0-5]\d)?""").matches(text)
    TextFormat.DECIMAL -> Regex("""-?[\d ]+([.,]\d+)?""").matches(text)
    TextFormat.EMAIL -> Regex("""\S+@\S+""").matches(text)
    TextFormat.URI -> Regex("""[A-Za-z][A-Za-z0-9+.-]*:\S+""").matches(text)
}
