package org.kist.wallet.request

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Outcome
import org.kist.wallet.state.Problem
import org.kist.wallet.state.attempt
import org.kist.wallet.state.lookAgain
import org.kist.wallet.state.valueOrNull

/** A request on the screen: how it stands, what was chosen, what is being done. */
data class RequestState(
    val found: Loadable<Found> = Loadable.Loading(),
    val choosing: Choosing = Choosing(),
    /** The decision is being kept and sent. */
    val sending: Boolean = false,
    /** What kept the last act from happening; nothing of the choice is lost by it. */
    val problem: Problem? = null,
    /** Those among whom this organisation asks. */
    val joint: Joint? = null,
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
    private val sending = Sending(scope, ::find, ::settle)
    private var lookedAround = false
    val state: StateFlow<RequestState> = states.asStateFlow()

    /** What the person chooses. */
    val choices = Choices(desk.draft(id), scope) { choosing -> states.update { it.copy(choosing = choosing, problem = null) } }

    /** Looks how the request stands now; called whenever the screen is shown. */
    fun look() {
        scope.lookAgain({ states.value.found }, { found ->
            states.update { it.copy(found = found, problem = null) }
            found.valueOrNull?.let(::lookAround)
        }) { find() }
    }

    /** Gives what was chosen. [language] is the one in which the person reads. */
    fun share(language: String) {
        val now = states.value
        val asking = now.asking ?: return
        if (now.sending || !asking.mayShare(now.choosing)) return
        val decision = asking.decision(now.choosing)
        val remember = if (asking.canRemember) now.choosing.remember else Remember.NO
        send { desk.answer(id, decision, language, remember) }
    }

    /** Gives the answer that was remembered. */
    fun shareRemembered() = send { desk.answerRemembered(id) }

    /** Sends an answer that was decided and still waits. */
    fun sendNow() = send { desk.send() }

    /** Stops the sending. What was decided by then stays decided, and the screen says which it is. */
    fun cancel() = sending.cancel()

    /** Asks whether the person means to refuse; false takes the question back. */
    fun askToRefuse(asked: Boolean) = states.update { it.copy(refusing = asked) }

    /** Refuses. */
    fun refuse() {
        if (states.value.asking == null) return
        states.update { it.copy(refusing = false, problem = null) }
        scope.launch {
            val outcome = attempt {
                desk.refuse(id)
                find()
            }
            when (outcome) {
                is Outcome.Done -> states.update { it.copy(found = Loadable.Ready(outcome.value)) }
                is Outcome.Failed -> states.update { it.copy(problem = outcome.problem) }
            }
        }
    }

    /** Decides later: the request waits where requests wait. */
    fun notNow() = onLeave()

    private fun send(call: suspend () -> Unit) {
        if (states.value.sending) return
        states.update { it.copy(sending = true, problem = null) }
        sending.begin(call)
    }

    private fun settle(stands: Outcome<Found>, problem: Problem?) = states.update { before ->
        when (stands) {
            is Outcome.Done -> before.copy(found = Loadable.Ready(stands.value), sending = false, problem = problem)
            // It may not be answered any more: the organisation isn't believed now, say.
            is Outcome.Failed -> before.copy(sending = false, found = Loadable.Failed(stands.problem, ::look))
        }
    }

    /** How it stands, with what was chosen before the app was shut. */
    private suspend fun find(): Found {
        val found = desk.find(id)
        if (found is Found.Open) choices.restore() else choices.forget()
        return found
    }

    /** What takes longer is done once, while the person reads: what still waits here is sent, and others are asked. */
    private fun lookAround(found: Found) {
        if (lookedAround) return
        lookedAround = true
        if (found is Found.Answered && found.waiting) sendNow()
        if (found !is Found.Open) return
        scope.launch {
            val joint = attempt { desk.joint(id) }
            if (joint is Outcome.Done) states.update { it.copy(joint = joint.value) }
        }
        found.asking.who.framework?.let(::renewTrust)
    }

    /** An organisation may have been suspended since the list was fetched. */
    private fun renewTrust(framework: String) {
        scope.launch {
            val outcome = attempt { desk.renewTrust(framework) }
            if (outcome is Outcome.Done && outcome.value && !states.value.sending) look()
        }
    }
}
