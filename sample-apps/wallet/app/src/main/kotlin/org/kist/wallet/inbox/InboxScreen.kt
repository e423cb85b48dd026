package org.kist.wallet.inbox

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.text.selection.SelectionContainer
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.semantics
import org.kist.HistoryEntry
import org.kist.InboxEvent
import org.kist.InboxItem
import org.kist.MemberState
import org.kist.OrganisationChange
import org.kist.RecordSummary
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.connections.block
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.Empty
import org.kist.wallet.design.IconAct
import org.kist.wallet.design.Icons
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.LocalPalette
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Question
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.Space
import org.kist.wallet.design.Working
import org.kist.wallet.edit.isEmpty
import org.kist.wallet.history.happened
import org.kist.wallet.history.topic
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.language.thing
import org.kist.wallet.rights.icon

/** What organisations sent, and what waits for a decision. */
object InboxDestination : Destination("inbox") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> InboxModel(stay.person, stay.wallet.preferences, scope).also(InboxModel::refresh) }
        LaunchedEffect(model) { model.look() }
        val state by model.state.collectAsState()
        InboxScreen(
            state,
            InboxActs(
                onBack = stay.wayBack,
                onRefresh = model::refresh,
                onKeep = model::keep,
                onAskToDismiss = model::askToDismiss,
                onDismiss = model::dismiss,
                onAskToBlock = model::askToBlock,
                onBlock = model::block,
                onTold = model::told,
                onRequest = { stay.wayTo("request", it) },
                onRecord = { stay.wayTo("record", it) },
                onContact = { stay.wayTo("contact", it) },
                onConnection = { stay.wayTo("connection", it) },
                onConsents = stay.wayTo("consents"),
                onScan = stay.wayTo("scan"),
            ),
        )
    }
}

/** What can be done in the inbox; null where a build hasn't the room. */
class InboxActs(
    val onBack: (() -> Unit)? = {},
    val onRefresh: () -> Unit = {},
    val onKeep: (InboxItem) -> Unit = {},
    val onAskToDismiss: (InboxItem?) -> Unit = {},
    val onDismiss: () -> Unit = {},
    val onAskToBlock: (InboxItem?) -> Unit = {},
    val onBlock: () -> Unit = {},
    val onTold: (List<OrganisationChange>) -> Unit = {},
    val onRequest: (String) -> (() -> Unit)? = { null },
    val onRecord: (String) -> (() -> Unit)? = { null },
    val onContact: (String) -> (() -> Unit)? = { null },
    val onConnection: (String) -> (() -> Unit)? = { null },
    val onConsents: (() -> Unit)? = null,
    val onScan: (() -> Unit)? = null,
)

@Composable
fun InboxScreen(state: InboxState, acts: InboxActs) {
    val words = LocalWords.current
    Screen(
        words("inbox.title"),
        onBack = acts.onBack,
        tools = { IconAct(Icons.Refresh, words("inbox.refresh"), acts.onRefresh, enabled = !state.doing.busy) },
    ) {
        state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
        if (state.doing.busy) Working(words("inbox.working"))
        if (state.kept) Banner(BannerKind.SUCCESS, words("inbox.kept"))
        Loaded(state.content) { content ->
            Standings(content.changes, words, acts)
            state.trouble.forEach { Trouble(it, words) }
            Requests(content.requests, words, acts)
            Outside(content.outside, state.doing.busy, words, acts)
            Messages(content.messages, state.doing.busy, words, acts)
            Delivered(content.delivered, words, acts)
            News(content.news, words)
            if (content.isEmpty) {
                Empty(Icons.Inbox, words("inbox.empty.title"), words("inbox.empty.text")) {
                    acts.onScan?.let { SecondaryButton(words("inbox.scan"), it, icon = Icons.Scan) }
                }
            }
        }
    }
    state.blocking?.let { item ->
        Question(
            words("inbox.block.title", "organisation" to item.organisation),
            words("inbox.block.means"),
            yes = words("inbox.block"),
            onYes = acts.onBlock,
            onNo = { acts.onAskToBlock(null) },
            danger = true,
        )
    }
    state.dismissing?.let { DismissQuestion(it, words, acts) }
}

/** What is taken away is nowhere else. */
@Composable
private fun DismissQuestion(item: InboxItem, words: Words, acts: InboxActs) {
    val kind = if (item.text != null) "text" else "delivery"
    Question(
        words("inbox.dismiss.$kind"),
        words("inbox.dismiss.$kind.means"),
        yes = words(dismissal(item)),
        onYes = acts.onDismiss,
        onNo = { acts.onAskToDismiss(null) },
        danger = true,
    )
}

/** What it is called to take an item away: a text was read, all else is refused unopened. */
private fun dismissal(item: InboxItem): String = if (item.text != null) "inbox.read" else "inbox.refuse"

private val InboxContent.isEmpty: Boolean
    get() = listOf(requests, outside, messages, delivered, news, changes).all { it.isEmpty() }

/** Organisations for which nobody vouches any more, or again. */
@Composable
private fun Standings(changes: List<OrganisationChange>, words: Words, acts: InboxActs) {
    changes.forEach { change ->
        val good = change.to == MemberState.ACTIVE
        Banner(
            if (good) BannerKind.INFO else BannerKind.WARNING,
            words("inbox.standing.${change.to}", "organisation" to change.legalName, "framework" to change.label),
            text = words(if (good) "inbox.standing.good" else "inbox.standing.bad"),
            acts = { PlainButton(words("inbox.standing.seen"), { acts.onTold(listOf(change)) }) },
        )
    }
}

@Composable
private fun Trouble(event: InboxEvent, words: Words) = when (event) {
    is InboxEvent.Unreachable -> Banner(
        BannerKind.OFFLINE,
        words("inbox.trouble.unreachable", "organisation" to event.organisation),
        text = words("inbox.trouble.unreachable.text"),
    )
    is InboxEvent.Missing -> Banner(
        BannerKind.WARNING,
        words("inbox.trouble.missing", "organisation" to event.organisation, "count" to event.count),
        text = words("inbox.trouble.missing.text"),
    )
    is InboxEvent.Dropped -> Banner(
        BannerKind.WARNING,
        words("inbox.trouble.dropped", "organisation" to event.organisation),
        text = words.core("errors", event.code),
    )
    is InboxEvent.FileRefused -> Banner(
        BannerKind.WARNING,
        words("inbox.trouble.file", "organisation" to event.organisation, "name" to event.name),
        text = words.core("errors", event.code),
    )
    else -> {}
}

@Composable
private fun Requests(requests: List<WaitingRequest>, words: Words, acts: InboxActs) {
    if (requests.isEmpty()) return
    SectionHeading(words("inbox.requests"))
    Card {
        requests.forEach { request ->
            ListRow(
                words("inbox.request", "organisation" to request.asker),
                detail = words("inbox.request.until", "when" to words.moment(request.until)),
                icon = Icons.Consents,
                onClick = acts.onRequest(request.id),
            )
        }
    }
}

/**
 * What no agreement covers: it lies apart. Words can be kept; of a delivery the core keeps nothing, so that the way to it is an
 * agreement, after which it can be sent again.
 */
@Composable
private fun Outside(items: List<Unasked>, busy: Boolean, words: Words, acts: InboxActs) {
    if (items.isEmpty()) return
    SectionHeading(words("inbox.outside"))
    Text(words("inbox.outside.text"))
    items.forEach { unasked ->
        val item = unasked.item
        Card(tone = LocalPalette.current.warning) {
            ItemText(item, words)
            unasked.framework?.let { framework ->
                val vouched = if (framework.isEmpty()) words("inbox.outside.nobody") else words("inbox.outside.vouched", "framework" to framework)
                Text(vouched, style = MaterialTheme.typography.bodyMedium)
            }
            Buttons {
                if (item.text != null) SecondaryButton(words("inbox.keep"), { acts.onKeep(item) }, enabled = !busy)
                SecondaryButton(words(dismissal(item)), { acts.onAskToDismiss(item) }, enabled = !busy)
                val ask = unasked.contact?.let(acts.onContact)?.takeIf { item.kind == DELIVERY }
                ask?.let { PlainButton(words("inbox.outside.ask"), it, enabled = !busy) }
                unasked.connection?.let(acts.onConnection)?.let { PlainButton(words("inbox.outside.who"), it, enabled = !busy) }
                PlainButton(words("inbox.block"), { acts.onAskToBlock(item) }, enabled = !busy)
            }
        }
    }
}

@Composable
private fun Messages(items: List<InboxItem>, busy: Boolean, words: Words, acts: InboxActs) {
    if (items.isEmpty()) return
    SectionHeading(words("inbox.messages"))
    items.forEach { item ->
        Card {
            ItemText(item, words)
            Buttons {
                if (item.text != null) {
                    SecondaryButton(words("inbox.keep"), { acts.onKeep(item) }, enabled = !busy)
                    PlainButton(words(dismissal(item)), { acts.onAskToDismiss(item) }, enabled = !busy)
                } else {
                    // A delivery that an agreement covers waits for the agreement to go on, or for a newer list.
                    acts.onConsents?.let { SecondaryButton(words("inbox.held.look"), it, enabled = !busy) }
                    PlainButton(words(dismissal(item)), { acts.onAskToDismiss(item) }, enabled = !busy)
                }
            }
        }
    }
}

@Composable
private fun ItemText(item: InboxItem, words: Words) {
    val text = item.text
    Text(item.organisation, Modifier.semantics { heading() }, style = MaterialTheme.typography.titleSmall)
    Text(words.moment(item.receivedMs / MILLISECONDS), style = MaterialTheme.typography.bodySmall)
    when {
        text != null -> SelectionContainer { Text(text, style = MaterialTheme.typography.bodyLarge) }
        item.kind == DELIVERY ->
            Text(words(if (item.outsideAgreement) "inbox.unopened" else "inbox.held"), style = MaterialTheme.typography.bodyLarge)
        else -> Text(words("inbox.unknown"), style = MaterialTheme.typography.bodyLarge)
    }
}

@Composable
private fun Buttons(content: @Composable () -> Unit) = FlowRow(
    horizontalArrangement = Arrangement.spacedBy(Space.small),
    verticalArrangement = Arrangement.spacedBy(Space.small),
) { content() }

@Composable
private fun Delivered(records: List<RecordSummary>, words: Words, acts: InboxActs) {
    if (records.isEmpty()) return
    SectionHeading(words("inbox.delivered"))
    Card {
        records.forEach { record ->
            ListRow(
                record.title.ifEmpty { words.thing(record.schema) },
                detail = words(
                    "inbox.delivered.by",
                    "organisation" to record.provenance.verifiedBy.orEmpty(),
                    "day" to words.day(record.createdMs / MILLISECONDS),
                ),
                icon = Icons.Shield,
                onClick = acts.onRecord(record.id),
            )
        }
    }
}

@Composable
private fun News(news: List<HistoryEntry>, words: Words) {
    if (news.isEmpty()) return
    SectionHeading(words("inbox.news"))
    Card {
        news.forEach { entry ->
            ListRow(words.happened(entry), detail = words.moment(entry.timeMs / MILLISECONDS), icon = entry.topic.icon)
        }
    }
}

private const val DELIVERY = "delivery"
private const val MILLISECONDS = 1_000L
