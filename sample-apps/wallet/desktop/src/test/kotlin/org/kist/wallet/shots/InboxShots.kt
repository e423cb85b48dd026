package org.kist.wallet.shots

import org.kist.HistoryEntry
import org.kist.InboxEvent
import org.kist.InboxItem
import org.kist.MemberState
import org.kist.OrganisationChange
import org.kist.Provenance
import org.kist.SourceKind
import org.kist.wallet.inbox.InboxActs
import org.kist.wallet.inbox.InboxContent
import org.kist.wallet.inbox.InboxScreen
import org.kist.wallet.inbox.InboxState
import org.kist.wallet.inbox.Unasked
import org.kist.wallet.inbox.WaitingRequest
import org.kist.wallet.state.Doing
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem

private val nothing = InboxContent(emptyList(), emptyList(), emptyList(), emptyList(), emptyList(), emptyList())

private val letter = InboxItem(
    "1", "Harbour Council", "NTRGB-2001", Samples.NOW * 1_000, "note", "Your permit is ready. Bring this message with you.", false,
)
private val unasked = letter.copy(
    id = "2", organisation = "Quick Loans Ltd", text = "You have been chosen for a loan. Answer today!", outsideAgreement = true,
)
private val unopened = unasked.copy(id = "3", kind = "delivery", text = null)

private val vaccination = Samples.record("Tetanus toxoid, 23 November 2026", "urn:kist:schema:vaccination:1", "health")
    .copy(provenance = Provenance(SourceKind.DELIVERED, null, "NTRGB-1234", "1", "Riverside Clinic", Samples.NOW * 1_000))

private val acknowledged = HistoryEntry(
    12u, (Samples.NOW - 600) * 1_000, "WithdrawalAcknowledged", "Shore Charity", "NTRGB-3001", """{"type":"WithdrawalAcknowledged"}""",
)

private val full = InboxContent(
    requests = listOf(WaitingRequest("1", "Riverside Clinic", Samples.NOW + 900)),
    outside = listOf(
        Unasked(unasked, "Health Framework", contact = null, connection = "1"),
        Unasked(unopened, "Health Framework", contact = "2", connection = "1"),
    ),
    messages = listOf(letter, letter.copy(id = "4", organisation = "Island Power", kind = "delivery", text = null)),
    delivered = listOf(vaccination),
    news = listOf(acknowledged),
    changes = listOf(
        OrganisationChange(
            "Health Framework", "NTRGB-4001", "Quick Loans Ltd", MemberState.ACTIVE, MemberState.SUSPENDED, Samples.NOW - 3_600,
        ),
    ),
)

private val acts = InboxActs(onRequest = { {} }, onRecord = { {} }, onContact = { {} }, onConnection = { {} }, onConsents = {}, onScan = {})

private fun inbox(name: String, state: InboxState, height: Int = Shot.PHONE_HEIGHT) =
    Shot(name, height = height) { InboxScreen(state, acts) }

val inboxShots = listOf(
    inbox("inbox", InboxState(Loadable.Ready(full)), height = 2400),
    inbox(
        "inbox-unopened",
        InboxState(Loadable.Ready(nothing.copy(outside = listOf(Unasked(unopened, framework = "", contact = null, connection = "1"))))),
    ),
    inbox("inbox-delete", InboxState(Loadable.Ready(full), dismissing = letter)),
    inbox("inbox-block", InboxState(Loadable.Ready(full), blocking = unasked)),
    inbox(
        "inbox-trouble",
        InboxState(
            Loadable.Ready(nothing.copy(messages = listOf(letter))),
            trouble = listOf(
                InboxEvent.Unreachable("Riverside Clinic", "Unreachable"),
                InboxEvent.Missing("Harbour Council", 2),
                InboxEvent.Dropped("Quick Loans Ltd", "SignatureInvalid"),
            ),
        ),
    ),
    inbox("inbox-empty", InboxState(Loadable.Ready(nothing))),
    inbox("inbox-loading", InboxState(doing = Doing(busy = true))),
    inbox("inbox-error", InboxState(Loadable.Failed(Problem("Storage", retry = true)) {})),
    inbox(
        "inbox-offline",
        InboxState(
            Loadable.Ready(full.copy(outside = emptyList(), changes = emptyList())),
            doing = Doing(problem = Problem("Unreachable", retry = true, offline = true), again = {}),
        ),
    ),
)
