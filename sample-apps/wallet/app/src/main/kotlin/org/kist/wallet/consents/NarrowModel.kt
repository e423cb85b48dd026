package org.kist.wallet.consents

import java.time.Clock
import java.time.Duration
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.kist.ConsentSummary
import org.kist.Narrowing
import org.kist.Person
import org.kist.wallet.state.Acts
import org.kist.wallet.state.Doing
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem
import org.kist.wallet.state.load
import org.kist.wallet.state.valueOrNull

/** When a consent shall end. */
enum class EarlierEnd(internal val days: Long?) { AS_IT_IS(null), WEEK(7), MONTH(30), HALF_YEAR(182), YEAR(365) }

/** What shall be shared no longer. */
data class NarrowState(
    val consent: Loadable<ConsentSummary> = Loadable.Loading(),
    /** Fields that stay; at first all. */
    val kept: Set<String> = emptySet(),
    val end: EarlierEnd = EarlierEnd.AS_IT_IS,
    /** The ends that come before the one that was agreed. */
    val ends: List<EarlierEnd> = listOf(EarlierEnd.AS_IT_IS),
    /** It was narrowed, and the screen can be left. */
    val done: Boolean = false,
    val doing: Doing = Doing(),
)

/** Takes fields out of a consent, or lets it end earlier. */
class NarrowModel(private val person: Person, private val id: String, private val clock: Clock, scope: CoroutineScope) {
    private val states = MutableStateFlow(NarrowState())
    val state: StateFlow<NarrowState> = states.asStateFlow()
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }

    init {
        scope.load({ found -> states.update { it.with(found) } }) { person.consents.get(id).summary }
    }

    private fun NarrowState.with(found: Loadable<ConsentSummary>): NarrowState {
        val consent = found.valueOrNull ?: return copy(consent = found)
        val agreed = consent.expiresAt
        return copy(
            consent = found,
            kept = consent.given.map { it.field }.toSet(),
            ends = EarlierEnd.entries.filter { agreed == null || it == EarlierEnd.AS_IT_IS || at(it) < agreed },
        )
    }

    fun keep(field: String, on: Boolean) =
        states.update { it.copy(kept = if (on) it.kept + field else it.kept - field, doing = Doing()) }

    fun endAt(end: EarlierEnd) = states.update { it.copy(end = end, doing = Doing()) }

    /** Narrows. */
    fun narrow() {
        val now = states.value
        val consent = now.consent.valueOrNull ?: return
        val out = consent.given.map { it.field }.filterNot(now.kept::contains)
        val end = at(now.end).takeIf { now.end != EarlierEnd.AS_IT_IS }
        if (out.isEmpty() && end == null) {
            states.update { it.copy(doing = Doing(problem = Problem.own("NothingNarrowed"))) }
            return
        }
        acts.run {
            person.consents.narrow(id, Narrowing(out, end))
            states.update { it.copy(done = true) }
        }
    }

    private fun at(end: EarlierEnd): Long = clock.instant().plus(Duration.ofDays(end.days ?: 0)).epochSecond
}
