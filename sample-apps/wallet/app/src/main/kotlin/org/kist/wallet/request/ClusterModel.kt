package org.kist.wallet.request

import java.util.concurrent.ConcurrentHashMap
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.kist.Person
import org.kist.wallet.consents.KeptBy
import org.kist.wallet.consents.keptAfterWithdrawal
import org.kist.wallet.state.Acts
import org.kist.wallet.state.Doing
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Outcome
import org.kist.wallet.state.Problem
import org.kist.wallet.state.attempt
import org.kist.wallet.state.lookAgain
import org.kist.wallet.state.valueOrNull

/** Whom the person may withdraw from: one member, or all where there is none; and what of it is kept. */
data class Withdrawing(val member: Member? = null, val kept: List<KeptBy> = emptyList())

/** A cluster on the screen: how it stands, what was chosen, what is being done. */
data class ClusterState(
    val together: Loadable<Together> = Loadable.Loading(),
    val choosing: AllChoosing = emptyMap(),
    /** The decision is being kept and sent. */
    val sending: Boolean = false,
    /** What kept the decision from being made; nothing of the choice is lost by it. */
    val problem: Problem? = null,
    /** The person is asked whether they mean to refuse. */
    val refusing: Boolean = false,
    /** The person is asked whether they mean to withdraw. */
    val withdrawing: Withdrawing? = null,
    /** What couldn't be fetched. */
    val unreached: Problem? = null,
    /** What else is being done: asking members, fetching, withdrawing. */
    val doing: Doing = Doing(),
)

/** Looks at a cluster, and decides on it and withdraws from it as a whole. */
class ClusterModel(private val person: Person, private val id: String, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(ClusterState())
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }
    private val sending = Sending(scope, ::find, ::settle)
    private val desk = StoreDesk(person)
    private val choices = ConcurrentHashMap<String, Choices>()
    private var fetched = false
    private var renewed = false
    val state: StateFlow<ClusterState> = states.asStateFlow()

    /** Looks at the store; called whenever the screen is shown. What is to come is fetched once by itself. */
    fun look() {
        scope.lookAgain({ states.value.together }, { found ->
            states.update { it.copy(together = found) }
            found.valueOrNull?.let { together ->
                renewTrust(together)
                if (together.awaits && !fetched) fetch()
            }
        }) { find() }
    }

    /** What the person chooses of one of the requests. */
    fun choices(request: String): Choices = choices.computeIfAbsent(request) {
        Choices(desk.draft(request), scope) { choosing ->
            states.update { it.copy(choosing = it.choosing + (request to choosing), problem = null) }
        }
    }

    /** Gives something to each that asks. */
    fun takeAll() {
        states.value.together.valueOrNull?.open.orEmpty().forEach { choices(it.asking.id).take(true) }
    }

    /** Asks each member that takes part and has nothing for its request. */
    fun ask() = change {
        person.clusters.open(id)
        refresh()
    }

    /** Fetches what members sent. */
    fun fetch() {
        fetched = true
        change { refresh() }
    }

    /** Gives what was chosen, to all in one decision. [language] is the one in which the person reads. */
    fun share(language: String) {
        val now = states.value
        val together = now.together.valueOrNull ?: return
        if (!together.mayShare(now.choosing)) return
        send { person.clusters.decide(id, together.decision(now.choosing), language) }
    }

    /** Sends answers that were decided and still wait. */
    fun sendNow() = send { desk.send() }

    /** Stops the sending. What was decided by then stays decided, and the screen says which it is. */
    fun cancel() = sending.cancel()

    /** Asks whether the person means to refuse; false takes the question back. */
    fun askToRefuse(asked: Boolean) = states.update { it.copy(refusing = asked) }

    /** Refuses what any of them asks. */
    fun refuse() {
        askToRefuse(false)
        change { person.clusters.decide(id, emptyMap()) }
    }

    /** Asks whether the person means to withdraw; null takes the question back. */
    fun askToWithdraw(asked: Withdrawing?) {
        if (asked == null) return states.update { it.copy(withdrawing = null) }
        val standing = states.value.together.valueOrNull?.standing.orEmpty()
        val from = standing.filter { asked.member == null || it.organisationId == asked.member.id }.map { it.id }
        acts.run {
            val kept = person.keptAfterWithdrawal(from)
            states.update { it.copy(withdrawing = asked.copy(kept = kept)) }
        }
    }

    /** Withdraws from whom the person was asked about. It holds at once. */
    fun withdraw() {
        val from = states.value.withdrawing ?: return
        askToWithdraw(null)
        change { person.clusters.withdraw(id, from.member?.id) }
    }

    private suspend fun refresh() {
        val unreached = Problem.of(person.inbox.refresh())
        states.update { it.copy(unreached = unreached) }
    }

    private fun change(call: suspend () -> Unit) {
        val act = suspend {
            try {
                call()
            } catch (error: Exception) {
                // Of several, some may have been done before one failed.
                show(find())
                throw error
            }
        }
        acts.run(act, ::find, ::show)
    }

    private fun show(together: Together) = states.update { it.copy(together = Loadable.Ready(together)) }

    private fun send(call: suspend () -> Unit) {
        if (states.value.sending) return
        states.update { it.copy(sending = true, problem = null) }
        sending.begin(call)
    }

    private fun settle(stands: Outcome<Together>, problem: Problem?) = states.update { before ->
        when (stands) {
            is Outcome.Done -> before.copy(together = Loadable.Ready(stands.value), sending = false, problem = problem)
            is Outcome.Failed -> before.copy(together = Loadable.Failed(stands.problem, ::look), sending = false)
        }
    }

    /** How it stands, with what was chosen before the app was shut. */
    private suspend fun find(): Together {
        val together = read(person.clusters.get(id))
        val open = together.open.map { it.asking.id }
        open.forEach { choices(it).restore() }
        (choices.keys - open.toSet()).forEach { choices.remove(it)?.forget() }
        return together
    }

    /** A member may have been suspended since the list was fetched: that is looked at once, while the person reads. */
    private fun renewTrust(together: Together) {
        val frameworks = together.open.mapNotNull { it.asking.who.framework }.distinct()
        if (renewed || frameworks.isEmpty()) return
        renewed = true
        scope.launch {
            val outcomes = frameworks.map { attempt { desk.renewTrust(it) } }
            if (Outcome.Done(true) in outcomes && !states.value.sending) look()
        }
    }
}
