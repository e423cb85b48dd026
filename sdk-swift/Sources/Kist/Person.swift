// A person's side: one store, and the sub-clients that work on it.

import Foundation
import KistGenerated

/// An open store of a person. It hands out sub-clients for what can be done with it; all of them may be used from any
/// Task.
public final class Person: Sendable {
    private let store: KistGenerated.Person

    init(_ store: KistGenerated.Person) { self.store = store }

    /// Whether there is a store in the folder.
    public static func exists(in folder: URL) throws(KistError) -> Bool {
        try immediate { try personExists(folder: folder.path) }
    }

    /// Makes a store with a fresh root key, under a passphrase.
    ///
    /// Errors: `AlreadyExists`, `StorageFull`, `Storage`, `PlatformKey`.
    public static func create(
        in folder: URL, platform: Platform, passphrase: String
    ) async throws(KistError) -> Person {
        try await cancellable {
            Person(
                try await createPerson(
                    folder: folder.path, platform: platform.generated, passphrase: passphrase, cancel: $0))
        }
    }

    /// Opens a store with its passphrase.
    ///
    /// Errors: `NotFound`, `KeyMismatch` for a wrong passphrase, `Corrupt`, `InUse`, `RollbackDetected`.
    public static func open(
        in folder: URL, platform: Platform, passphrase: String
    ) async throws(KistError) -> Person {
        try await cancellable {
            Person(
                try await openPerson(
                    folder: folder.path, platform: platform.generated, passphrase: passphrase, cancel: $0))
        }
    }

    /// Opens a store by the platform's key store; see ``enableDeviceUnlock()``.
    ///
    /// Errors: as ``open(in:platform:passphrase:)``, and `PlatformKey`.
    public static func openWithDevice(in folder: URL, platform: Platform) async throws(KistError) -> Person {
        try await cancellable {
            Person(try await openPersonWithDevice(folder: folder.path, platform: platform.generated, cancel: $0))
        }
    }

    /// Restores a backup into a folder without a store, as a new device under a passphrase of its own. Everything is
    /// verified before there is a store; after an error, or cancelled, there is none.
    ///
    /// Errors: `RecoveryCodeMistyped` with the group, `KeyMismatch`, `NoBackup`, `FreshnessUnproven`,
    /// `RollbackDetected`, `ManifestMismatch`, `UnknownAuthor`, `AuthenticationFailed`, `AlreadyExists`, `Unreachable`
    /// …
    public static func restore(
        in folder: URL, platform: Platform, from input: RecoveryInput, passphrase: String,
        freshness: Freshness = .unknown
    ) -> Work<Restored> {
        Work { listener, cancel in
            let restored = try await restorePerson(
                folder: folder.path, platform: platform.generated, input: input, passphrase: passphrase,
                freshness: freshness, listener: listener, cancel: cancel)
            return Restored(person: Person(restored.person), report: restored.report)
        }
    }

    /// What the person keeps.
    public var records: Records { Records(store: store) }
    /// What the person does with it: marks, the trash, conflicts, reminders, forms.
    public var curation: Curation { Curation(store: store) }
    /// Attached files.
    public var files: Files { Files(store: store) }
    /// Requests of organisations.
    public var requests: Requests { Requests(store: store) }
    /// What was agreed.
    public var consents: Consents { Consents(store: store) }
    /// Messages of organisations.
    public var inbox: Inbox { Inbox(store: store) }
    /// What happened.
    public var history: History { History(store: store) }
    /// Backup on a relay.
    public var backup: Backup { Backup(store: store) }
    /// Whom the person believes.
    public var trust: Trust { Trust(store: store) }

    /// Lets the platform's key store open the store (screen lock, biometrics).
    public func enableDeviceUnlock() async throws(KistError) {
        try await cancellable { try await store.enableDeviceUnlock(cancel: $0) }
    }

    /// Replaces the passphrase.
    public func changePassphrase(to passphrase: String) async throws(KistError) {
        try await cancellable { try await store.changePassphrase(passphrase: passphrase, cancel: $0) }
    }

    /// The relay that this person's mailboxes and backup are made on, where one is set.
    public func relay() async throws(KistError) -> String? {
        try await cancellable { try await store.relay(cancel: $0) }
    }

    /// Sets the relay for what is made from now on. `AddressRefused`.
    public func setRelay(_ relay: String) async throws(KistError) {
        try await cancellable { try await store.setRelay(relay: relay, cancel: $0) }
    }

    /// Writes everything into a zip file that must not exist; it appears when it is complete. It is in the clear, with
    /// pages to read in a browser, in the language of `catalogue`. `sealedState`: with keys, agreements and history for a
    /// Kist to come back to, under the code that the report tells and nothing keeps.
    ///
    /// Errors: `AlreadyExists`, `StorageFull`, `Storage`.
    public func export(
        to archive: URL, sealedState: Bool, catalogue: Catalogue = .preferred
    ) -> Work<ExportReport> {
        let options = ExportOptions(words: catalogue.pageWords, sealedState: sealedState)
        return Work { [store] in
            try await store.exportAll(archive: archive.path, options: options, listener: $0, cancel: $1)
        }
    }

    /// Looks through an archive: what it says of itself, and what of it is damaged.
    ///
    /// Errors: `NotFound`, `Corrupt`, `Malformed`, `DowngradeRefused`, `Storage`.
    public static func review(archive: URL) -> Work<ArchiveReview> {
        Work { try await reviewArchive(archive: archive.path, listener: $0, cancel: $1) }
    }

    /// Takes in an archive: what isn't here is added, what is here stays, what was deleted here stays deleted. Without the
    /// `code`, records and files are taken, and of their sources only what is proven. `soundOnly`: what is sound of a
    /// damaged one.
    ///
    /// Errors: `NotFound`, `Corrupt`, `Malformed`, `DowngradeRefused`, `RecoveryCodeMistyped`, `KeyMismatch`,
    /// `AuthenticationFailed`, `StorageFull`, `Storage`.
    public func importArchive(
        from archive: URL, code: String? = nil, soundOnly: Bool = false
    ) -> Work<ArchiveReport> {
        let options = ArchiveOptions(code: code, soundOnly: soundOnly)
        return Work { [store] in
            try await store.importArchive(archive: archive.path, options: options, listener: $0, cancel: $1)
        }
    }

    /// Lets go of the store: its keys are wiped when the calls that still run have ended. Calls after this fail with
    /// `NotFound`; closing again does nothing.
    public func close() async throws(KistError) {
        try await cancellable { _ in try await store.closeStore() }
    }
}

/// A restored store.
public struct Restored: Sendable {
    /// The store, open.
    public let person: Person
    /// What came back.
    public let report: RestoreReport
}
