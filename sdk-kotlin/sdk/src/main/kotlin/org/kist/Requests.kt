package org.kist

import org.kist.generated.Person as CorePerson

/** The handshake, the person's side: open a request, look at what it comes to, decide. */
class Requests internal constructor(private val core: CorePerson) {
    /**
     * Fetches a request, verifies it, and says what it comes to. That it was seen stands in the history.
     *
     * `NotARequest`, `OrganisationNotTrusted` with the reason, `TrustListMissing`, `RequestExpired`, `Unreachable` …
     */
    suspend fun open(link: String): OpenRequest = cancellable { core.openRequest(link, it) }

    /** Requests that were opened and not decided, as they stand now. */
    suspend fun pending(): List<OpenRequest> = cancellable { core.pendingRequests(it) }

    /** A request that was opened before, as it stands now. */
    suspend fun get(id: String): OpenRequest = cancellable { core.pendingRequest(id, it) }

    /**
     * Answers with what the person chose: [OpenRequest.required] gives what is needed and no more. [language] is the one
     * in which they read the purpose. The decision is stored when this returns; null for a sharing without an agreement.
     */
    suspend fun answer(id: String, fields: List<FieldChoice>, language: String? = null): ConsentSummary? =
        cancellable { core.answerRequest(id, fields, language, it) }

    /** Refuses. The organisation is told nothing; the history knows. */
    suspend fun refuse(id: String) = cancellable { core.refuseRequest(id, it) }

    /** Sends answers whose sending was interrupted. */
    suspend fun resume() = cancellable { core.resumeAnswers(it) }
}

/** Messages of organisations. */
class Inbox internal constructor(private val core: CorePerson) {
    /** Sends what waits to be sent, and takes in everything that came. */
    suspend fun refresh(): List<InboxEvent> = cancellable { core.refreshInbox(it) }.map { it.toEvent() }

    /** What waits to be read, the newest first. */
    suspend fun items(): List<InboxItem> = cancellable { core.inboxItems(it) }

    /** Takes an item away. */
    suspend fun dismiss(id: String) = cancellable { core.dismissInboxItem(id, it) }
}

/** What was agreed, with everyone, in one place. */
class Consents internal constructor(private val core: CorePerson) {
    /** Every consent, the newest first. */
    suspend fun list(): List<ConsentSummary> = cancellable { core.listConsents(it) }

    /** One consent with everything that was agreed, and the receipt. */
    suspend fun get(id: String): ConsentDetail = cancellable { core.consent(id, it) }

    /** Withdraws. It holds at once; telling the organisation is tried now and at every refresh of the inbox. */
    suspend fun withdraw(id: String): ConsentSummary = cancellable { core.withdrawConsent(id, it) }
}

/** What happened: an append-only hash chain. */
class History internal constructor(private val core: CorePerson) {
    /** Every entry, oldest first, verified. `HistoryBroken` with the first that was changed or is missing. */
    suspend fun entries(): List<HistoryEntry> = cancellable { core.history(it) }

    /** Verifies the whole chain. */
    suspend fun verify(): HistoryReport = cancellable { core.verifyHistory(it) }
}
