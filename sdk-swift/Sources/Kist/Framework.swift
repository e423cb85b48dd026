// The operator of a trust framework: founds it, admits organisations, publishes the list.

import Foundation
import KistGenerated

/// A framework, as its operator holds it. What is handed from one role to another is JSON or a JWS.
public final class Framework: Sendable {
    private let store: KistGenerated.Framework

    init(_ store: KistGenerated.Framework) { self.store = store }

    /// Whether there is a framework in the folder.
    public static func exists(in folder: URL) throws(KistError) -> Bool {
        try immediate { try frameworkExists(folder: folder.path) }
    }

    /// Founds a framework: makes the root's and the registrar's keys and certificates.
    public static func create(
        in folder: URL, platform: Platform, passphrase: String, profile: FrameworkProfile
    ) async throws(KistError) -> Framework {
        try await cancellable {
            Framework(
                try await createFramework(
                    folder: folder.path, platform: platform.generated, passphrase: passphrase, profile: profile,
                    cancel: $0))
        }
    }

    /// Opens a framework with its passphrase.
    public static func open(
        in folder: URL, platform: Platform, passphrase: String
    ) async throws(KistError) -> Framework {
        try await cancellable {
            Framework(
                try await openFramework(
                    folder: folder.path, platform: platform.generated, passphrase: passphrase, cancel: $0))
        }
    }

    /// What an organisation applies for, as JSON, so that the operator can check it before ``admit(_:)``.
    ///
    /// Errors: `SignatureInvalid`, `Malformed`, `TooLarge`.
    public static func read(application: String) throws(KistError) -> String {
        try immediate { try readApplication(application: application) }
    }

    /// A directory of these invitations and statements of clusters, each a compact JWS, as JSON to publish: phones believe
    /// each for its own signature. ``setDirectory(_:)`` tells them where it lies.
    public static func directory(of entries: [String]) throws(KistError) -> String {
        try immediate { try directoryOf(entries: entries) }
    }

    /// Admits an applicant, or renews a member's certificate and registration, for a year. Gives the admission, JSON.
    ///
    /// Errors: `SignatureInvalid`, `Malformed`, `StatusChangeRefused` for a member that is suspended or expelled.
    public func admit(_ application: String) async throws(KistError) -> String {
        try await cancellable { try await store.admit(application: application, cancel: $0) }
    }

    /// Renews an active member's certificate and registration for a year with the content that they have, as is due after
    /// a change of root. Gives the admission, JSON.
    ///
    /// Errors: `NotFound`, `StatusChangeRefused`.
    public func renew(_ organisationId: String) async throws(KistError) -> String {
        try await cancellable { try await store.renew(organisationId: organisationId, cancel: $0) }
    }

    /// Suspends a member, with the next list; the note says why, in the operator's log.
    ///
    /// Errors: `NotFound`, `StatusChangeRefused`, `TooLarge` for a note of more than 1 KiB.
    public func suspend(_ organisationId: String, note: String? = nil) async throws(KistError) {
        try await cancellable { try await store.suspend(organisationId: organisationId, note: note, cancel: $0) }
    }

    /// Makes a suspended member active again, with the next list; the note as for ``suspend(_:note:)``.
    public func reinstate(_ organisationId: String, note: String? = nil) async throws(KistError) {
        try await cancellable { try await store.reinstate(organisationId: organisationId, note: note, cancel: $0) }
    }

    /// Expels a member for good, with the next list; the note as for ``suspend(_:note:)``.
    public func expel(_ organisationId: String, note: String? = nil) async throws(KistError) {
        try await cancellable { try await store.expel(organisationId: organisationId, note: note, cancel: $0) }
    }

    /// Publishes terms, with the next list. Applicants have to accept them from now on, by version and hash.
    ///
    /// Errors: `Malformed` where a language lacks its summary or its text, or the version is the one in force; `TooLarge`.
    @discardableResult
    public func publishTerms(_ draft: TermsDraft) async throws(KistError) -> TermsNotice {
        try await cancellable { try await store.publishTerms(draft: draft, cancel: $0) }
    }

    /// Says where the framework's directory of organisations lies, with the next list, so that phones find it by
    /// themselves; nil takes that back.
    ///
    /// Errors: `AddressRefused` for an address that no phone would ask.
    public func setDirectory(_ url: String?) async throws(KistError) {
        try await cancellable { try await store.setDirectory(url: url, cancel: $0) }
    }

    /// Publishes the next list; its successor is due within so many days. Gives what a phone believes from then on,
    /// JSON.
    public func publish(validDays: UInt16) async throws(KistError) -> String {
        try await cancellable { try await store.publish(validDays: validDays, cancel: $0) }
    }

    /// The members, whatever their status.
    public func members() async throws(KistError) -> [MemberInfo] {
        try await cancellable { try await store.members(cancel: $0) }
    }

    /// How the framework stands, and what has to be done next.
    public func status() async throws(KistError) -> FrameworkStatus {
        try await cancellable { try await store.status(cancel: $0) }
    }

    /// What the operator did, first entry first, verified.
    ///
    /// Errors: `HistoryBroken` with the first entry that was changed.
    public func log() async throws(KistError) -> [FrameworkLogEntry] {
        try await cancellable { try await store.log(cancel: $0) }
    }

    /// Replaces the root, and certifies the registrar anew. What the old root signed is believed for so many days yet; its
    /// key is deleted. Counts with the next list; then ``renew(_:)`` every member.
    ///
    /// Errors: `Malformed` where two earlier roots have still to be known.
    public func rotateRoot(retireDays: UInt16) async throws(KistError) {
        try await cancellable { try await store.rotateRoot(retireDays: retireDays, cancel: $0) }
    }

    /// Gives the registrar another key and certificate. The one before counts until it ends.
    public func rotateRegistrar() async throws(KistError) {
        try await cancellable { try await store.rotateRegistrar(cancel: $0) }
    }

    /// Lets go of the store. Calls after this fail with `NotFound`; closing again does nothing.
    public func close() async throws(KistError) {
        try await cancellable { _ in try await store.closeStore() }
    }
}
