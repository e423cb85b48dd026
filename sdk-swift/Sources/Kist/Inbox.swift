// What organisations send, and how a screen hears that something came.

import Foundation
import KistGenerated

/// Messages of organisations.
public struct Inbox: Sendable {
    let store: KistGenerated.Person
    let count: RefreshCount

    /// How often the inbox was refreshed since the store was opened, now and whenever that grows: a screen that shows what
    /// comes looks anew at each. Each sequence is for one iteration; counts that nobody took in time are left out, but never
    /// the last.
    public var refreshes: AsyncStream<Int> { count.stream() }

    /// Sends what waits to be sent, and takes in everything that came.
    ///
    /// Errors: `Unreachable`, `RelayBusy`; what had come before stays.
    @discardableResult
    public func refresh() async throws(KistError) -> [InboxEvent] {
        let events = try await cancellable { try await store.refreshInbox(cancel: $0) }
        count.grow()
        return events
    }

    /// What waits to be read, the newest first.
    public func list() async throws(KistError) -> [InboxItem] {
        try await cancellable { try await store.inboxItems(cancel: $0) }
    }

    /// Takes an item away.
    public func dismiss(_ id: String) async throws(KistError) {
        try await cancellable { try await store.dismissInboxItem(id: id, cancel: $0) }
    }
}

/// Counts refreshes, and tells whoever listens.
final class RefreshCount: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0
    private var listening: [UUID: AsyncStream<Int>.Continuation] = [:]

    func grow() {
        lock.withLock {
            count += 1
            for told in listening.values { told.yield(count) }
        }
    }

    func stream() -> AsyncStream<Int> {
        let (stream, told) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
        let id = UUID()
        lock.withLock {
            listening[id] = told
            told.yield(count)
        }
        told.onTermination = { [weak self] _ in self?.forget(id) }
        return stream
    }

    private func forget(_ id: UUID) { lock.withLock { listening[id] = nil } }
}
