package org.kist.wallet.settings

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.kist.FieldPattern
import org.kist.KeptRule
import org.kist.Person
import org.kist.Rule
import org.kist.wallet.state.Acts
import org.kist.wallet.state.Doing
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.lookAgain

/** What the person is making a rule of. */
enum class NewRule { KEEP_BACK, QUIET_HOURS }

/** What the screen of the rules shows. */
data class RulesState(
    val rules: Loadable<List<KeptRule>> = Loadable.Loading(),
    /** What organisations are called, by their ids. */
    val names: Map<String, String> = emptyMap(),
    val making: NewRule? = null,
    /** The kinds of record in the store, which can be kept back: URIs of schemas. */
    val kinds: List<String> = emptyList(),
    val doing: Doing = Doing(),
)

/** The person's rules: they hold back, and never send anything. */
class RulesModel(private val person: Person, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(RulesState())
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }
    val state: StateFlow<RulesState> = states.asStateFlow()

    fun look() {
        scope.lookAgain({ states.value.rules }, { found -> states.update { it.copy(rules = found) } }) {
            val names = person.consents.list().associate { it.organisationId to it.organisation }
            states.update { it.copy(names = names) }
            person.rules.list()
        }
    }

    /** Begins a rule; null puts it off. */
    fun make(what: NewRule?) {
        if (what != NewRule.KEEP_BACK) return states.update { it.copy(making = what) }
        acts.run {
            val kinds = person.records.facets().schemas.map { it.value }
            states.update { it.copy(making = what, kinds = kinds) }
        }
    }

    /** Nothing is answered from memory any more. */
    fun alwaysAsk() = add(Rule.AlwaysAsk())

    /** Nothing of this kind leaves. */
    fun keepBack(schema: String) = add(Rule.Never(FieldPattern(schema)))

    /** Requests wait each night from one hour to another. */
    fun beQuiet(from: Int, until: Int) = add(Rule.QuietHours(from * MINUTES, until * MINUTES))

    fun remove(id: String) = acts.run {
        person.rules.remove(id)
        look()
    }

    private fun add(rule: Rule) = acts.run {
        person.rules.add(rule)
        states.update { it.copy(making = null) }
        look()
    }

    private companion object {
        const val MINUTES = 60
    }
}
