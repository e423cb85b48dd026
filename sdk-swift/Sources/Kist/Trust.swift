// Whom a person or an organisation believes.

import KistGenerated

/// The frameworks that a store believes.
public struct Trust: Sendable {
    let store: any TrustStore

    /// Believes a framework from now on: `bundle` is the JSON that its operator hands out. Its root is pinned.
    ///
    /// Errors: `AlreadyExists`, `Malformed`, `TrustListNotTrusted`, `TrustListExpired`, `RollbackDetected`.
    @discardableResult
    public func addAnchor(_ bundle: String) async throws(KistError) -> AnchorInfo {
        try await cancellable { try await store.addAnchor(bundle: bundle, cancel: $0) }
    }

    /// Takes a newer list, a compact JWS, of a framework that is believed.
    @discardableResult
    public func update(_ label: String, to list: String) async throws(KistError) -> AnchorInfo {
        try await cancellable { try await store.updateTrustList(label: label, list: list, cancel: $0) }
    }

    /// Fetches the newest list from where the framework publishes it.
    @discardableResult
    public func refresh(_ label: String) async throws(KistError) -> AnchorInfo {
        try await cancellable { try await store.refreshTrustList(label: label, cancel: $0) }
    }

    /// The frameworks that are believed.
    public func anchors() async throws(KistError) -> [AnchorInfo] {
        try await cancellable { try await store.anchors(cancel: $0) }
    }

    /// Believes a framework no longer.
    public func removeAnchor(_ label: String) async throws(KistError) {
        try await cancellable { try await store.removeAnchor(label: label, cancel: $0) }
    }

    /// The terms of a framework that is believed, as its newest list has them; nil where it has published none. Their texts
    /// come with what the operator hands out (``addAnchor(_:)``), not with the list alone.
    public func terms(of label: String) async throws(KistError) -> TermsInfo? {
        try await cancellable { try await store.frameworkTerms(label: label, cancel: $0) }
    }

    /// Accepts the terms of this hash, which are to be the ones in force and to have been shown.
    ///
    /// Errors: `NotFound` where there are no such terms, or where their texts haven't come yet.
    @discardableResult
    public func acceptTerms(_ sha256: String, of label: String) async throws(KistError) -> TermsInfo {
        try await cancellable { try await store.acceptTerms(label: label, sha256: sha256, cancel: $0) }
    }
}

/// A store that believes frameworks.
protocol TrustStore: Sendable {
    func addAnchor(bundle: String, cancel: CancelHandle) async throws -> AnchorInfo
    func updateTrustList(label: String, list: String, cancel: CancelHandle) async throws -> AnchorInfo
    func refreshTrustList(label: String, cancel: CancelHandle) async throws -> AnchorInfo
    func anchors(cancel: CancelHandle) async throws -> [AnchorInfo]
    func removeAnchor(label: String, cancel: CancelHandle) async throws
    func frameworkTerms(label: String, cancel: CancelHandle) async throws -> TermsInfo?
    func acceptTerms(label: String, sha256: String, cancel: CancelHandle) async throws -> TermsInfo
}

extension KistGenerated.Person: TrustStore {}
extension KistGenerated.Organisation: TrustStore {}
