// Requests of rights to organisations, and reports to those who supervise them.

import Foundation
import KistGenerated

/// Requests of rights to organisations (GDPR articles 15 to 18, 20 and 21), each followed to its end. They can be made
/// after a consent has ended.
public struct DataRights: Sendable {
    let store: KistGenerated.Person

    /// Asks an organisation for a right. It is stored and stands in the history first; sending is tried now and at every
    /// refresh of the inbox.
    ///
    /// Errors: `NotFound`; `FieldNotOffered` for a field that was never given; `Malformed` for a rectification that says
    /// nothing, or fields beside `everything`; `TooLarge`.
    @discardableResult
    public func ask(_ spec: RightsSpec) async throws(KistError) -> RightsSummary {
        try await cancellable { try await store.askForRight(spec: spec, cancel: $0) }
    }

    /// Every request, the newest first.
    public func list() async throws(KistError) -> [RightsSummary] {
        try await cancellable { try await store.rightsRequests(cancel: $0) }
    }

    /// One request with everything that was said.
    public func get(_ id: String) async throws(KistError) -> RightsDetail {
        try await cancellable { try await store.rightsRequest(id: id, cancel: $0) }
    }

    /// Asks the organisation again, once in a day at most.
    ///
    /// Errors: `NotFound`; `TooSoon` with the moment from which on it can be asked.
    @discardableResult
    public func remind(_ id: String) async throws(KistError) -> RightsSummary {
        try await cancellable { try await store.remindOfRights(id: id, cancel: $0) }
    }

    /// Makes a report from the record of what happened under a consent; `note` is what the person adds. It stays here.
    ///
    /// Errors: `NotFound`, `TooLarge`, `HistoryBroken`.
    public func report(on consent: String, note: String? = nil) async throws(KistError) -> Report {
        try await cancellable { try await store.makeReport(consent: consent, note: note, cancel: $0) }
    }

    /// Makes a report from a request that waits or that was refused: who asked, why, for what, and what of it was more than
    /// they registered; `note` is what the person adds. It stays here.
    ///
    /// Errors: `NotFound`, also 90 days after the refusal; `TooLarge`, `HistoryBroken`.
    public func report(onRequest request: String, note: String? = nil) async throws(KistError) -> Report {
        try await cancellable { try await store.makeRequestReport(request: request, note: note, cancel: $0) }
    }

    /// Every report, the newest first.
    public func reports() async throws(KistError) -> [Report] {
        try await cancellable { try await store.reports(cancel: $0) }
    }

    /// A report as JSON, with the signed objects that prove it.
    public func document(of report: String) async throws(KistError) -> String {
        try await cancellable { try await store.reportDocument(id: report, cancel: $0) }
    }

    /// The signed request that a report is about, for an authority that asks for it. It may hold a token that sends to the
    /// organisation, so it is no part of the document.
    ///
    /// Errors: `NotFound`, also for a report about a consent.
    public func reportedRequest(of report: String) async throws(KistError) -> String {
        try await cancellable { try await store.reportedRequest(id: report, cancel: $0) }
    }

    /// A report as a page of HTML to read and print, in the language of `catalogue`.
    public func page(of report: String, catalogue: Catalogue = .preferred) async throws(KistError) -> String {
        let words = catalogue.reportWords
        return try await cancellable { try await store.reportPage(id: report, words: words, cancel: $0) }
    }

    /// Notes that the person has sent a report, and what they want to remember of it, such as a reference.
    @discardableResult
    public func sent(_ report: String, note: String? = nil) async throws(KistError) -> Report {
        try await cancellable { try await store.reportSent(id: report, note: note, cancel: $0) }
    }
}

/// The queue of people's requests of rights, with its deadlines.
public struct OrgRights: Sendable {
    let store: KistGenerated.Organisation

    /// Those that wait first, the first due first; then those that were answered, the newest first.
    public func list() async throws(KistError) -> [OrgRightsRequest] {
        try await cancellable { try await store.rightsRequests(cancel: $0) }
    }

    /// Answers, once. An erasure takes the fields out of this store, a rectification puts the corrected ones in; what
    /// stands in other systems of the organisation is for it to do before it says so.
    ///
    /// Errors: `NotFound`; `AlreadyAnswered` with something else; `RequestExpired` for more time after the first month;
    /// `OrganisationNotTrusted` for a type that the organisation may not issue; `TooLarge`, `Malformed`.
    @discardableResult
    public func answer(_ id: String, with answer: RightsAnswer) async throws(KistError) -> OrgRightsRequest {
        try await cancellable { try await store.answerRights(id: id, answer: answer, cancel: $0) }
    }
}

extension RightsSummary {
    /// When it was made.
    public var date: Date { Date(unixSeconds: madeAt) }
    /// Until when the organisation has to answer, or had to; nil before it was sent.
    public var dueDate: Date? { dueAt.map(Date.init(unixSeconds:)) }
    /// When it was answered.
    public var answerDate: Date? { answeredAt.map(Date.init(unixSeconds:)) }
}

extension RefusedRequest {
    /// When it was refused.
    public var refusalDate: Date { Date(unixSeconds: refusedAt) }
    /// Until when a report can be made.
    public var keptUntilDate: Date { Date(unixSeconds: keptUntil) }
}

extension OrgRightsRequest {
    /// The last second in which an answer is in time.
    public var dueDate: Date { Date(unixSeconds: dueAt) }
}

extension DeliverySpec: CustomStringConvertible {
    /// Without the claims.
    public var description: String { "DeliverySpec(\(schema), …)" }
}
