package org.kist.wallet.request

import kotlin.coroutines.cancellation.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.kist.Verdict
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Outcome
import org.kist.wallet.state.Problem
import org.kist.wallet.state.attempt
import org.kist.wallet.state.load
import org.kist.wallet.state.valueOrNull

/** A request on the screen: how it stands, what was chosen, what is being done. */
data class RequestState(
    val found: Loadable<Found> = Loadable.Loading(),
    val choosing: Choosing = Choosing(),
    /** The decision is being kept and sent. */
    val sending: Boolean = false,
    /** What kept the last act from happening; nothing of the choice is lost by it. */
    val problem: Problem? = null,
    /** The person is asked whether they mean to refuse. */
    val refusing: Boolean = false,
) {
    val asking: Asking? get() = (found.valueOrNull as? Found.Open)?.asking
}

/** Looks at a request and decides it. [onLeave] is called when the person puts it off. */
class RequestModel(
    private val id: String,
    private val desk: RequestDesk,
    private val scope: CoroutineScope,
    private val onLeave: () -> Unit,
) {
    private val states = MutableStateFlow(RequestState())
    private var sending: Job? = null
    private var renewed = false
    private val draft = desk.draft(id)
    private var keeping: Job? = null
    private var restored = false
    val state: StateFlow<RequestState> = states.asStateFlow()

    init {
        look()
    }

    /** Looks how the request stands now. */
    fun look() {
        scope.load({ found ->
            states.update { it.copy(found = found, problem = null) }
            found.valueOrNull?.let(::renewTrust)
        }) { find() }
    }

    fun tick(field: String, ticked: Boolean) = choose {
        it.copy(ticked = if (ticked) it.ticked + field else it.ticked - field)
    }

    fun takeRecord(credential: String, candidate: String) = choose { it.copy(records = it.records + (credential to candidate)) }

    /** Takes one of several things; null takes none, where none is needed. */
    fun takeOption(place: Int, option: Int?) = choose {
        it.copy(options = if (option == null) it.options - place else it.options + (place to option))
    }

    /** Gives what was chosen. [language] is the one in which the person reads. */
    fun share(language: String) {
        val asking = states.value.asking ?: return
        if (!states.value.mayShare) return
        val decision = asking.decision(states.value.choosing)
        send { desk.answer(id, decision, language) }
    }

    /** Gives the answer that was remembered. */
    fun shareRemembered() = send { desk.answerRemembered(id) }

    /** Sends an answer that was decided and still waits. */
    fun sendNow() = send { desk.send() }

    /** Stops the sending. What was decided by then stays decided, and the screen says which it is. */
    fun cancel() {
        sending?.cancel()
    }

    /** Asks whether the person means to refuse; false takes the question back. */
    fun askToRefuse(asked: Boolean) = states.update { it.copy(refusing = asked) }

    /** Refuses. */
    fun refuse() {
        val who = states.value.asking?.who ?: return
        states.update { it.copy(refusing = false, problem = null) }
        scope.launch {
            when (val outcome = attempt { desk.refuse(id) }) {
                is Outcome.Done -> {
                    forgetChoices()
                    tell(Found.Refused(who.name, who.supervisor, who.supervisorUri))
                }
                is Outcome.Failed -> states.update { it.copy(problem = outcome.problem) }
            }
        }
    }

    /** Decides later: the request waits where requests wait. */
    fun notNow() = onLeave()

    private fun send(call: suspend () -> Unit) {
        if (states.value.sending) return
        states.update { it.copy(sending = true, problem = null) }
        sending = scope.launch {
            var problem: Problem? = null
            try {
                problem = (attempt(call) as? Outcome.Failed)?.problem
            } finally {
                // Cancelled or failed, it may have been decided before: the store knows.
                withContext(NonCancellable) { afterSending(problem) }
            }
        }
    }

    private suspend fun afterSending(problem: Problem?) {
        val stands = try {
            attempt { find() }
        } catch (_: CancellationException) {
            return
        }
        states.update { before ->
            when (stands) {
                is Outcome.Done -> before.copy(found = Loadable.Ready(stands.value), sending = false, problem = problem)
                // It may not be answered any more: the organisation isn't believed now, say.
                is Outcome.Failed -> before.copy(sending = false, found = Loadable.Failed(stands.problem, ::look))
            }
        }
    }

    /** An organisation may have been suspended since the list was fetched: that is looked at once, while the person reads. */
    private fun renewTrust(found: Found) {
        val framework = (found as? Found.Open)?.asking?.who?.framework
        if (renewed || framework == null) return
        renewed = true
        scope.launch {
            val outcome = attempt { desk.renewTrust(framework) }
            if (outcome is Outcome.Done && outcome.value && !states.value.sending) look()
        }
    }

    private fun tell(found: Found) = states.update { it.copy(found = Loadable.Ready(found)) }

    /** How it stands, with what was chosen before the app was shut. */
    private suspend fun find(): Found {
        val found = desk.find(id)
        if (found !is Found.Open) forgetChoices() else if (!restored) restoreChoices()
        return found
    }

    private suspend fun restoreChoices() {
        val chosen = attempt { draft?.find() }
        if (chosen is Outcome.Done) states.update { it.copy(choosing = chosen.value ?: it.choosing) }
        restored = true
    }

    /** It is decided, or over. What can't be cleared away now mustn't hide that. */
    private suspend fun forgetChoices() {
        keeping?.cancel()
        attempt { draft?.drop() }
    }

    private fun choose(by: (Choosing) -> Choosing) {
        // What is being sent is what stood there.
        if (states.value.sending) return
        states.update { it.copy(choosing = by(it.choosing), problem = null) }
        val choosing = states.value.choosing
        keeping?.cancel()
        // What can't be kept as a draft is still on the screen.
        keeping = scope.launch { attempt { draft?.keep(choosing) } }
    }
}

/** Whether there is an answer as things stand. */
val RequestState.mayShare: Boolean
    get() {
        val asking = asking ?: return false
        val barred = asking.verdict is Verdict.Paused || asking.verdict is Verdict.Refuse
        return !sending && !barred && asking.decision(choosing).isNotEmpty() &&
            asking.lacking(choosing).isEmpty() && !asking.lacksAnOption(choosing)
    }
