// What happened: who asked, what was given, what came; and whether nothing of it was changed.

import Foundation
import Kist
import Observation

/// The screen of the history.
@MainActor @Observable public final class HistoryModel {
    /// Every entry, the newest first.
    public let entries: Loader<[HistoryEntry]>
    public let act: Act
    /// The organisation whose entries alone are shown.
    public var organisation: String?
    /// What the last verification found.
    public private(set) var verified: HistoryReport?
    private let person: Person

    public init(_ store: OpenStore) {
        let person = store.person
        self.person = person
        act = Act(store.words)
        entries = Loader(store.words) { try await person.history.entries().reversed() }
    }

    public func load() async { await entries.load() }

    /// The entries that are shown.
    public var shown: [HistoryEntry] {
        (entries.value ?? []).filter { organisation == nil || $0.organisationId == organisation }
    }

    /// The organisations in it, by id.
    public var organisations: [String: String] {
        Dictionary(
            (entries.value ?? []).compactMap { entry in
                entry.organisationId.map { ($0, entry.organisation ?? $0) }
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Verifies the whole chain.
    public func verify() async {
        let person = person
        verified = await act.run { try await person.history.verify() }
    }

    /// The history under a signature, for others.
    public func evidence() async -> Data? {
        let person = person
        return await act.run { try await person.history.evidence() }
    }
}
