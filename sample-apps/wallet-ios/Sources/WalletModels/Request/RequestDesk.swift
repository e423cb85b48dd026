// Where requests are decided: in the store, or in practice.

import Foundation
import Kist

/// What the screen of a request asks for.
public protocol RequestDesk: Sendable {
    /// A request as it stands now.
    func get(_ id: String) async throws -> OpenRequest
    /// The choices with other options where the organisation takes one of several things.
    func choices(_ id: String, options: [OptionChoice]) async throws -> [FieldChoice]
    /// Answers. Nil for a single sharing without an agreement.
    func answer(_ id: String, _ fields: [FieldChoice], _ language: Language, rememberUntil: Date?) async throws
        -> ConsentSummary?
    /// Gives the answer that was remembered.
    func answerRemembered(_ id: String) async throws -> ConsentSummary?
    /// Refuses.
    func refuse(_ id: String) async throws
    /// What the person has to bring to the session.
    func sessionCode(_ id: String) async throws -> SessionCode?
    /// Those among whom the organisation asks.
    func cluster(of id: String) async throws -> ClusterView?
}

extension RequestDesk {
    public func cluster(of id: String) async throws -> ClusterView? { nil }
}

/// The store's requests.
public struct StoreDesk: RequestDesk {
    private let requests: Requests
    private let clusters: Clusters

    public init(_ person: Person) { (requests, clusters) = (person.requests, person.clusters) }

    public func get(_ id: String) async throws -> OpenRequest { try await requests.get(id) }

    public func choices(_ id: String, options: [OptionChoice]) async throws -> [FieldChoice] {
        try await requests.choices(id, options: options)
    }

    public func answer(
        _ id: String, _ fields: [FieldChoice], _ language: Language, rememberUntil: Date?
    ) async throws -> ConsentSummary? {
        try await requests.answer(id, with: fields, language: language.rawValue, rememberUntil: rememberUntil)
    }

    public func answerRemembered(_ id: String) async throws -> ConsentSummary? {
        try await requests.answerRemembered(id)
    }

    public func refuse(_ id: String) async throws { try await requests.refuse(id) }

    public func sessionCode(_ id: String) async throws -> SessionCode? { try await requests.sessionCode(id) }

    public func cluster(of id: String) async throws -> ClusterView? {
        try await clusters.list().first { $0.members.contains { $0.request?.id == id } }
    }
}
