// What the phone gives to the wallet.

import Foundation
import Kist

/// A value that is kept from one start of the app to the next.
public struct Kept<Value: Codable & Sendable>: Sendable {
    private let reading: @Sendable () -> Data?
    private let writing: @Sendable (Data?) -> Void

    /// Kept as bytes, wherever that is; nil removes them.
    public init(read: @escaping @Sendable () -> Data?, write: @escaping @Sendable (Data?) -> Void) {
        (reading, writing) = (read, write)
    }

    /// Kept in a file, which is replaced whole.
    public static func file(_ file: URL) -> Kept {
        Kept(
            read: { try? Data(contentsOf: file) },
            write: { data in
                guard let data else {
                    try? FileManager.default.removeItem(at: file)
                    return
                }
                let folder = file.deletingLastPathComponent()
                try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                try? data.write(to: file, options: .atomic)
            })
    }

    /// What was kept last; nil where there is nothing, or nothing that this build can read.
    public func read() -> Value? { reading().flatMap { try? JSONDecoder().decode(Value.self, from: $0) } }

    /// Keeps it in place of what was kept.
    public func write(_ value: Value?) { writing(value.flatMap { try? JSONEncoder().encode($0) }) }
}

/// What the person set, for this phone alone.
public struct Preferences: Codable, Hashable, Sendable {
    /// The language; the phone's own where none was chosen.
    public var language: Language?
    /// Minutes in the background after which the wallet locks.
    public var lockAfterMinutes = 1
    /// Whether the phone's own lock opens the wallet.
    public var unlocksWithDevice = false

    public init() {}
}

/// Wrong passphrases since the last right one.
public struct Attempts: Codable, Hashable, Sendable {
    /// How many.
    public var wrong = 0
    /// When the last one was.
    public var last = Date.distantPast

    public init(wrong: Int = 0, last: Date = .distantPast) { (self.wrong, self.last) = (wrong, last) }
}

/// The phone.
public struct Device: Sendable {
    /// The folder in which the store lies.
    public var store: URL
    /// The key store and the name.
    public var platform: Platform
    /// Where the app was left. It holds no personal data.
    public var place: Kept<Place>
    /// What the person set.
    public var preferences: Kept<Preferences>
    /// Wrong passphrases; kept where a person who has the phone can't put them back (the key chain).
    public var attempts: Kept<Attempts>
    /// The relay that is suggested.
    public var relay: String?
    /// The clock.
    public var now: @Sendable () -> Date

    public init(
        store: URL, platform: Platform, place: Kept<Place>, preferences: Kept<Preferences>, attempts: Kept<Attempts>,
        relay: String? = nil, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.store = store
        self.platform = platform
        self.place = place
        self.preferences = preferences
        self.attempts = attempts
        self.relay = relay
        self.now = now
    }

    /// Whether the phone's own lock can open the wallet.
    public var canUnlock: Bool { platform.secureArea != nil }
}
