// A person's side: one store, and the sub-clients that work on it.

import Foundation
import KistGenerated

/// An open store of a person. It hands out sub-clients for what can be done with it; all of them may be used from any
/// Task.
public final class Person: Sendable {
    private let store: KistGenerated.Person
    private let area: SecureAreaForCore?
    private let refreshes = RefreshCount()

    /// `platform` is the one that the store was opened with.
    init(_ store: KistGenerated.Person, _ platform: KistGenerated.Platform) {
        self.store = store
        area = platform.secureArea as? SecureAreaForCore
    }

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
        let platform = platform.generated
        return try await cancellable {
            Person(
                try await createPerson(folder: folder.path, platform: platform, passphrase: passphrase, cancel: $0),
                platform)
        }
    }

    /// Opens a store with its passphrase.
    ///
    /// Errors: `NotFound`, `KeyMismatch` for a wrong passphrase, `Corrupt`, `InUse`, `RollbackDetected`.
    public static func open(
        in folder: URL, platform: Platform, passphrase: String
    ) async throws(KistError) -> Person {
        let platform = platform.generated
        return try await cancellable {
            Person(
                try await openPerson(folder: folder.path, platform: platform, passphrase: passphrase, cancel: $0), platform)
        }
    }

    /// Opens a store by the platform's key store; see ``enableDeviceUnlock()``.
    ///
    /// Errors: as ``open(in:platform:passphrase:)``, and `PlatformKey`.
    public static func openWithDevice(in folder: URL, platform: Platform) async throws(KistError) -> Person {
        let platform = platform.generated
        return try await cancellable {
            Person(try await openPersonWithDevice(folder: folder.path, platform: platform, cancel: $0), platform)
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
        let platform = platform.generated
        return Work { listener, cancel in
            let restored = try await restorePerson(
                folder: folder.path, platform: platform, input: input, passphrase: passphrase, freshness: freshness,
                listener: listener, cancel: cancel)
            return Restored(person: Person(restored.person, platform), report: restored.report)
        }
    }

    /// What the person keeps.
    public var records: Records { Records(store: store) }
    /// What the person does with it: marks, the trash, conflicts, forms.
    public var curation: Curation { Curation(store: store) }
    /// Attached files.
    public var files: Files { Files(store: store) }
    /// Requests of organisations.
    public var requests: Requests { Requests(store: store) }
    /// Organisations that can be contacted, and those that the person stands in contact with.
    public var connections: Connections { Connections(store: store) }
    /// Organisations that serve the same people together.
    public var clusters: Clusters { Clusters(store: store) }
    /// Other people.
    public var people: People { People(store: store) }
    /// What the person decided beforehand.
    public var rules: Rules { Rules(store: store) }
    /// What was agreed.
    public var consents: Consents { Consents(store: store) }
    /// Messages of organisations.
    public var inbox: Inbox { Inbox(store: store, count: refreshes) }
    /// Being woken when something has come.
    public var push: PushSubscriptions { PushSubscriptions(store: store) }
    /// Requests of rights, and reports.
    public var rights: DataRights { DataRights(store: store) }
    /// What happened.
    public var history: History { History(store: store) }
    /// Backup on a relay.
    public var backup: Backup { Backup(store: store) }
    /// Whom the person believes.
    public var trust: Trust { Trust(store: store) }

    /// What is due now, and what of records will be so many days from now: those first, the first due first; then
    /// organisations that owe an answer.
    public func reminders(daysAhead days: Int = 0) async throws(KistError) -> [Due] {
        try await cancellable { try await store.reminders(daysAhead: UInt32(clamping: days), cancel: $0) }
    }

    /// The organisations that stand elsewhere in their framework than the person was last told.
    public func organisationChanges() async throws(KistError) -> [OrganisationChange] {
        try await cancellable { try await store.organisationChanges(cancel: $0) }
    }

    /// Notes that the person was told of these changes.
    public func told(_ changes: [OrganisationChange]) async throws(KistError) {
        try await cancellable { try await store.organisationChangesTold(told: changes, cancel: $0) }
    }

    /// Whether requests of organisations that no framework vouches for are shown, and said to be such: for who develops
    /// an organisation's side. Off, unless it was switched on; on this device alone.
    public func developerMode() async throws(KistError) -> Bool {
        try await cancellable { try await store.developerMode(cancel: $0) }
    }

    /// Switches the developer's mode. That it was switched stands in the history.
    public func setDeveloperMode(_ on: Bool) async throws(KistError) {
        try await cancellable { try await store.setDeveloperMode(on: on, cancel: $0) }
    }

    /// Lets the platform's key store open the store (screen lock, biometrics).
    public func enableDeviceUnlock() async throws(KistError) {
        try await replacing(forPresence: true) { try await $0.enableDeviceUnlock(cancel: $1) }
    }

    /// Replaces the passphrase.
    public func changePassphrase(to passphrase: String) async throws(KistError) {
        try await replacing(forPresence: false) { try await $0.changePassphrase(passphrase: passphrase, cancel: $1) }
    }

    private func replacing(
        forPresence: Bool, _ call: @escaping @Sendable (KistGenerated.Person, CancelHandle) async throws -> Void
    ) async throws(KistError) {
        let (store, area) = (store, area)
        try await cancellable { cancel in
            guard let area else { return try await call(store, cancel) }
            try await area.replacing(forPresence: forPresence) { try await call(store, cancel) }
        }
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
