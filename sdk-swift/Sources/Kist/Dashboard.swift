// The dashboard and the proof: consents found by what a person asks about, changed several at once, narrowed; and what
// stands to others as evidence.

import Foundation
import KistGenerated

extension Consents {
    /// The consents that fit a filter, the newest first. "Who has my address?" is one by `schema`, or by `claim`.
    public func find(_ filter: ConsentFilter) async throws(KistError) -> [ConsentSummary] {
        try await cancellable { try await store.findConsents(filter: filter, cancel: $0) }
    }

    /// Takes fields out of a consent, or lets it end earlier. It holds at once; the organisation is told, and
    /// acknowledges.
    ///
    /// Errors: `NotFound`; `ConsentWithdrawn`, `ConsentExpired`; `FieldNotOffered` for a field that isn't in it;
    /// `RequiredFieldMissing` for one without which there is no agreement: withdraw instead; `Malformed` where nothing is
    /// narrower; `InUse` while the answer waits to be sent.
    @discardableResult
    public func narrow(_ id: String, by narrowing: Narrowing) async throws(KistError) -> ConsentSummary {
        try await cancellable { try await store.narrowConsent(id: id, narrowing: narrowing, cancel: $0) }
    }

    /// Does the same with several consents. What can't be done with one keeps it from no other.
    @discardableResult
    public func change(_ ids: [String], _ act: ConsentAct) async throws(KistError) -> [ConsentOutcome] {
        try await cancellable { try await store.changeConsents(ids: ids, act: act, cancel: $0) }
    }

    /// The typing that answers saved so far.
    public func effortSaved() async throws(KistError) -> EffortSaved {
        try await cancellable { try await store.effortSaved(cancel: $0) }
    }

    /// A receipt as a page of HTML to read and print, in the language of `catalogue`. `NotFound` while it hasn't come.
    public func receiptPage(of id: String, catalogue: Catalogue = .preferred) async throws(KistError) -> String {
        let words = catalogue.receiptWords
        return try await cancellable { try await store.receiptPage(id: id, words: words, cancel: $0) }
    }

    /// The agreement with everything that was signed, for ``Receipt/verify(_:key:)``.
    public func proof(of id: String) async throws(KistError) -> Data {
        try await cancellable { try await store.consentProof(id: id, cancel: $0) }
    }
}

extension History {
    /// The whole history under a signature, with the agreements of these consents, or all of them, for
    /// ``Evidence/verify(_:)``. That it was exported stands in it.
    ///
    /// Errors: `NotFound`, `HistoryBroken`, `PlatformKey`, `TooLarge`.
    public func evidence(of consents: [String] = []) async throws(KistError) -> Data {
        try await cancellable { try await store.evidence(consents: consents, cancel: $0) }
    }
}

/// Receipts, as anyone verifies them.
public enum Receipt {
    /// Verifies a receipt with public keys alone: a proof of ``Consents/proof(of:)``. With a key, a JWK, the organisation's
    /// signatures have to be that key's. Gives what was proven, JSON.
    ///
    /// Errors: `NotFound`, `UntrustedKey`, `AuthenticationFailed`, `SignatureInvalid`, `Malformed` …
    public static func verify(_ proof: Data, key: Data? = nil) throws(KistError) -> String {
        try immediate { try verifyReceipt(proof: proof, key: key) }
    }

    /// Verifies a receipt from its parts, each a compact JWS, with the organisation's public key as a JWK. Gives what was
    /// proven, JSON.
    ///
    /// Errors: as ``verify(_:key:)``; `SignatureInvalid` for another key.
    public static func verify(
        _ receipt: String, acceptance: String, offer: String, key: Data
    ) throws(KistError) -> String {
        try immediate {
            try verifyReceiptParts(receipt: receipt, acceptance: acceptance, offer: offer, key: key)
        }
    }
}

/// Evidence, as anyone verifies it.
public enum Evidence {
    /// Verifies what ``History/evidence(of:)`` gave, with nothing else. Gives what was proven, JSON.
    ///
    /// Errors: `HistoryBroken` with the first entry that was changed, is missing or was moved; `SignatureInvalid` …
    public static func verify(_ evidence: Data) throws(KistError) -> String {
        try immediate { try verifyEvidence(evidence: evidence) }
    }
}
