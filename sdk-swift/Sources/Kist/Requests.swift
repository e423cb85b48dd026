// What organisations ask, what was agreed, and what happened.

import Foundation
import KistGenerated

/// Requests of organisations, the person's side.
public struct Requests: Sendable {
    let store: KistGenerated.Person

    /// Fetches a request, verifies it, and says what it comes to. That it was seen stands in the history.
    ///
    /// Errors: `NotARequest`, `AddressRefused`, `MixUpRefused`, `OrganisationNotTrusted` with the reason,
    /// `TrustListMissing`, `TrustListExpired`, `RequestExpired`, `Unreachable` …
    public func open(_ link: String) async throws(KistError) -> OpenRequest {
        try await cancellable { try await store.openRequest(link: link, cancel: $0) }
    }

    /// Requests that were opened and not decided, as they stand now.
    public func pending() async throws(KistError) -> [OpenRequest] {
        try await cancellable { try await store.pendingRequests(cancel: $0) }
    }

    /// A request that was opened before, as it stands now.
    public func get(_ id: String) async throws(KistError) -> OpenRequest {
        try await cancellable { try await store.pendingRequest(id: id, cancel: $0) }
    }

    /// Answers with what the person chose; `language` is the one in which they read the purpose. When this returns, the
    /// decision is stored; where the relay couldn't be reached, it is sent later, and the state says so. The result is
    /// nil for a single sharing without an agreement.
    ///
    /// Until `rememberUntil` the same question gets the same answer by ``answerRemembered(_:)``.
    ///
    /// Errors: `RequiredFieldMissing`, `FieldNotOffered`, `QueryNotSatisfied`, `RequestExpired`, `ReplayRejected`,
    /// `ConsentPaused` while everything is paused, `KeptBack` for a field that a rule keeps back, `NotRememberable` …
    @discardableResult
    public func answer(
        _ id: String, with fields: [FieldChoice], language: String? = nil, rememberUntil: Date? = nil
    ) async throws(KistError) -> ConsentSummary? {
        let until = rememberUntil?.unixSeconds
        return try await cancellable {
            try await store.answerRequest(
                id: id, fields: fields, language: language, rememberUntil: until, cancel: $0)
        }
    }

    /// Answers as the person told the store to; the history says that it was by a rule.
    ///
    /// Errors: as ``answer(_:with:language:rememberUntil:)``; `NothingRemembered` where no remembered answer fits now.
    @discardableResult
    public func answerRemembered(_ id: String) async throws(KistError) -> ConsentSummary? {
        try await cancellable { try await store.answerRemembered(id: id, cancel: $0) }
    }

    /// What the request needs, with what a profile of the person's covers of the rest, and with these options where the
    /// organisation takes one of several things.
    ///
    /// Errors: `NotFound` where there is no such profile or option.
    public func choices(
        _ id: String, profile: String? = nil, options: [OptionChoice] = []
    ) async throws(KistError) -> [FieldChoice] {
        try await cancellable {
            try await store.requestChoices(id: id, profile: profile, options: options, cancel: $0)
        }
    }

    /// What the person has to bring to the session that the request belongs to, from when they have answered until it
    /// ends; nil for a request of no session.
    public func sessionCode(_ id: String) async throws(KistError) -> SessionCode? {
        try await cancellable { try await store.sessionCode(id: id, cancel: $0) }
    }

    /// Refuses. The organisation is told nothing; the history knows, and for 90 days ``DataRights/report(onRequest:note:)``
    /// can report it.
    public func refuse(_ id: String) async throws(KistError) {
        try await cancellable { try await store.refuseRequest(id: id, cancel: $0) }
    }

    /// Requests that were refused, the newest first: those about which a report can still be made.
    public func refused() async throws(KistError) -> [RefusedRequest] {
        try await cancellable { try await store.refusedRequests(cancel: $0) }
    }

    /// Sends answers whose sending was interrupted.
    public func resume() async throws(KistError) {
        try await cancellable { try await store.resumeAnswers(cancel: $0) }
    }
}

/// What was agreed.
public struct Consents: Sendable {
    let store: KistGenerated.Person

    /// Every consent, to every organisation, the newest first.
    public func list() async throws(KistError) -> [ConsentSummary] {
        try await cancellable { try await store.listConsents(cancel: $0) }
    }

    /// One consent with everything that was agreed.
    public func get(_ id: String) async throws(KistError) -> ConsentDetail {
        try await cancellable { try await store.consent(id: id, cancel: $0) }
    }

    /// Withdraws. It holds at once; telling the organisation is tried now and at every refresh of the inbox.
    ///
    /// Errors: `NotFound`, `ConsentWithdrawn` when it was withdrawn before.
    @discardableResult
    public func withdraw(_ id: String) async throws(KistError) -> ConsentSummary {
        try await cancellable { try await store.withdrawConsent(id: id, cancel: $0) }
    }

    /// Asks an organisation again to acknowledge a withdrawal, once in a day at most.
    ///
    /// Errors: `NotFound` where nothing was withdrawn; `TooSoon` with the moment from which on it can be asked.
    @discardableResult
    public func remind(_ id: String) async throws(KistError) -> ConsentSummary {
        try await cancellable { try await store.remindOfWithdrawal(id: id, cancel: $0) }
    }

    /// Lets one consent stand still: nothing is given by standing access, and what is delivered waits. The organisation
    /// isn't told.
    ///
    /// Errors: `NotFound`; `ConsentWithdrawn`, `ConsentExpired` where there is nothing left to pause.
    @discardableResult
    public func pause(_ id: String) async throws(KistError) -> ConsentSummary {
        try await cancellable { try await store.pauseConsent(id: id, paused: true, cancel: $0) }
    }

    /// Lets one consent go on; what waited is taken in with the next refresh of the inbox.
    @discardableResult
    public func resume(_ id: String) async throws(KistError) -> ConsentSummary {
        try await cancellable { try await store.pauseConsent(id: id, paused: false, cancel: $0) }
    }

    /// Pauses everything in one act; no request is answered meanwhile either (`ConsentPaused`).
    public func pauseEverything() async throws(KistError) {
        try await cancellable { try await store.pauseEverything(paused: true, cancel: $0) }
    }

    /// Lets everything go on, but for consents that were paused by themselves.
    public func resumeEverything() async throws(KistError) {
        try await cancellable { try await store.pauseEverything(paused: false, cancel: $0) }
    }

    /// Since when everything is paused; nil where it isn't.
    public func everythingPaused() async throws(KistError) -> Date? {
        try await cancellable { try await store.everythingPaused(cancel: $0) }.map(Date.init(unixSeconds:))
    }
}

/// What happened.
public struct History: Sendable {
    let store: KistGenerated.Person

    /// Every entry of the history, oldest first, verified.
    ///
    /// Errors: `HistoryBroken` with the first entry that was changed or is missing.
    public func entries() async throws(KistError) -> [HistoryEntry] {
        try await cancellable { try await store.history(cancel: $0) }
    }

    /// Verifies the whole chain of the history, and every signature over it.
    ///
    /// Errors: `HistoryBroken` with the first entry that was changed or is missing, or that isn't what was signed.
    @discardableResult
    public func verify() async throws(KistError) -> HistoryReport {
        try await cancellable { try await store.verifyHistory(cancel: $0) }
    }

    /// Signs the history as it stands, with the device's key where there is one, else with one of the store's own. It
    /// happens by itself after every hundred entries.
    ///
    /// Errors: `NotFound` for an empty history; `PlatformKey`.
    @discardableResult
    public func checkpoint() async throws(KistError) -> CheckpointInfo {
        try await cancellable { try await store.signHistory(cancel: $0) }
    }
}
