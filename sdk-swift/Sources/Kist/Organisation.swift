// An organisation's side: one store, and the sub-clients that work on it.

import Foundation
import KistGenerated

/// An open store of an organisation. It hands out sub-clients for what can be done with it; all of them may be used
/// from any Task.
public final class Organisation: Sendable {
    private let store: KistGenerated.Organisation

    init(_ store: KistGenerated.Organisation) { self.store = store }

    /// Whether there is a store in the folder.
    public static func exists(in folder: URL) throws(KistError) -> Bool {
        try immediate { try organisationExists(folder: folder.path) }
    }

    /// Makes a store and the organisation's signing key, under a passphrase.
    ///
    /// Errors: `Malformed` with the part of the profile that can't stand in an offer, `AlreadyExists`, `StorageFull` …
    public static func create(
        in folder: URL, platform: Platform, passphrase: String, profile: OrganisationProfile
    ) async throws(KistError) -> Organisation {
        try await cancellable {
            Organisation(
                try await createOrganisation(
                    folder: folder.path, platform: platform.generated, passphrase: passphrase, profile: profile,
                    cancel: $0))
        }
    }

    /// Opens a store with its passphrase.
    ///
    /// Errors: `NotFound`, `KeyMismatch` for a wrong passphrase, `Corrupt`, `InUse`, `RollbackDetected`.
    public static func open(
        in folder: URL, platform: Platform, passphrase: String
    ) async throws(KistError) -> Organisation {
        try await cancellable {
            Organisation(
                try await openOrganisation(
                    folder: folder.path, platform: platform.generated, passphrase: passphrase, cancel: $0))
        }
    }

    /// Requests to people.
    public var requests: HostedRequests { HostedRequests(store: store) }
    /// What people agreed to.
    public var agreements: Agreements { Agreements(store: store) }
    /// Data and words to people.
    public var deliveries: Deliveries { Deliveries(store: store) }
    /// What people's phones are asked by standing access.
    public var reads: OrgReads { OrgReads(store: store) }
    /// Files to people and from them.
    public var files: OrgFiles { OrgFiles(store: store) }
    /// Invitations to people who aren't known yet.
    public var invitations: OrgInvitations { OrgInvitations(store: store) }
    /// Requests that a supplier makes for another organisation.
    public var commissions: Commissions { Commissions(store: store) }
    /// Clusters that the organisation leads.
    public var clusters: OrgClusters { OrgClusters(store: store) }
    /// People's requests of their rights.
    public var rights: OrgRights { OrgRights(store: store) }
    /// Which frameworks the organisation believes: whose credentials it accepts. Without any, it verifies what people
    /// say of themselves, and nothing else.
    public var trust: Trust { Trust(store: store) }

    /// Who the organisation says it is.
    public func profile() async throws(KistError) -> OrganisationProfile {
        try await cancellable { try await store.profile(cancel: $0) }
    }

    /// What the organisation gives to the operator of a framework: a compact JWS. `application` is JSON: `contacts`,
    /// `supervisory_authority`, `privacy_policy`, `intended_uses`, `issues`, `terms`, `dns_name`.
    public func apply(with application: String) async throws(KistError) -> String {
        try await cancellable { try await store.apply(spec: application, cancel: $0) }
    }

    /// Installs what the operator gave back, which is JSON. A later one replaces it.
    ///
    /// Errors: `UntrustedKey` for another organisation's admission, `Malformed`, `DowngradeRefused`.
    public func install(_ admission: String) async throws(KistError) {
        try await cancellable { try await store.install(admission: admission, cancel: $0) }
    }

    /// The relay that requests and mailboxes are made on, where one is set.
    public func relay() async throws(KistError) -> String? {
        try await cancellable { try await store.relay(cancel: $0) }
    }

    /// Sets the relay for what is made from now on. `AddressRefused`.
    public func setRelay(_ relay: String) async throws(KistError) {
        try await cancellable { try await store.setRelay(relay: relay, cancel: $0) }
    }

    /// Sends what waits to be sent, takes in everything that people sent, and acknowledges withdrawals.
    ///
    /// Errors: `Unreachable`, `RelayBusy`; what had come before stays, and is told by the next refresh.
    @discardableResult
    public func refreshInbox() async throws(KistError) -> [OrgEvent] {
        try await cancellable { try await store.refreshInbox(cancel: $0) }
    }

    /// Lets go of the store. Calls after this fail with `NotFound`; closing again does nothing.
    public func close() async throws(KistError) {
        try await cancellable { _ in try await store.closeStore() }
    }
}

/// Requests to people.
public struct HostedRequests: Sendable {
    let store: KistGenerated.Organisation

    /// Makes a request, signs it, and lays it into a slot of the relay.
    ///
    /// Errors: `NoRelay`; `NotFound` for no admission or an intended use that isn't registered; `Malformed` and
    /// `TooLarge` with the part that can't stand in a request; `Unreachable`, `RelayBusy`, `RelayRefused`.
    public func create(_ request: RequestSpec) async throws(KistError) -> HostedRequest {
        try await cancellable { try await store.createRequest(spec: request, cancel: $0) }
    }

    /// Waits for the answer at most as long as is said, verifies it and stores what it leads to. Nil while there is
    /// none; one that was collected before is given again.
    ///
    /// A request of a session is collected with the `code` that was typed into it, or that its browser came back with,
    /// and its answer goes to that session alone.
    ///
    /// Errors: `Declined`, `RequestExpired`, `NotFound`, `Unreachable`, `RelayBusy`, and what is wrong with the answer;
    /// `SessionCodeMissing`, `SessionMismatch` with the tries that are left.
    public func collect(
        _ id: String, waiting: Duration = .zero, code: String? = nil
    ) async throws(KistError) -> ReceivedAnswer? {
        let seconds = UInt64(clamping: waiting.components.seconds)
        return try await cancellable {
            try await store.collectAnswer(id: id, waitSeconds: seconds, code: code, cancel: $0)
        }
    }

    /// Every request, the newest first.
    public func list() async throws(KistError) -> [HostedRequestSummary] {
        try await cancellable { try await store.listRequests(cancel: $0) }
    }

    /// Takes a request back, with an answer that wasn't collected. An agreement that was made stays.
    public func close(_ id: String) async throws(KistError) {
        try await cancellable { try await store.closeRequest(id: id, cancel: $0) }
    }
}

/// What people agreed to.
public struct Agreements: Sendable {
    let store: KistGenerated.Organisation

    /// Every agreement, the newest first.
    public func list() async throws(KistError) -> [OrgAgreementSummary] {
        try await cancellable { try await store.listAgreements(cancel: $0) }
    }

    /// One agreement with everything that was agreed and given.
    public func get(_ id: String) async throws(KistError) -> OrgAgreement {
        try await cancellable { try await store.agreement(id: id, cancel: $0) }
    }
}

/// Data and words to people.
public struct Deliveries: Sendable {
    let store: KistGenerated.Organisation

    /// Signs claims, a JSON object, as a credential of the type `schema` that is bound to this relationship alone, and
    /// sends it to the person. It ceases to be valid at the end of the day of `expires`.
    ///
    /// Errors: `ConsentWithdrawn`, `ConsentExpired`, `RightNotGranted`, `NotFound`, `OrganisationNotTrusted`,
    /// `Malformed`, `TooLarge`. Where the relay can't be reached, the report says so.
    @discardableResult
    public func deliver(
        _ claims: String, schema: String, under agreement: String, expires: Date? = nil
    ) async throws(KistError) -> DeliveryReport {
        let spec = DeliverySpec(schema: schema, claims: claims, expiresAt: expires?.unixSeconds)
        return try await cancellable { try await store.deliver(agreement: agreement, spec: spec, cancel: $0) }
    }

    /// Sends words to read.
    @discardableResult
    public func note(_ text: String, under agreement: String) async throws(KistError) -> DeliveryReport {
        try await cancellable { try await store.sendNote(agreement: agreement, text: text, cancel: $0) }
    }
}

extension OrganisationTerms {
    /// The terms that stand in a document.
    public init(of document: Data, at uri: String, version: String) throws(KistError) {
        self = try immediate { try organisationTerms(uri: uri, version: version, document: document) }
    }
}
