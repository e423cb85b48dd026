package org.kist

import org.kist.generated.InboxEvent as CoreInboxEvent
import org.kist.generated.OrgEvent as CoreOrgEvent

/** What a refresh of a person's inbox came to. */
sealed interface InboxEvent {
    /** An organisation's receipt came. */
    data class ReceiptStored(val consent: String, val organisation: String) : InboxEvent

    /** A record was delivered, verified, and is in the store. */
    data class Delivered(val consent: String, val organisation: String, val record: String) : InboxEvent

    /** A withdrawal was acknowledged. */
    data class Acknowledged(val consent: String, val organisation: String) : InboxEvent

    /** An organisation answered a request of rights, or what came with its answer is in the store by now. */
    data class RightsAnswered(
        val request: String,
        val organisation: String,
        val outcome: RightsOutcome,
        val records: List<String>,
    ) : InboxEvent

    /** An organisation asked to read by standing access, and was answered. */
    data class ReadAnswered(val consent: String, val organisation: String, val read: String) : InboxEvent

    /** An organisation asked to read what it may not, and was told so; [code] says why. */
    data class ReadRefused(
        val consent: String,
        val organisation: String,
        val read: String,
        val code: String,
    ) : InboxEvent

    /** An organisation has a file that was sent to it. */
    data class FileArrived(val consent: String, val organisation: String, val name: String) : InboxEvent

    /** A file won't come, or wasn't taken; [chunk] was not what its credential says. */
    data class FileRefused(
        val consent: String,
        val organisation: String,
        val name: String,
        val code: String,
        val chunk: Long?,
    ) : InboxEvent

    /** An organisation that the person contacted sent its request, which waits to be decided. */
    data class RequestCame(val organisation: String, val request: String) : InboxEvent

    /** Another person answered an invitation: both compare [checkCode] now. */
    data class PersonAnswered(val person: String, val name: String, val checkCode: String) : InboxEvent

    /** Another person withdrew what they shared; it was deleted here. */
    data class ShareWithdrawn(val share: String, val name: String) : InboxEvent

    /** A narrowing was acknowledged. */
    data class NarrowingAcknowledged(val consent: String, val organisation: String) : InboxEvent

    /** Something waits to be read. */
    data class Waiting(val item: String, val organisation: String, val outsideAgreement: Boolean) : InboxEvent

    /** Something was dropped that nobody vouches for, or that couldn't be verified; [code] says why. */
    data class Dropped(val organisation: String, val code: String) : InboxEvent

    /** A relay lost messages. */
    data class Missing(val organisation: String, val count: Long) : InboxEvent

    /** What goes to or comes from an organisation still waits; the next refresh tries again. */
    data class Unreachable(val organisation: String, val code: String) : InboxEvent
}

internal fun CoreInboxEvent.toEvent(): InboxEvent = when (this) {
    is CoreInboxEvent.ReceiptStored -> InboxEvent.ReceiptStored(consent, organisation)
    is CoreInboxEvent.Delivered -> InboxEvent.Delivered(consent, organisation, record)
    is CoreInboxEvent.Acknowledged -> InboxEvent.Acknowledged(consent, organisation)
    is CoreInboxEvent.RightsAnswered -> InboxEvent.RightsAnswered(request, organisation, outcome, records)
    is CoreInboxEvent.ReadAnswered -> InboxEvent.ReadAnswered(consent, organisation, read)
    is CoreInboxEvent.ReadRefused -> InboxEvent.ReadRefused(consent, organisation, read, code)
    is CoreInboxEvent.FileArrived -> InboxEvent.FileArrived(consent, organisation, name)
    is CoreInboxEvent.FileRefused -> InboxEvent.FileRefused(consent, organisation, name, code, chunk?.toLong())
    is CoreInboxEvent.RequestCame -> InboxEvent.RequestCame(organisation, request)
    is CoreInboxEvent.PersonAnswered -> InboxEvent.PersonAnswered(person, name, checkCode)
    is CoreInboxEvent.ShareWithdrawn -> InboxEvent.ShareWithdrawn(share, name)
    is CoreInboxEvent.NarrowingAcknowledged -> InboxEvent.NarrowingAcknowledged(consent, organisation)
    is CoreInboxEvent.Waiting -> InboxEvent.Waiting(item, organisation, outsideAgreement)
    is CoreInboxEvent.Dropped -> InboxEvent.Dropped(organisation, code)
    is CoreInboxEvent.Missing -> InboxEvent.Missing(organisation, count.toLong())
    is CoreInboxEvent.Unreachable -> InboxEvent.Unreachable(organisation, code)
}

/** What happened since an organisation's inbox was last refreshed. */
sealed interface OrgEvent {
    /** A person withdrew. The signed acknowledgement is on its way to them. */
    data class Withdrawn(val agreement: String, val at: Long) : OrgEvent

    /** A person wrote. */
    data class Note(val relationship: String, val text: String) : OrgEvent

    /** A person asks for a right over their data; an answer is in time until [dueAt], Unix seconds. */
    data class RightsRequested(
        val request: String,
        val relationship: String,
        val right: DataRight,
        val dueAt: Long,
    ) : OrgEvent

    /** A person has changed what they gave: the agreement has the new values, as of that day. */
    data class Updated(
        val agreement: String,
        val fields: List<String>,
        val gone: List<String>,
        val asOf: Long,
    ) : OrgEvent

    /** A person's phone has answered a question; the agreement has the values. */
    data class ReadAnswered(val agreement: String, val read: String, val asOf: Long) : OrgEvent

    /** A person's phone won't answer a question; [code] says why. */
    data class ReadRefused(val agreement: String, val read: String, val code: String) : OrgEvent

    /** A person has a file that was sent to them. */
    data class FileArrived(val agreement: String, val transfer: String, val name: String) : OrgEvent

    /** A file of a person has come, whole. */
    data class FileReceived(val agreement: String, val transfer: String, val name: String) : OrgEvent

    /** A file won't come, or wasn't taken; [chunk] was not what its credential says. */
    data class FileRefused(
        val agreement: String,
        val transfer: String,
        val name: String,
        val code: String,
        val chunk: Long?,
    ) : OrgEvent

    /** Somebody knocked at an invitation; the link to [request] is on its way to them. It is collected as any other. */
    data class Knocked(
        val relationship: String,
        val useId: String,
        val request: String,
        val invitation: String,
    ) : OrgEvent

    /** A person took [fields] out of an agreement, or let it end at [endsAt]; nothing of them may be used any more. */
    data class Amended(
        val agreement: String,
        val fields: List<String>,
        val endsAt: Long?,
        val at: Long,
    ) : OrgEvent

    /** A new agreement took the place of one, which is over. */
    data class Replaced(val agreement: String, val by: String) : OrgEvent

    /** A person's relay refused a message: mostly, they took back what allowed sending. */
    data class NotTaken(val agreement: String, val number: Long, val kind: String) : OrgEvent

    /** Something was dropped that couldn't be verified, or that this build doesn't know; [code] says why. */
    data class Dropped(val relationship: String, val code: String) : OrgEvent

    /** Messages of a person that never came: a relay lost them. */
    data class Missing(val relationship: String, val count: Long) : OrgEvent

    /** A mailbox couldn't be read to its end this time. */
    data class Unread(val relationship: String, val code: String) : OrgEvent
}

internal fun CoreOrgEvent.toEvent(): OrgEvent = when (this) {
    is CoreOrgEvent.Withdrawn -> OrgEvent.Withdrawn(agreement, at)
    is CoreOrgEvent.Note -> OrgEvent.Note(relationship, text)
    is CoreOrgEvent.RightsRequested -> OrgEvent.RightsRequested(request, relationship, right, dueAt)
    is CoreOrgEvent.Updated -> OrgEvent.Updated(agreement, fields, gone, asOf)
    is CoreOrgEvent.ReadAnswered -> OrgEvent.ReadAnswered(agreement, read, asOf)
    is CoreOrgEvent.ReadRefused -> OrgEvent.ReadRefused(agreement, read, code)
    is CoreOrgEvent.FileArrived -> OrgEvent.FileArrived(agreement, transfer, name)
    is CoreOrgEvent.FileReceived -> OrgEvent.FileReceived(agreement, transfer, name)
    is CoreOrgEvent.FileRefused -> OrgEvent.FileRefused(agreement, transfer, name, code, chunk?.toLong())
    is CoreOrgEvent.Knocked -> OrgEvent.Knocked(relationship, useId, request, invitation)
    is CoreOrgEvent.Amended -> OrgEvent.Amended(agreement, fields, endsAt, at)
    is CoreOrgEvent.Replaced -> OrgEvent.Replaced(agreement, `by`)
    is CoreOrgEvent.NotTaken -> OrgEvent.NotTaken(agreement, number.toLong(), kind)
    is CoreOrgEvent.Dropped -> OrgEvent.Dropped(relationship, code)
    is CoreOrgEvent.Missing -> OrgEvent.Missing(relationship, count.toLong())
    is CoreOrgEvent.Unread -> OrgEvent.Unread(relationship, code)
}
