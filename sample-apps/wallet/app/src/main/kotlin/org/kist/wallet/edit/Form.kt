package org.kist.wallet.edit

import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonObject
import org.kist.wallet.record.RecordType
import org.kist.wallet.record.Rule

/** The place of a field in a form: the names, and the numbers in lists, that lead to it. */
typealias Place = List<String>

/** The place as a JSON pointer, as the core names fields. */
val Place.pointer: String get() = joinToString("") { "/$it" }

/** What is typed for a record of this kind. */
data class Form(val type: RecordType, val root: Entry.Group) {
    /** The whole record as a rule. */
    val rule: Rule.Group get() = Rule.Group(type.members)

    /** The record that it comes to. */
    val body: JsonObject get() = bodyOf(rule, root)

    /** Something was typed that the record didn't have. */
    fun differsFrom(other: Form): Boolean = body != other.body

    /** The same with another entry at a place. */
    fun with(place: Place, entry: Entry): Form = copy(root = root.with(place, entry) as Entry.Group)

    /** The same with one more, empty, in the list at a place. */
    fun adding(place: Place): Form {
        val rule = ruleAt(place) as Rule.Many
        val many = at(place) as Entry.Many
        return with(place, Entry.Many(many.items + entryOf(rule.item)))
    }

    /** The same without one of a list. */
    fun removing(place: Place): Form {
        val list = place.dropLast(1)
        val many = at(list) as Entry.Many
        return with(list, Entry.Many(many.items.filterIndexed { index, _ -> index != place.last().toInt() }))
    }

    /** The same without what was begun in lists and left empty. */
    fun tidied(): Form = copy(root = tidied(root) as Entry.Group)

    /** What keeps it from being saved, by the pointers of the fields. */
    fun problems(): Map<String, FieldProblem> = buildMap { check(rule, root, emptyList(), required = true, ::put) }

    private fun at(place: Place): Entry = place.fold<String, Entry>(root) { entry, name ->
        when (entry) {
            is Entry.Group -> entry.members.getValue(name)
            is Entry.Many -> entry.items[name.toInt()]
            else -> error("nothing lies in a field")
        }
    }

    private fun ruleAt(place: Place): Rule = place.fold<String, Rule>(rule) { rule, name ->
        when (rule) {
            is Rule.Group -> checkNotNull(rule.member(name)).rule
            is Rule.Many -> rule.item
            else -> error("nothing lies in a field")
        }
    }

    companion object {
        /** The form of a record that is there, or of a new one. */
        fun of(type: RecordType, body: JsonObject? = null) = Form(type, entryOf(Rule.Group(type.members), body) as Entry.Group)

        /** The form as a draft left it. */
        fun ofDraft(type: RecordType, draft: JsonElement) =
            Form(type, entryOfDraft(Rule.Group(type.members), draft.jsonObject["root"]) as Entry.Group)
    }
}

private fun Entry.with(place: Place, entry: Entry): Entry {
    val name = place.firstOrNull() ?: return entry
    val within = place.drop(1)
    return when (this) {
        is Entry.Group -> copy(members = members + (name to members.getValue(name).with(within, entry)))
        is Entry.Many -> Entry.Many(items.mapIndexed { index, item -> if (index == name.toInt()) item.with(within, entry) else item })
        else -> error("nothing lies in a field")
    }
}

private fun tidied(entry: Entry): Entry = when (entry) {
    is Entry.Many -> Entry.Many(entry.items.filterNot { it.isEmpty }.map(::tidied))
    is Entry.Group -> entry.copy(members = entry.members.mapValues { tidied(it.value) })
    else -> entry
}
