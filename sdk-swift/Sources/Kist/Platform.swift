// What an app brings to a store: its key store, its protected bytes, the name of the device.

import Foundation
import KistGenerated

/// What the platform does for a store. Quiet hours go by the time zone in which the store was opened.
public struct Platform: Sendable {
    /// What the person calls this device.
    public var deviceName: String
    /// The platform's key store. Without it, the passphrase alone protects the store.
    public var secureArea: (any SecureArea)?
    /// Bytes that the platform doesn't let anybody put back.
    public var smallState: (any SmallState)?
    /// The cost of a passphrase; the platform's usual one where none is given.
    public var kdfCost: KdfCost?
    /// More certificate authorities to believe for TLS, in DER.
    public var tlsAuthorities: [Data] = []
    /// Also reaches this machine itself over plain HTTP: for tests, by a library that was built for them.
    public var allowsLoopback = false

    public init(
        deviceName: String, secureArea: (any SecureArea)? = nil, smallState: (any SmallState)? = nil,
        kdfCost: KdfCost? = nil
    ) {
        self.deviceName = deviceName
        self.secureArea = secureArea
        self.smallState = smallState
        self.kdfCost = kdfCost
    }

    var generated: KistGenerated.Platform {
        .init(
            deviceName: deviceName,
            secureArea: secureArea.map(SecureAreaForCore.init),
            smallState: smallState.map(SmallStateForCore.init),
            kdfCost: kdfCost,
            tlsAuthorities: tlsAuthorities,
            utcOffsetMinutes: Int32(clamping: TimeZone.current.secondsFromGMT() / 60),
            allowLoopback: allowsLoopback)
    }
}

/// Why a key of the platform can't be used, or protected bytes can't be reached.
public enum KeyStoreError: Error, Hashable, Sendable {
    /// The person has to unlock first; try again after that.
    case locked
    /// The platform has thrown the key away (new biometrics, screen lock removed); it never comes back.
    case invalidated
    /// There is no such key, or no key store.
    case unavailable
}

/// The platform's key store (Secure Enclave, TPM). Called from threads of the core, any of them; it may block there
/// while it asks the person for their presence.
public protocol SecureArea: Sendable {
    /// Seals at most 1 KiB so that only this device opens it. The output is opaque.
    func seal(_ secret: Data) throws(KeyStoreError) -> Data
    /// Seals as ``seal(_:)`` does, for ``open(_:)`` to ask the person for their presence first: what
    /// ``Person/enableDeviceUnlock()`` keeps. A passphrase never depends on it, so that who loses a finger's enrolment or the
    /// screen lock still has the passphrase. A key store that can't ask seals in the one way that it has.
    func sealForPresence(_ secret: Data) throws(KeyStoreError) -> Data
    /// Opens what ``seal(_:)`` or ``sealForPresence(_:)`` gave on this device.
    func open(_ sealed: Data) throws(KeyStoreError) -> Data
    /// The public key of a P-256 key, which is made on first use and never leaves the device: an uncompressed SEC 1
    /// point, 65 bytes, `4 ‖ x ‖ y`.
    func signingKey(named name: String) throws(KeyStoreError) -> Data
    /// Signs a message, hashed with SHA-256 by the key store: ES256 as `r ‖ s`, 64 bytes.
    func sign(_ message: Data, withKeyNamed name: String) throws(KeyStoreError) -> Data
}

extension SecureArea {
    public func sealForPresence(_ secret: Data) throws(KeyStoreError) -> Data { try seal(secret) }
}

/// A few bytes, at most 64, that the platform protects from being put back to an older value. Called as ``SecureArea``
/// is.
public protocol SmallState: Sendable {
    /// What was last written; nothing on a new device.
    func read() throws(KeyStoreError) -> Data?
    /// Replaces it, durably when this returns.
    func write(_ state: Data) throws(KeyStoreError)
}

/// A key store in software, for tests and for desktops without one: whoever has its secret of 32 bytes has its keys.
public struct SoftwareSecureArea: SecureArea {
    private let area: any KistGenerated.SecureArea

    public init(secret: Data) throws(KistError) {
        area = try immediate { try softwareSecureArea(secret: secret) }
    }

    public func seal(_ secret: Data) throws(KeyStoreError) -> Data { try asked { try area.seal(secret: secret) } }

    public func open(_ sealed: Data) throws(KeyStoreError) -> Data { try asked { try area.open(sealed: sealed) } }

    public func signingKey(named name: String) throws(KeyStoreError) -> Data {
        try asked { try area.signingKey(name: name) }
    }

    public func sign(_ message: Data, withKeyNamed name: String) throws(KeyStoreError) -> Data {
        try asked { try area.sign(name: name, message: message) }
    }
}

/// A ``SmallState`` that lasts as long as the process: it guarantees nothing, and serves tests.
public struct MemorySmallState: SmallState {
    private let state: any KistGenerated.SmallState

    public init() throws(KistError) { state = try immediate { try memorySmallState() } }

    public func read() throws(KeyStoreError) -> Data? { try asked { try state.read() } }

    public func write(_ state: Data) throws(KeyStoreError) { try asked { try self.state.write(state: state) } }
}

/// Asks a port of the core's own.
private func asked<Value>(_ call: () throws -> Value) throws(KeyStoreError) -> Value {
    do { return try call() } catch { throw KeyStoreError(error) }
}

extension KeyStoreError {
    fileprivate init(_ error: any Error) {
        self =
            switch error {
            case KistGenerated.KeyStoreError.Locked: .locked
            case KistGenerated.KeyStoreError.Invalidated: .invalidated
            default: .unavailable
            }
    }

    fileprivate var generated: KistGenerated.KeyStoreError {
        switch self {
        case .locked: .Locked
        case .invalidated: .Invalidated
        case .unavailable: .Unavailable
        }
    }
}

/// An app's key store as the core, whose port seals in one way, calls it.
final class SecureAreaForCore: KistGenerated.SecureArea, @unchecked Sendable {
    private let area: any SecureArea
    private let turn = Turn()
    private let lock = NSLock()
    private var isForPresence = false

    init(_ area: any SecureArea) { self.area = area }

    /// Runs a call that replaces one way of unlocking, one at a time, so that each is sealed in its own way.
    func replacing<Value: Sendable>(
        forPresence: Bool, _ call: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await turn.take { [self] in
            lock.withLock { isForPresence = forPresence }
            defer { lock.withLock { isForPresence = false } }
            return try await call()
        }
    }

    func seal(secret: Data) throws -> Data {
        let isForPresence = lock.withLock { self.isForPresence }
        return try answered { () throws(KeyStoreError) in
            try isForPresence ? area.sealForPresence(secret) : area.seal(secret)
        }
    }

    func open(sealed: Data) throws -> Data { try answered { () throws(KeyStoreError) in try area.open(sealed) } }

    func signingKey(name: String) throws -> Data {
        try answered { () throws(KeyStoreError) in try area.signingKey(named: name) }
    }

    func sign(name: String, message: Data) throws -> Data {
        try answered { () throws(KeyStoreError) in try area.sign(message, withKeyNamed: name) }
    }
}

/// Runs calls one after another, in the order in which they came.
private actor Turn {
    private var last: Task<Void, Never>?

    func take<Value: Sendable>(_ call: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let before = last
        let task = Task {
            await before?.value
            return try await call()
        }
        last = Task { _ = try? await task.value }
        return try await withTaskCancellationHandler { try await task.value } onCancel: { task.cancel() }
    }
}

/// An app's protected bytes as the core reaches them.
private final class SmallStateForCore: KistGenerated.SmallState {
    private let state: any SmallState

    init(_ state: any SmallState) { self.state = state }

    func read() throws -> Data? { try answered { () throws(KeyStoreError) in try state.read() } }

    func write(state: Data) throws { try answered { () throws(KeyStoreError) in try self.state.write(state) } }
}

/// Lets an app's port answer the core.
private func answered<Value>(
    _ call: () throws(KeyStoreError) -> Value
) throws(KistGenerated.KeyStoreError) -> Value {
    do { return try call() } catch { throw error.generated }
}
