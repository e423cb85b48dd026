// The inbox: what came, and requests that wait.

import Foundation
import Kist
import Observation

/// What the inbox shows.
public struct InboxContent: Sendable {
    /// Messages, the newest first.
    public let messages: [InboxItem]
    /// Requests that wait for the person.
    public let requests: [OpenRequest]

    public var isEmpty: Bool { messages.isEmpty && requests.isEmpty }
}

/// The screen of the inbox.
@MainActor @Observable public final class InboxModel {
    public let content: Loader<InboxContent>
    /// Sending and taking in.
    public let refreshing: Act
    /// What the last refresh brought.
    public private(set) var events: [InboxEvent] = []
    private let person: Person

    public init(_ store: OpenStore) {
        let person = store.person
        self.person = person
        refreshing = Act(store.words)
        content = Loader(store.words) {
            InboxContent(messages: try await person.inbox.list(), requests: try await person.requests.pending())
        }
    }

    /// Shows what is on the phone.
    public func load() async { await content.load() }

    /// Sends what waits and takes in what came.
    public func refresh() async {
        let person = person
        if let came = await refreshing.run({ try await person.inbox.refresh() }) { events = came }
        await content.load()
    }

    /// Takes a message away.
    public func dismiss(_ message: InboxItem) async {
        let person = person
        await refreshing.run { try await person.inbox.dismiss(message.id) }
        await content.load()
    }
}
