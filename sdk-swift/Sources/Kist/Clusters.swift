// Organisations that serve the same people together, decided on in one place, each with an agreement of its own.

import Foundation
import KistGenerated

/// The clusters that a person knows.
public struct Clusters: Sendable {
    let store: KistGenerated.Person

    /// Takes a cluster's statement, or a newer version of it: what ``Introduction/cluster(statement:)`` has. A directory's
    /// are taken with it. Nobody is contacted by it.
    ///
    /// Errors: `OrganisationNotTrusted` …, `RollbackDetected` for an older version than one seen, `ForkDetected` for
    /// another statement of the same version.
    @discardableResult
    public func add(_ statement: String) async throws(KistError) -> ClusterView {
        try await cancellable { try await store.addCluster(statement: statement, cancel: $0) }
    }

    /// Every cluster that was taken, as it stands now.
    public func list() async throws(KistError) -> [ClusterView] {
        try await cancellable { try await store.clusters(cancel: $0) }
    }

    /// One cluster. `NotFound`.
    public func get(_ id: String) async throws(KistError) -> ClusterView {
        try await cancellable { try await store.cluster(id: id, cancel: $0) }
    }

    /// Contacts every member that takes part and wasn't asked yet, each in a connection of its own. Their requests come
    /// with later refreshes of the inbox.
    ///
    /// Errors: `NotFound`; as ``Connections/open(_:for:)`` for the first member that couldn't be contacted: the others
    /// were.
    @discardableResult
    public func open(_ id: String) async throws(KistError) -> ClusterView {
        try await cancellable { try await store.openCluster(id: id, cancel: $0) }
    }

    /// One decision for all: answers the request of each member that `decisions` names, by its stable id, with these
    /// fields, and refuses the others whose request waits. ``ClusterView/required`` gives what each needs and no more;
    /// `language` is the one in which the person read the purposes. A member that joins later isn't covered.
    ///
    /// Errors: `NotFound` for a member without a request; as for ``Requests`` for the first member whose answer couldn't
    /// be made: what was answered before stands, and the others can be decided again.
    @discardableResult
    public func decide(
        _ id: String, with decisions: [String: [FieldChoice]], language: String? = nil
    ) async throws(KistError) -> ClusterView {
        try await cancellable {
            try await store.decideCluster(id: id, decisions: decisions, language: language, cancel: $0)
        }
    }

    /// Withdraws what was agreed with one member, by its stable id, or with all of them. It holds at once.
    ///
    /// Errors: `NotFound` for an organisation with which nothing stands in this cluster.
    @discardableResult
    public func withdraw(_ id: String, from member: String? = nil) async throws(KistError) -> ClusterView {
        try await cancellable { try await store.withdrawCluster(id: id, member: member, cancel: $0) }
    }
}

extension ClusterView {
    /// What each member's request needs and no more, for ``Clusters/decide(_:with:language:)``.
    public var required: [String: [FieldChoice]] {
        let ready = members.compactMap { member in
            member.request.map { (member.organisationId, $0.required) }
        }
        return Dictionary(ready) { first, _ in first }
    }
}

/// Clusters that an organisation leads.
public struct OrgClusters: Sendable {
    let store: KistGenerated.Organisation

    /// Signs who takes part, for so many days, 400 at most. It binds no member: each says in its own invitation that it
    /// takes part.
    ///
    /// Errors: `NotFound` for no admission; `Malformed` with what can't stand in it, a `version` that isn't higher than
    /// the one before among it.
    public func state(_ cluster: Cluster, days: UInt32) async throws(KistError) -> ClusterStatement {
        try await cancellable { try await store.stateCluster(cluster: cluster, days: days, cancel: $0) }
    }

    /// The newest statement of each.
    public func list() async throws(KistError) -> [ClusterStatement] {
        try await cancellable { try await store.clusters(cancel: $0) }
    }

    /// The link to a statement that lies at an address, for a QR or a page.
    public func link(to address: String) async throws(KistError) -> String {
        try await cancellable { try await store.clusterLink(address: address, cancel: $0) }
    }
}
