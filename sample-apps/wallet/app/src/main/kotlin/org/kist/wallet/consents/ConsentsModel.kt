package org.kist.wallet.consents

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.kist.ClusterView
import org.kist.ConsentAct
import org.kist.ConsentOutcome
import org.kist.ConsentSummary
import org.kist.EffortSaved
import org.kist.Person
import org.kist.ReadInfo
import org.kist.wallet.state.Acts
import org.kist.wallet.state.Doing
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.lookAgain
import org.kist.wallet.state.valueOrNull

/** What was agreed with everyone. */
data class ConsentsContent(
    val consents: List<ConsentSummary>,
    /** Since when everything is paused, Unix seconds. */
    val pausedSince: Long?,
    val effort: EffortSaved,
    /** What organisations asked to read, the newest first. */
    val reads: List<ReadInfo>,
    val clusters: List<ConsentCluster> = emptyList(),
)

/** What can be done with several. */
enum class BulkAct(internal val act: ConsentAct) {
    PAUSE(ConsentAct.Pause),
    RESUME(ConsentAct.Resume),
    WITHDRAW(ConsentAct.Withdraw),
}

/** What was done with several, until the person goes on. */
data class BulkDone(val act: BulkAct, val done: List<String>, val failed: List<ConsentOutcome>)

/** All consents in one place, and several chosen of them. */
data class ConsentsState(
    val content: Loadable<ConsentsContent> = Loadable.Loading(),
    val view: ConsentView = ConsentView.ORGANISATION,
    val withEnded: Boolean = false,
    /** What the person looks for: a part of the name of an organisation, of a thing or of a field. */
    val sought: String = "",
    /** Those that are ticked; null while none are being chosen. */
    val chosen: Set<String>? = null,
    /** The person is asked whether the chosen ones shall be withdrawn, of which this is kept; null while they aren't. */
    val askingToWithdraw: List<KeptBy>? = null,
    val bulk: BulkDone? = null,
    val doing: Doing = Doing(),
)

/** All consents: look, choose several, pause everything. */
class ConsentsModel(private val person: Person, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(ConsentsState())
    val state: StateFlow<ConsentsState> = states.asStateFlow()
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }

    /** Looks at the store; called whenever the screen is shown. */
    fun look() {
        scope.lookAgain({ states.value.content }, { found -> states.update { it.copy(content = found) } }) { content() }
    }

    fun layOutBy(view: ConsentView) = states.update { it.copy(view = view) }

    fun showEnded(show: Boolean) = states.update { it.copy(withEnded = show) }

    fun seek(text: String) = states.update { it.copy(sought = text) }

    /** Fetches what organisations said, and answers what they asked to read. */
    fun refresh() = acts.run {
        person.inbox.refresh()
        show()
    }

    /** Begins to choose several, or ends it. */
    fun choose(several: Boolean) =
        states.update { it.copy(chosen = if (several) emptySet() else null, askingToWithdraw = null, bulk = null) }

    fun tick(id: String, on: Boolean) =
        states.update { it.copy(chosen = it.chosen.orEmpty().let { all -> if (on) all + id else all - id }) }

    /** Ticks all that stand. */
    fun tickAll() = states.update { state ->
        state.copy(chosen = state.content.valueOrNull?.consents.orEmpty().filter { it.stands }.map { it.id }.toSet())
    }

    /** Asks whether the chosen ones shall be withdrawn; false ends the question. */
    fun askToWithdraw(ask: Boolean) {
        if (!ask) return states.update { it.copy(askingToWithdraw = null) }
        acts.run {
            val kept = person.keptAfterWithdrawal(states.value.chosen.orEmpty())
            states.update { it.copy(askingToWithdraw = kept) }
        }
    }

    /** Does the same with all that are ticked. What can't be done with one keeps it from no other. */
    fun change(act: BulkAct) {
        val chosen = states.value.chosen.orEmpty()
        states.update { it.copy(askingToWithdraw = null) }
        if (chosen.isNotEmpty()) change(act, chosen)
    }

    /** Takes a pause of several back, or lets them pause again. A withdrawal can't be taken back. */
    fun undo() {
        val bulk = states.value.bulk ?: return
        change(if (bulk.act == BulkAct.PAUSE) BulkAct.RESUME else BulkAct.PAUSE, bulk.done.toSet())
    }

    private fun change(act: BulkAct, ids: Set<String>) = acts.run {
        val outcomes = person.consents.change(ids.toList(), act.act)
        // What was withdrawn already is as the person wants it.
        val (done, failed) = outcomes.partition { it.error == null || act == BulkAct.WITHDRAW && it.error == WITHDRAWN }
        states.update { it.copy(chosen = null, bulk = BulkDone(act, done.map(ConsentOutcome::id), failed)) }
        show()
    }

    /** Pauses everything in one act. */
    fun pauseEverything() = acts.run {
        person.consents.pauseEverything()
        states.update { it.copy(bulk = null) }
        show()
    }

    /** Takes that back. */
    fun resumeEverything() = acts.run {
        person.consents.resumeEverything()
        show()
    }

    private suspend fun show() {
        val content = content()
        states.update { it.copy(content = Loadable.Ready(content)) }
    }

    private suspend fun content() = ConsentsContent(
        person.consents.list(),
        person.consents.everythingPaused(),
        person.consents.effortSaved(),
        person.consents.reads(),
        person.clusters.list().map(::cluster),
    )

    private fun cluster(view: ClusterView): ConsentCluster {
        val consents = view.members.mapNotNull { it.consent } + view.left
        return ConsentCluster(view.id, view.name, consents.map { it.id }.toSet())
    }

    private companion object {
        const val WITHDRAWN = "ConsentWithdrawn"
    }
}
