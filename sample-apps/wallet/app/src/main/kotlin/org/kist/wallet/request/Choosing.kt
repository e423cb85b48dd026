package org.kist.wallet.request

import org.kist.FieldChoice
import org.kist.Verdict

/** What the person chose so far, beyond what is given by default. Nothing optional stands in it until they tick it. */
data class Choosing(
    /** Fields that they ticked. */
    val ticked: Set<String> = emptySet(),
    /** The record that answers a part, where they took another than the best. */
    val records: Map<String, String> = emptyMap(),
    /** The option of an alternative, by the alternative's place, where they took another than the default. */
    val options: Map<Int, Int> = emptyMap(),
    /** Of several organisations that ask together, this one gets something. */
    val taken: Boolean = false,
    val remember: Remember = Remember.NO,
)

/** How long the same answer may be given again to the same question: a rule of the person's, made as they answer. */
enum class Remember(internal val days: Long?) { NO(null), MONTH(30), HALF_YEAR(182), YEAR(365) }

/** The option that is given of the alternative at [place]: the chosen one, else the default where one is needed. */
fun Asking.option(place: Int, choosing: Choosing): Option? {
    val alternative = alternatives[place]
    choosing.options[place]?.let { return alternative.options.getOrNull(it) }
    return alternative.options.firstOrNull { it.byDefault && alternative.required }
}

/** The fields that would be given now, in the request's order. */
fun Asking.given(choosing: Choosing): List<AskedField> {
    val ofAny = alternatives.flatMap { it.options }.flatMap { it.fields }.toSet()
    val ofTaken = alternatives.indices.mapNotNull { option(it, choosing) }.flatMap { it.fields }.toSet()
    return fields.filter { field ->
        when (field.field) {
            null -> false
            in ofAny -> field.field in ofTaken && !field.withheld
            else -> field.byDefault || field.field in choosing.ticked && canGive(field)
        }
    }
}

/** Whether the person has it, and no rule of theirs keeps it back. */
fun Asking.canGive(field: AskedField): Boolean =
    !field.withheld && part(field).held.any { field.field in it.values }

/** What the organisation says that there is no answer without, and that isn't given as things stand. */
fun Asking.lacking(choosing: Choosing): List<AskedField> {
    val given = given(choosing).toSet()
    val ofAny = alternatives.flatMap { it.options }.flatMap { it.fields }.toSet()
    return fields.filter { it.required && it !in given && it.field !in ofAny }
}

/** Whether an alternative that is needed has nothing to be given. */
fun Asking.lacksAnOption(choosing: Choosing): Boolean =
    alternatives.indices.any { alternatives[it].required && option(it, choosing)?.available != true }

/** The record that answers a part: the chosen one, else the best that has all that is given of it. */
fun Asking.record(part: Part, choosing: Choosing): Held? {
    choosing.records[part.credential]?.let { chosen -> part.held.firstOrNull { it.candidate == chosen }?.let { return it } }
    val given = given(choosing).filter { it.credential == part.credential }.mapNotNull { it.field }
    return part.held.firstOrNull { it.values.keys.containsAll(given) } ?: part.held.firstOrNull()
}

/** The decision, as the SDK takes it. */
fun Asking.decision(choosing: Choosing): List<FieldChoice> = given(choosing).mapNotNull { field ->
    val name = field.field ?: return@mapNotNull null
    val record = record(part(field), choosing)?.takeIf { name in it.values } ?: return@mapNotNull null
    FieldChoice(name, record.candidate)
}

/** Whether the answer can be remembered: it comes with an agreement, and nothing of it is out of the ordinary. */
val Asking.canRemember: Boolean
    get() = terms != null && who.framework != null && fields.all { it.overAsking.isEmpty() } && warnings.all { it.code == "LessWouldDo" }

/** The kinds of things that would be given now, each once; what is of no known kind stands for itself. */
fun Asking.things(choosing: Choosing): Set<String> =
    given(choosing).map { field -> part(field).schema.ifEmpty { field.credential } }.toSet()

/** Whether there is an answer as things stand. */
fun Asking.mayShare(choosing: Choosing): Boolean {
    val barred = verdict is Verdict.Paused || verdict is Verdict.Refuse
    return !barred && decision(choosing).isNotEmpty() && lacking(choosing).isEmpty() && !lacksAnOption(choosing)
}

internal fun Asking.part(field: AskedField): Part = parts.first { it.credential == field.credential }
