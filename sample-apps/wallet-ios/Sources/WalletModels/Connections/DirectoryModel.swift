// The directories of the frameworks: fetched by address once, and anew from then on.

import Foundation
import Kist
import Observation

/// An organisation that can be contacted.
public struct Listed: Sendable, Identifiable {
    public let contact: Contact
    /// Whether the person is in contact with it already.
    public let isKnown: Bool

    public var id: String { contact.id }
}

/// Whom the person can contact.
public struct DirectoryContent: Sendable {
    public let listed: [Listed]
    /// They believe a framework, without which no organisation is.
    public let believesOne: Bool
}

/// The screen of the directories.
@MainActor @Observable public final class DirectoryModel {
    public let content: Loader<DirectoryContent>
    /// Fetching, and contacting.
    public let act: Act
    /// The name that is looked for.
    public var sought = ""
    /// Where a directory lies, as it is typed.
    public var address = ""
    /// How many organisations were found in the directory that was fetched just now.
    public private(set) var fetched: Int?
    private let store: OpenStore

    public init(_ store: OpenStore) {
        self.store = store
        act = Act(store.words)
        let person = store.person
        content = Loader(store.words) {
            let open = try await person.connections.list().filter { $0.state != .ended }
            let known = Set(open.map(\.organisationId))
            return DirectoryContent(
                listed: try await person.connections.contacts().map {
                    Listed(contact: $0, isKnown: known.contains($0.organisationId))
                },
                believesOne: try await !person.trust.anchors().isEmpty)
        }
    }

    /// Shows what is on the phone.
    public func load() async { await content.load() }

    /// Those whose name has what is looked for.
    public var shown: [Listed] {
        let sought = sought.trimmingCharacters(in: .whitespaces)
        return (content.value?.listed ?? []).filter {
            sought.isEmpty || $0.contact.organisation.range(of: sought, options: .caseInsensitive) != nil
        }
    }

    /// Fetches the directories that were fetched before.
    public func refresh() async { _ = await perform { try await $0.connections.refreshDirectories() } }

    /// Fetches the directory of the address that was typed, now and from now on.
    public func fetch() async {
        let typed = address.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !typed.isEmpty else {
            act.fail(Problem(own: "DirectoryAddressEmpty", store.words))
            return
        }
        fetched = nil
        guard let found = await perform({ try await $0.connections.fetchDirectory(at: typed) }) else { return }
        (address, fetched) = ("", found.count)
    }

    /// Asks an organisation for its request, which comes into the inbox.
    public func contact(_ contact: Contact, for use: ContactUse) async {
        let person = store.person
        await act.run { try await person.connections.open(contact.id, for: use.id) }
        await content.load()
    }

    private func perform<Value: Sendable>(_ call: @escaping @Sendable (Person) async throws -> Value) async -> Value? {
        let person = store.person
        let done = await act.run { try await call(person) }
        if let problem = act.problem.flatMap(named) { act.fail(problem) }
        await content.load()
        return done
    }

    /// The core speaks of relays and documents where this is about a directory.
    private func named(_ problem: Problem) -> Problem? {
        switch problem.code {
        case "Unreachable", "RelayRefused":
            Problem(own: "DirectoryUnreachable", store.words, wayForward: .tryAgain, isOffline: true)
        case "NotFound": Problem(own: "DirectoryMissing", store.words)
        case "Malformed": Problem(own: "DirectoryUnreadable", store.words)
        default: nil
        }
    }
}
