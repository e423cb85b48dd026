// Requests that a supplier makes for another organisation.

import Foundation
import KistGenerated

/// Both sides of such a request: one orders, the supplier carries, and the one that ordered opens the answer, which nobody
/// else can. What goes from one to the other is JSON.
public struct Commissions: Sendable {
    let store: KistGenerated.Organisation

    /// What the organisations for which this one acts need to know of it.
    ///
    /// Errors: `NotFound` without an admission, `OrganisationNotTrusted` once it has run out.
    public func card() async throws(KistError) -> String {
        try await cancellable { try await store.supplierCard(cancel: $0) }
    }

    /// Orders a request that a supplier makes, by its card. Gives the commission, which is for one request.
    ///
    /// Errors: `OrganisationNotTrusted` for a supplier that this organisation's registration doesn't name, now, for this
    /// use; `Unsupported` for a session; otherwise as ``HostedRequests/create(_:)``.
    public func order(_ request: RequestSpec, from card: String) async throws(KistError) -> String {
        try await cancellable { try await store.commission(spec: request, supplier: card, cancel: $0) }
    }

    /// Makes the request that an organisation has ordered, and lays it into a slot of this organisation's relay.
    ///
    /// Errors: `MixUpRefused` for another supplier's commission, `RequestExpired`, `Malformed`, `SignatureInvalid`;
    /// `NoRelay`, `NotFound` for no admission; `Unreachable`, `RelayBusy`, `RelayRefused`.
    public func carry(_ commission: String) async throws(KistError) -> HostedRequest {
        try await cancellable { try await store.carryRequest(commission: commission, cancel: $0) }
    }

    /// Waits for the answer to a request that was carried, at most as long as is said. It is sealed to the organisation
    /// that ordered it; nil while there is none. Close the request (``HostedRequests/close(_:)``) once the organisation
    /// has it.
    ///
    /// Errors: `NotFound`, `RequestExpired`, `Unreachable`, `RelayBusy`.
    public func carried(_ id: String, waiting: Duration = .zero) async throws(KistError) -> String? {
        let seconds = UInt64(clamping: waiting.components.seconds)
        return try await cancellable { try await store.carriedAnswer(id: id, waitSeconds: seconds, cancel: $0) }
    }

    /// Opens an answer that a supplier brought, once or again.
    ///
    /// Errors: as ``HostedRequests/collect(_:waiting:code:)``.
    public func open(_ carried: String) async throws(KistError) -> ReceivedAnswer? {
        try await cancellable { try await store.openCarried(carried: carried, cancel: $0) }
    }
}
