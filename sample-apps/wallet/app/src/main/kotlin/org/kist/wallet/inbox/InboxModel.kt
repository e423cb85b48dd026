package org.kist.wallet.inbox

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.kist.HistoryEntry
import org.kist.InboxEvent
import org.kist.InboxItem
import org.kist.OpenRequest
import org.kist.OrganisationChange
import org.kist.Person
import org.kist.RecordFilter
import org.kist.RecordSummary
import org.kist.Schemas
import org.kist.SourceFilter
import org.kist.wallet.app.PreferenceStore
import org.kist.wallet.connections.block
import org.kist.wallet.history.isNews
import org.kist.wallet.state.Acts
import org.kist.wallet.state.Doing
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.lookAgain

/** A request that waits to be decided: who asks, and until when. */
data class WaitingRequest(val id: String, val asker: String, val until: Long)

/** What an organisation sent that no agreement covers, and what is known of who sent it. */
data class Unasked(
    val item: InboxItem,
    /** The framework that vouched for the sender when they met; empty where nobody did, null where it can't be told. */
    val framework: String?,
    /** How the sender can be asked for an agreement; null where nobody knows how it is contacted. */
    val contact: String?,
    val connection: String?,
)

/** What waits, and what came. */
data class InboxContent(
    /** Requests that wait for the person's decision. */
    val requests: List<WaitingRequest>,
    /** What organisations sent that no agreement covers. */
    val outside: List<Unasked>,
    /** What they sent under an agreement, to be read. */
    val messages: List<InboxItem>,
    /** What was delivered, the newest first; few. */
    val delivered: List<RecordSummary>,
    /** What happened since the person last looked, the newest first. */
    val news: List<HistoryEntry>,
    /** Organisations that stand elsewhere in their framework than the person was told. */
    val changes: List<OrganisationChange>,
)

/** What the inbox shows. */
data class InboxState(
    val content: Loadable<InboxContent> = Loadable.Loading(),
    /** What didn't come, or was dropped, at the last refresh. */
    val trouble: List<InboxEvent> = emptyList(),
    /** The person is asked whether its sender shall be blocked. */
    val blocking: InboxItem? = null,
    /** The person is asked whether it shall be taken away for good. */
    val dismissing: InboxItem? = null,
    /** A text went among the person's notes just now. */
    val kept: Boolean = false,
    val doing: Doing = Doing(),
)

/** The inbox: what organisations sent, and what is to be decided. */
class InboxModel(private val person: Person, private val preferences: PreferenceStore, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(InboxState())
    val state: StateFlow<InboxState> = states.asStateFlow()
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }

    /** How far the person had seen the history when they came here. */
    private val seen = preferences.state.value.seenEntries

    /** Looks at the store; called whenever the screen is shown. */
    fun look() {
        scope.lookAgain({ states.value.content }, { found -> states.update { it.copy(content = found) } }) { content() }
    }

    /** Fetches what organisations sent, and sends what waits. */
    fun refresh() = acting {
        val events = if (person.relay() == null) emptyList() else person.inbox.refresh()
        states.update { it.copy(trouble = events.filter(::isTrouble)) }
    }

    /** Takes a text among the person's notes. */
    fun keep(item: InboxItem) = acting {
        person.records.add(Schemas.NOTE, buildJsonObject { put("text", item.text.orEmpty()) })
        person.inbox.dismiss(item.id)
        states.update { it.copy(kept = true) }
    }

    /** Asks whether an item shall be taken away; null ends the question. */
    fun askToDismiss(item: InboxItem?) = states.update { it.copy(dismissing = item) }

    /** Takes the item away that was asked about: read, or refused unopened. */
    fun dismiss() {
        val item = states.value.dismissing ?: return
        askToDismiss(null)
        acting { person.inbox.dismiss(item.id) }
    }

    /** Asks whether a sender shall be blocked; null ends the question. */
    fun askToBlock(item: InboxItem?) = states.update { it.copy(blocking = item) }

    /** Blocks the sender that was asked about. */
    fun block() {
        val item = states.value.blocking ?: return
        askToBlock(null)
        acting { person.block(item.organisationId) }
    }

    /** Notes that the person was told how organisations stand now. */
    fun told(changes: List<OrganisationChange>) = acting { person.told(changes) }

    private fun acting(call: suspend () -> Unit) {
        states.update { it.copy(kept = false) }
        acts.run(call, ::content) { content -> states.update { it.copy(content = Loadable.Ready(content)) } }
    }

    private suspend fun content(): InboxContent {
        val (outside, messages) = person.inbox.items().partition { it.outsideAgreement }
        val history = person.history.entries()
        history.lastOrNull()?.let { last -> preferences.change { it.copy(seenEntries = last.sequence.toLong()) } }
        return InboxContent(
            requests = person.requests.pending().map(::waiting),
            outside = unasked(outside),
            messages = messages,
            delivered = person.records.list(RecordFilter(source = SourceFilter.Delivered)).take(FEW),
            news = history.filter { it.sequence.toLong() > seen && it.isNews }.takeLast(MANY).reversed(),
            changes = person.organisationChanges(),
        )
    }

    private suspend fun unasked(items: List<InboxItem>): List<Unasked> {
        if (items.isEmpty()) return emptyList()
        val (met, contacts) = person.connections.list() to person.connections.contacts()
        return items.map { item ->
            val here = met.filter { it.organisationId == item.organisationId }
            // The same id may be somebody else's in another framework.
            val framework = here.map { it.framework }.distinct().singleOrNull()
            val contact = contacts.firstOrNull { it.organisationId == item.organisationId && it.framework == framework }
            Unasked(item, framework, contact?.id, here.firstOrNull()?.id)
        }
    }

    private companion object {
        const val FEW = 5
        const val MANY = 20
    }
}

private fun waiting(request: OpenRequest): WaitingRequest {
    val asker = request.evaluation.asker
    return WaitingRequest(request.id, (asker.onBehalfOf ?: asker.organisation).name, request.expiresAt)
}

private fun isTrouble(event: InboxEvent): Boolean = event is InboxEvent.Dropped || event is InboxEvent.Missing ||
    event is InboxEvent.Unreachable || event is InboxEvent.FileRefused
