package org.kist

import java.util.Locale
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.kist.generated.ConsentAct as CoreConsentAct
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
     * in which they read the purpose. Until [rememberUntil], Unix seconds, [answerRemembered] gives the same answer to the same
     * question. The decision is stored when this returns; null for a sharing without an agreement. `KeptBack` for a field
     * that a rule keeps back, `ConsentPaused` while everything is paused.
     */
    suspend fun answer(
        id: String,
        fields: List<FieldChoice>,
        language: String? = null,
        rememberUntil: Long? = null,
    ): ConsentSummary? = cancellable { core.answerRequest(id, fields, language, rememberUntil, it) }

    /** Answers as the person told the store to; the history says that it was by a rule. `NothingRemembered`. */
    suspend fun answerRemembered(id: String): ConsentSummary? = cancellable { core.answerRemembered(id, it) }

    /**
     * What the request needs, with what a [profile] of the person's covers of the rest, and with these [options] where the
     * organisation takes one of several things.
     */
    suspend fun choices(
        id: String,
        profile: String? = null,
        options: List<OptionChoice> = emptyList(),
    ): List<FieldChoice> = cancellable { core.requestChoices(id, profile, options, it) }

    /**
     * What the person has to bring to the session that the request belongs to, from when they have answered until it ends;
     * null for a request of no session.
     */
    suspend fun sessionCode(id: String): SessionCode? = cancellable { core.sessionCode(id, it) }?.toCode()

    /** Refuses. The organisation is told nothing; the history knows, and for 90 days [DataRights.reportRequest] can report it. */
    suspend fun refuse(id: String) = cancellable { core.refuseRequest(id, it) }

    /** Requests that were refused, the newest first: those about which a report can still be made. */
    suspend fun refused(): List<RefusedRequest> = cancellable { core.refusedRequests(it) }

    /** Sends answers whose sending was interrupted. */
    suspend fun resume() = cancellable { core.resumeAnswers(it) }
}

/** Messages of organisations. */
class Inbox internal constructor(private val core: CorePerson) {
    private val refreshed = MutableStateFlow(0)

    /** How often the inbox was refreshed since the store was opened: a screen that shows what comes looks anew when this grows. */
    val refreshes: StateFlow<Int> = refreshed.asStateFlow()

    /** Sends what waits to be sent, and takes in everything that came. */
    suspend fun refresh(): List<InboxEvent> =
        cancellable { core.refreshInbox(it) }.map { it.toEvent() }.also { refreshed.update { times -> times + 1 } }

    /** What waits to be read, the newest first. */
    suspend fun items(): List<InboxItem> = cancellable { core.inboxItems(it) }

    /** Takes an item away. */
    suspend fun dismiss(id: String) = cancellable { core.dismissInboxItem(id, it) }
}

/** What was agreed, with everyone, in one place. */
class Consents internal constructor(private val core: CorePerson) {
    /** Every consent, the newest first. */
    suspend fun list(): List<ConsentSummary> = cancellable { core.listConsents(it) }

    /** The consents that fit a filter, the newest first. "Who has my address?" is one by `schema`, or by `claim`. */
    suspend fun find(filter: ConsentFilter): List<ConsentSummary> = cancellable { core.findConsents(filter, it) }

    /**
     * Takes fields out of a consent, or lets it end earlier. It holds at once; the organisation is told, and acknowledges.
     * `RequiredFieldMissing` for a field without which there is no agreement: withdraw instead.
     */
    suspend fun narrow(id: String, by: Narrowing): ConsentSummary = cancellable { core.narrowConsent(id, by, it) }

    /** Does the same with several consents. What can't be done with one keeps it from no other. */
    suspend fun change(ids: List<String>, act: ConsentAct): List<ConsentOutcome> =
        cancellable { core.changeConsents(ids, act.toCore(), it) }

    /** The typing that answers saved so far. */
    suspend fun effortSaved(): EffortSaved = cancellable { core.effortSaved(it) }

    /** A receipt as a page of HTML to read and print, in the language of [locale]. `NotFound` while it hasn't come. */
    suspend fun receiptPage(id: String, locale: Locale = Locale.getDefault()): String =
        cancellable { core.receiptPage(id, KistMessages.receiptWords(locale), it) }

    /** The agreement with everything that was signed, for [Kist.verifyReceipt]. */
    suspend fun proof(id: String): ByteArray = cancellable { core.consentProof(id, it) }

    /** One consent with everything that was agreed, and the receipt. */
    suspend fun get(id: String): ConsentDetail = cancellable { core.consent(id, it) }

    /** Withdraws. It holds at once; telling the organisation is tried now and at every refresh of the inbox. */
    suspend fun withdraw(id: String): ConsentSummary = cancellable { core.withdrawConsent(id, it) }

    /** What organisations asked to read by standing access, the newest first: under one consent, or under all. */
    suspend fun reads(consent: String? = null): List<ReadInfo> = cancellable { core.reads(consent, it) }

    /** Asks an organisation again to acknowledge a withdrawal, once in a day at most. `TooSoon`. */
    suspend fun remind(id: String): ConsentSummary = cancellable { core.remindOfWithdrawal(id, it) }

    /**
     * Lets one consent stand still: nothing is given by standing access, and what is delivered waits. The organisation isn't
     * told. `ConsentWithdrawn`, `ConsentExpired`.
     */
    suspend fun pause(id: String): ConsentSummary = cancellable { core.pauseConsent(id, true, it) }

    /** Lets one consent go on; what waited is taken in with the next refresh of the inbox. */
    suspend fun resume(id: String): ConsentSummary = cancellable { core.pauseConsent(id, false, it) }

    /** Pauses everything in one act; no request is answered meanwhile either (`ConsentPaused`). */
    suspend fun pauseEverything() = cancellable { core.pauseEverything(true, it) }

    /** Lets everything go on, but for consents that were paused by themselves. */
    suspend fun resumeEverything() = cancellable { core.pauseEverything(false, it) }

    /** Since when everything is paused, Unix seconds; null where it isn't. */
    suspend fun everythingPaused(): Long? = cancellable { core.everythingPaused(it) }
}

/** What to do with several consents. */
sealed interface ConsentAct {
    /** Withdraw. */
    data object Withdraw : ConsentAct

    /** Pause. */
    data object Pause : ConsentAct

    /** Let go on. */
    data object Resume : ConsentAct

    /** Narrow. */
    data class Narrow(val by: Narrowing) : ConsentAct
}

private fun ConsentAct.toCore(): CoreConsentAct = when (this) {
    ConsentAct.Withdraw -> CoreConsentAct.Withdraw
    ConsentAct.Pause -> CoreConsentAct.Pause
    ConsentAct.Resume -> CoreConsentAct.Resume
    is ConsentAct.Narrow -> CoreConsentAct.Narrow(by)
}

/** What happened: an append-only hash chain. */
class History internal constructor(private val core: CorePerson) {
    /** Every entry, oldest first, verified. `HistoryBroken` with the first that was changed or is missing. */
    suspend fun entries(): List<HistoryEntry> = cancellable { core.history(it) }

    /**
     * The whole history under a signature, with the agreements of these [consents], or all of them, for
     * [Kist.verifyEvidence]. That it was exported stands in it.
     */
    suspend fun evidence(consents: List<String> = emptyList()): ByteArray = cancellable { core.evidence(consents, it) }

    /** Verifies the whole chain, and every signature over it. `HistoryBroken` with the first that isn't what was signed. */
    suspend fun verify(): HistoryReport = cancellable { core.verifyHistory(it) }

    /**
     * Signs the history as it stands, with the device's key where there is one, else with one of the store's own. It happens by
     * itself after every hundred entries. `NotFound` for an empty history, `PlatformKey`.
     */
    suspend fun checkpoint(): CheckpointInfo = cancellable { core.signHistory(it) }
}
