package org.kist

import org.kist.generated.KeptRule as CoreKeptRule
import org.kist.generated.Person as CorePerson
import org.kist.generated.RequestVerdict as CoreVerdict
import org.kist.generated.Rule as CoreRule

/** The person's rules. They only ever narrow, and nothing is sent by a rule alone. */
class Rules internal constructor(private val core: CorePerson) {
    /** All rules. */
    suspend fun list(): List<KeptRule> = cancellable { core.rules(it) }.map { it.toKept() }

    /** Adds a rule; it holds from now on. `Malformed` for a profile whose name is taken, and for [Rule.Remember]. */
    suspend fun add(rule: Rule): KeptRule = cancellable { core.addRule(rule.toCore(), it) }.toKept()

    /** Takes a rule away. */
    suspend fun remove(id: String) = cancellable { core.removeRule(id, it) }
}

/** A rule as it is kept; null where this build can't read it, in which case nothing is answered from memory. */
data class KeptRule(val id: String, val madeAt: Long, val rule: Rule?)

/** A rule of the person's. Organisations are named by their stable ids; null stands for any. */
sealed interface Rule {
    /** No answer is given from memory. */
    data class AlwaysAsk(val organisation: String? = null) : Rule

    /** What is named never goes there. With an organisation it may name everything. */
    data class Never(val what: FieldPattern, val organisation: String? = null) : Rule

    /** Requests wait from minute [from] of each day until minute [until], by the clock on the wall. */
    data class QuietHours(val from: Int, val until: Int) : Rule

    /** A named set of fields that the person gives together. */
    data class Profile(val name: String, val fields: List<FieldPattern>) : Rule

    /** A request that asks no more than one before is answered in the same way; made by [Requests.answer]. */
    data class Remember(val organisation: String, val intendedUse: String, val until: Long) : Rule
}

/** What the person's rules come to for a request. */
sealed interface Verdict {
    /** The person is asked. */
    data object Ask : Verdict

    /** The person is asked later: these are quiet hours, which end at [until], Unix seconds. */
    data class AskLater(val until: Long) : Verdict

    /** An answer that was remembered fits: [Requests.answerRemembered] gives it. */
    data class Remembered(val rule: String, val fields: List<String>) : Verdict

    /** There is no answer without fields that a rule keeps back. */
    data class Refuse(val rule: String, val fields: List<String>) : Verdict

    /** The person has paused everything: no answer leaves. */
    data object Paused : Verdict
}

/** What the person's rules come to. */
val Evaluation.byRules: Verdict get() = when (val core = verdict) {
    CoreVerdict.Ask -> Verdict.Ask
    is CoreVerdict.AskLater -> Verdict.AskLater(core.until)
    is CoreVerdict.Remembered -> Verdict.Remembered(core.rule, core.fields)
    is CoreVerdict.Refuse -> Verdict.Refuse(core.rule, core.fields)
    CoreVerdict.Paused -> Verdict.Paused
}

private fun CoreKeptRule.toKept() = KeptRule(
    id,
    madeAt,
    when (val core = rule) {
        null -> null
        is CoreRule.AlwaysAsk -> Rule.AlwaysAsk(core.organisation)
        is CoreRule.Never -> Rule.Never(core.what, core.organisation)
        is CoreRule.QuietHours -> Rule.QuietHours(core.from.toInt(), core.until.toInt())
        is CoreRule.Profile -> Rule.Profile(core.name, core.fields)
        is CoreRule.Remember -> Rule.Remember(core.organisation, core.intendedUse, core.until)
    },
)

private fun Rule.toCore(): CoreRule = when (this) {
    is Rule.AlwaysAsk -> CoreRule.AlwaysAsk(organisation)
    is Rule.Never -> CoreRule.Never(organisation, what)
    is Rule.QuietHours -> CoreRule.QuietHours(from.toUShort(), until.toUShort())
    is Rule.Profile -> CoreRule.Profile(name, fields)
    is Rule.Remember -> CoreRule.Remember(organisation, intendedUse, until)
}
