// Standing access and files: what people's phones are asked, what they change, and what goes to and fro.

import Foundation
import KistGenerated

/// Standing access: what people's phones are asked. What they answer, and what they change, is in the agreement.
public struct OrgReads: Sendable {
    let store: KistGenerated.Organisation

    /// Asks for fields, by their ids, as they are now; for all that was given where none is named. The phone answers when
    /// it is next refreshed.
    ///
    /// Errors: `NotFound`; `ConsentWithdrawn`, `ConsentExpired`, `RightNotGranted`; `FieldNotOffered` for what the person
    /// didn't choose; `TooLarge` where too many questions wait.
    @discardableResult
    public func ask(under agreement: String, for fields: [String] = []) async throws(KistError) -> OrgRead {
        try await cancellable { try await store.askToRead(agreement: agreement, fields: fields, cancel: $0) }
    }

    /// Questions, the newest first: under one agreement, or under all.
    public func list(under agreement: String? = nil) async throws(KistError) -> [OrgRead] {
        try await cancellable { try await store.reads(agreement: agreement, cancel: $0) }
    }
}

/// Files to people and from them, at most 100 MiB each.
public struct OrgFiles: Sendable {
    let store: KistGenerated.Organisation

    /// Delivers a file under an agreement; it goes on with each refresh of the inbox. The store keeps a copy.
    ///
    /// Errors: `NotFound`; `ConsentWithdrawn`, `ConsentExpired`, `RightNotGranted`; `TooLarge`; `OrganisationNotTrusted`
    /// where the organisation may not issue `urn:kist:schema:file:1`.
    @discardableResult
    public func deliver(_ file: URL, under agreement: String) async throws(KistError) -> FileTransfer {
        try await cancellable { try await store.deliverFile(agreement: agreement, file: file.path, cancel: $0) }
    }

    /// Files that go to people and come from them, with what became of each.
    public func transfers() async throws(KistError) -> [FileTransfer] {
        try await cancellable { try await store.fileTransfers(cancel: $0) }
    }

    /// Writes a file that came to disk: whole and verified, or not at all.
    public func save(_ transfer: String, to file: URL) async throws(KistError) {
        try await cancellable { try await store.saveTransfer(transfer: transfer, to: file.path, cancel: $0) }
    }
}

extension Files {
    /// Sends a file of this store to an organisation, under a consent by which it may read; it goes on with each refresh of
    /// the inbox.
    ///
    /// Errors: `NotFound`; `ConsentWithdrawn`, `ConsentExpired`, `RightNotGranted`; `TooLarge` above 100 MiB.
    @discardableResult
    public func send(_ file: String, under consent: String) async throws(KistError) -> FileTransfer {
        try await cancellable { try await store.sendFile(consent: consent, file: file, cancel: $0) }
    }

    /// Files that go to organisations and come from them, with what became of each.
    public func transfers() async throws(KistError) -> [FileTransfer] {
        try await cancellable { try await store.fileTransfers(cancel: $0) }
    }
}

extension Consents {
    /// What organisations asked to read by standing access, the newest first: under one consent, or under all.
    public func reads(under consent: String? = nil) async throws(KistError) -> [ReadInfo] {
        try await cancellable { try await store.reads(consent: consent, cancel: $0) }
    }
}

extension ReceivedField {
    /// The day on which the person said that it is so, by standing access; nil for what came with the answer itself.
    public var asOfDate: Date? { asOf.map(Date.init(unixSeconds:)) }
}
