// Alice's phone: what lies on it, and the app that is started on it.

import Foundation
import Kist
import KistWorld
import WalletModels

/// A clock that is put on by hand; a stopped one goes by that alone.
public final class Clock: @unchecked Sendable {
    private let lock = NSLock()
    private var ahead: TimeInterval = 0
    private let stoppedAt: Date?

    public init(isStopped: Bool = false) { stoppedAt = isStopped ? Date() : nil }

    public var now: Date { lock.withLock { (stoppedAt ?? Date()).addingTimeInterval(ahead) } }

    /// Puts it on, or back where it is below zero.
    public func put(on seconds: TimeInterval) { lock.withLock { ahead += seconds } }
}

/// A phone. The app on it is started as often as one likes, one at a time.
public struct Phone: Sendable {
    /// The folder of all that the app keeps.
    public let folder: URL
    public let clock: Clock
    public var relay: String?
    public var secureArea: (any SecureArea)?

    public init(_ folder: URL, relay: String? = nil, secureArea: (any SecureArea)? = nil, clock: Clock = Clock()) {
        (self.folder, self.relay, self.secureArea, self.clock) = (folder, relay, secureArea, clock)
    }

    /// Where Alice's store lies; the world's own is there already.
    public var store: URL { folder.appendingPathComponent("alice") }

    /// The file that says where the app was left.
    public var place: URL { folder.appendingPathComponent("place.json") }

    /// Starts the app.
    @MainActor public func start() -> WalletModel {
        WalletModel(
            Device(
                store: store, platform: platform("Alice's phone", secureArea: secureArea), place: .file(place),
                preferences: .file(folder.appendingPathComponent("preferences.json")),
                attempts: .file(folder.appendingPathComponent("attempts.json")), relay: relay,
                now: { [clock] in clock.now }))
    }

    /// Starts the app and unlocks it.
    @MainActor public func startUnlocked() async throws -> (WalletModel, OpenStore) {
        let wallet = start()
        let unlock = UnlockModel(wallet)
        unlock.passphrase = passphrase
        await unlock.unlock()
        guard let store = wallet.store else {
            throw WorldError(description: unlock.act.problem?.sentence ?? "the wallet doesn't open")
        }
        return (wallet, store)
    }
}
