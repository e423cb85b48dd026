// What organisations ask, what was agreed, and what they send.

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
    /// Errors: `RequiredFieldMissing`, `FieldNotOffered`, `QueryNotSatisfied`, `RequestExpired`, `ReplayRejected` …
    @discardableResult
    public func answer(
        _ id: String, with fields: [FieldChoice], language: String? = nil
    ) async throws(KistError) -> ConsentSummary? {
        try await cancellable {
            try await store.answerRequest(id: id, fields: fields, language: language, cancel: $0)
        }
    }

    /// Refuses. The organisation is told nothing; the history knows.
    public func refuse(_ id: String) async throws(KistError) {
        try await cancellable { try await store.refuseRequest(id: id, cancel: $0) }
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
}

/// Messages of organisations.
public struct Inbox: Sendable {
    let store: KistGenerated.Person

    /// Sends what waits to be sent, and takes in everything that came.
    ///
    /// Errors: `Unreachable`, `RelayBusy`; what had come before stays.
    @discardableResult
    public func refresh() async throws(KistError) -> [InboxEvent] {
        try await cancellable { try await store.refreshInbox(cancel: $0) }
    }

    /// What waits to be read, the newest first.
    public func list() async throws(KistError) -> [InboxItem] {
        try await cancellable { try await store.inboxItems(cancel: $0) }
    }

    /// Takes an item away.
    public func dismiss(_ id: String) async throws(KistError) {
        try await cancellable { try await store.dismissInboxItem(id: id, cancel: $0) }
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

    /// Verifies the whole chain of the history.
    @discardableResult
    public func verify() async throws(KistError) -> HistoryReport {
        try await cancellable { try await store.verifyHistory(cancel: $0) }
    }
}
