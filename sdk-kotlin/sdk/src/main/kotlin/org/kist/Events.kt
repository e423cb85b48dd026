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
    is CoreOrgEvent.NotTaken -> OrgEvent.NotTaken(agreement, number.toLong(), kind)
    is CoreOrgEvent.Dropped -> OrgEvent.Dropped(relationship, code)
    is CoreOrgEvent.Missing -> OrgEvent.Missing(relationship, count.toLong())
    is CoreOrgEvent.Unread -> OrgEvent.Unread(relationship, code)
}
