// The store, while it is open.

import Foundation
import Kist
import Observation

/// An open store, with what every screen needs.
public struct OpenStore: Sendable {
    /// The person's store.
    public let person: Person
    /// The sentences.
    public let words: Words
    /// The clock.
    public let now: @Sendable () -> Date

    public init(person: Person, words: Words, now: @escaping @Sendable () -> Date = { Date() }) {
        (self.person, self.words, self.now) = (person, words, now)
    }

    /// Runs `look` now, and again whenever the inbox was refreshed meanwhile, by this screen or another, until the Task is
    /// cancelled.
    @MainActor public func looking(_ look: () async -> Void) async {
        for await _ in person.inbox.refreshes { await look() }
    }
}

/// Whether there is a store, and whether it is open.
@MainActor @Observable public final class Session {
    public enum State {
        /// There is no store yet.
        case none
        /// There is one, and it is closed.
        case locked
        /// It is open.
        case open(Person)
    }

    public private(set) var state: State
    private let device: Device
    @ObservationIgnored private var leftAt: Date?

    public init(_ device: Device) {
        self.device = device
        // A folder that can't be looked into has a store that can't be opened either: unlocking says why.
        state = (try? Person.exists(in: device.store)) == false ? .none : .locked
    }

    /// The open store.
    public var person: Person? {
        if case .open(let person) = state { person } else { nil }
    }

    /// Whether the store is closed.
    public var isLocked: Bool {
        if case .locked = state { true } else { false }
    }

    /// Takes in a store that was created, opened or restored.
    public func opened(_ person: Person) { state = .open(person) }

    /// Closes the store. Its keys are wiped when the calls that run have ended.
    public func lock() async {
        guard let person else { return }
        state = .locked
        try? await person.close() // fails only where it was closed before
    }

    /// Locks, and has no store any more: it lies in a folder beside its own, as it is. Throws what the disk says.
    public func setAside() async throws {
        await lock()
        let name = "\(device.store.lastPathComponent)-damaged-\(Int(device.now().timeIntervalSince1970))"
        let aside = device.store.deletingLastPathComponent().appendingPathComponent(name)
        try FileManager.default.moveItem(at: device.store, to: aside)
        state = .none
    }

    /// The app went out of sight.
    public func left() { leftAt = leftAt ?? device.now() }

    /// The app came back; locks where it was away for longer than the person allows, or the clock was put back.
    public func returned(lockAfterMinutes minutes: Int) async {
        guard let left = leftAt else { return }
        leftAt = nil
        let away = device.now().timeIntervalSince(left)
        if away < 0 || away >= Double(minutes) * 60 { await lock() }
    }
}
