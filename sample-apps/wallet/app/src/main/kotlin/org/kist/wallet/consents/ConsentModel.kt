package org.kist.wallet.consents

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.kist.ConsentDetail
import org.kist.ConsentSummary
import org.kist.Contact
import org.kist.Person
import org.kist.ReadInfo
import org.kist.wallet.state.Acts
import org.kist.wallet.state.Doing
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.lookAgain

/** A way to ask the organisation for a new offer. */
data class RenewalWay(val contact: String, val use: String)

/** One consent with everything that the screen tells of it. */
data class ConsentContent(
    val detail: ConsentDetail,
    /** What the organisation asked to read under it. */
    val reads: List<ReadInfo>,
    /** How it can be asked for a new offer; null where nobody knows how it is contacted. */
    val renewal: RenewalWay?,
)

/** One consent, and what the person does about it. */
data class OneConsentState(
    val content: Loadable<ConsentContent> = Loadable.Loading(),
    val askingToWithdraw: Boolean = false,
    /** The organisation was asked for a new offer just now. */
    val askedForNew: Boolean = false,
    val doing: Doing = Doing(),
)

/** One consent: look, pause, withdraw, ask again, ask for a new one. */
class ConsentModel(private val person: Person, private val id: String, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(OneConsentState())
    val state: StateFlow<OneConsentState> = states.asStateFlow()
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }

    /** Looks at the store; called whenever the screen is shown. */
    fun look() {
        scope.lookAgain({ states.value.content }, { found -> states.update { it.copy(content = found) } }) { content() }
    }

    /** Lets it stand still. */
    fun pause() = change { person.consents.pause(id) }

    /** Lets it go on. */
    fun resume() = change { person.consents.resume(id) }

    fun askToWithdraw(ask: Boolean) = states.update { it.copy(askingToWithdraw = ask) }

    /** Withdraws: it holds at once, whether or not the organisation can be reached. */
    fun withdraw() {
        askToWithdraw(false)
        change { person.consents.withdraw(id) }
    }

    /** Asks the organisation again to confirm that it knows. */
    fun remind() = change { person.consents.remind(id) }

    /** Fetches what the organisation said. */
    fun refresh() = change { person.inbox.refresh() }

    /** Asks the organisation for a new offer, which comes into the inbox. */
    fun askForNew(way: RenewalWay) = change {
        person.connections.open(way.contact, way.use)
        states.update { it.copy(askedForNew = true) }
    }

    private fun change(call: suspend () -> Unit) = acts.run(call, ::content) { found ->
        states.update { it.copy(content = Loadable.Ready(found)) }
    }

    private suspend fun content(): ConsentContent {
        val detail = person.consents.get(id)
        return ConsentContent(detail, person.consents.reads(id), renewalWay(detail.summary, person.connections.contacts()))
    }
}

/** The contact of the organisation, and of its uses the one that has the same purpose, else the first. */
internal fun renewalWay(consent: ConsentSummary, contacts: List<Contact>): RenewalWay? {
    val contact = contacts.firstOrNull { it.organisationId == consent.organisationId } ?: return null
    val use = contact.uses.firstOrNull { it.purpose == consent.purpose } ?: contact.uses.firstOrNull() ?: return null
    return RenewalWay(contact.id, use.id)
}
