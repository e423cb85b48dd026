package org.kist.wallet.record

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.serialization.json.JsonElement
import org.kist.Conflict
import org.kist.MemberChoice
import org.kist.Person
import org.kist.Settlement
import org.kist.json
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Outcome
import org.kist.wallet.state.Problem
import org.kist.wallet.state.attempt
import org.kist.wallet.state.load
import org.kist.wallet.state.valueOrNull

/** A member side by side: its value on each, null where it is missing there. */
data class SideBySide(val member: String, val same: Boolean, val values: List<JsonElement?>)

/** Something to settle, with what the person has chosen so far. */
data class Settling(
    val conflict: Conflict,
    val members: List<SideBySide>,
    val type: RecordType?,
    /** The side that stays, by its place; null before the person has said so. */
    val right: Int? = null,
    /** Members that are taken from another side, by their pointers. */
    val others: Map<String, Int> = emptyMap(),
) {
    /** The side that a member comes from. */
    fun sideOf(member: String): Int? = others[member] ?: right
}

/** What the screen shows on which one thing is settled. */
data class SettleState(
    /** Null where there is nothing to settle any more. */
    val settling: Loadable<Settling?> = Loadable.Loading(),
    val working: Boolean = false,
    val problem: Problem? = null,
    val settled: Boolean = false,
)

/** Settles what a record says otherwise than another, or than another version of itself. */
class SettleModel(private val person: Person, private val record: String, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(SettleState())
    val state: StateFlow<SettleState> = states.asStateFlow()

    fun look() {
        scope.load({ found -> states.update { it.copy(settling = found) } }) {
            person.curation.conflicts().firstOrNull { conflict -> conflict.sides.any { it.id.record == record } }
                ?.let { Settling(it, sideBySide(it), person.typeOf(it.schema)) }
        }
    }

    /** This side is right: everything is taken from it, but for what the person picks from another after that. */
    fun take(side: Int) = choose { it.copy(right = side, others = emptyMap()) }

    /** This member is right on that side. */
    fun takeMember(member: String, side: Int) =
        choose { it.copy(others = if (side == it.right) it.others - member else it.others + (member to side)) }

    /** Keeps what was chosen. */
    fun settle() {
        val settling = states.value.settling.valueOrNull ?: return
        val right = settling.right ?: return
        val sides = settling.conflict.sides.map { it.id }
        val choice = if (settling.others.isEmpty()) {
            Settlement.Take(sides[right])
        } else {
            Settlement.Merge(sides[right], settling.others.map { (member, side) -> MemberChoice(member, sides[side]) })
        }
        settle(settling.conflict, choice)
    }

    /** They are different things: each stays. */
    fun keepAll() = states.value.settling.valueOrNull?.let { settle(it.conflict, Settlement.AllRight) }

    private fun sideBySide(conflict: Conflict): List<SideBySide> =
        conflict.members.map { SideBySide(it.member, it.same, it.fields.map { field -> field?.json }) }

    private fun choose(by: (Settling) -> Settling) = states.update { state ->
        val settling = state.settling.valueOrNull ?: return@update state
        state.copy(settling = Loadable.Ready(by(settling)), problem = null)
    }

    private fun settle(conflict: Conflict, choice: Settlement) {
        if (states.value.working) return
        states.update { it.copy(working = true, problem = null) }
        scope.launch {
            when (val outcome = attempt { person.curation.settle(conflict, choice) }) {
                is Outcome.Done -> states.update { it.copy(working = false, settled = true) }
                is Outcome.Failed -> states.update { it.copy(working = false, problem = outcome.problem) }
            }
        }
    }
}
