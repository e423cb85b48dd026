// Backup on a relay, and what a person has of their recovery kit.

import KistGenerated

/// The backup of a store.
public struct Backup: Sendable {
    let store: KistGenerated.Person

    /// Names a mistyped group of a recovery code before anything is fetched: `RecoveryCodeMistyped`.
    public static func check(recoveryCode code: String) throws(KistError) {
        try immediate { try checkRecoveryCode(code: code) }
    }

    /// Makes a vault on the relay and a recovery kit. The kit is shown once; nothing of it is kept.
    ///
    /// Errors: `AlreadyExists` when backup is set up, `AddressRefused`, `Unreachable`.
    public func setUp(on relay: String) async throws(KistError) -> RecoveryKit {
        try await cancellable { try await store.setUpBackup(relay: relay, cancel: $0) }
    }

    /// Brings the backup up to date: what changed since the last time and nothing else. Cancelled, it goes on there the
    /// next time.
    ///
    /// Errors: `NoBackup` before it is set up, `RollbackDetected`, `ForkDetected`, `HeadMoved`, `Unreachable`.
    public func run() -> Work<BackupReport> {
        Work { [store] in try await store.runBackup(listener: $0, cancel: $1) }
    }

    /// Where the backup stands, without asking the relay.
    public func status() async throws(KistError) -> BackupStatus {
        try await cancellable { try await store.backupStatus(cancel: $0) }
    }

    /// Restores the backup into a folder apart, looks at it and throws it away: proof that it can be restored.
    public func rehearse() -> Work<RehearsalReport> {
        Work { [store] in try await store.rehearseRestore(listener: $0, cancel: $1) }
    }

    /// The devices that may write to the backup.
    public func devices() async throws(KistError) -> [DeviceInfo] {
        try await cancellable { try await store.devices(cancel: $0) }
    }
}

extension RecoveryKit: CustomStringConvertible, CustomReflectable {
    /// The relay, and nothing of the code.
    public var description: String { "RecoveryKit(\(relay), …)" }
    public var customMirror: Mirror { Mirror(self, children: ["relay": relay]) }
}

extension RecoveryInput: CustomStringConvertible, CustomReflectable {
    /// The relay, and nothing of the code.
    public var description: String { "RecoveryInput(\(relay ?? "no relay"), …)" }
    public var customMirror: Mirror { Mirror(self, children: ["relay": relay as Any]) }
}
