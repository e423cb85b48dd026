// Every consent in one place: by organisation, by part of life, by field; one by one, or several at once.

import Foundation
import Kist
import Observation

/// The screen of consents.
@MainActor @Observable public final class ConsentsModel {
    /// By what consents are put together.
    public enum Grouping: String, CaseIterable, Sendable { case organisation, area, field }

    /// Consents under one heading.
    public struct Group: Sendable, Identifiable {
        public let id: String
        /// An organisation's name, the name of a part of life, or of a field.
        public let title: String
        public let consents: [ConsentSummary]
        /// The cluster in which the person decided about them together.
        public var cluster: String?
    }

    /// What is shown: all consents, and since when everything is paused.
    public struct Content: Sendable {
        public let consents: [ConsentSummary]
        public let pausedSince: Date?
        /// Organisations that the person decided on together.
        public let clusters: [ClusterView]
    }

    public let content: Loader<Content>
    public let act: Act
    public var grouping = Grouping.organisation
    /// Also those that are over.
    public var showsEnded = false
    /// Those that are chosen to be changed at once.
    public private(set) var selected: Set<String> = []
    /// What became of each of the last change of several.
    public private(set) var outcomes: [ConsentOutcome] = []
    private let person: Person
    private let words: Words

    public init(_ store: OpenStore) {
        let person = store.person
        (self.person, words) = (person, store.words)
        act = Act(store.words)
        content = Loader(store.words) {
            Content(
                consents: try await person.consents.list(), pausedSince: try await person.consents.everythingPaused(),
                clusters: try await person.clusters.list())
        }
    }

    public func load() async {
        await content.load()
        selected.formIntersection(content.value?.consents.map(\.id) ?? [])
    }

    /// What is shown, under its headings. Among organisations, those that were decided on together stand together.
    public var groups: [Group] {
        let shown = (content.value?.consents ?? []).filter { showsEnded || $0.state.isLive }
        guard grouping == .organisation else { return apart(shown) }
        let together = (content.value?.clusters ?? []).map { cluster in
            let its = Set(cluster.consents.map(\.id))
            return Group(
                id: cluster.id, title: words.choose(cluster.name), consents: shown.filter { its.contains($0.id) },
                cluster: cluster.id)
        }.filter { !$0.consents.isEmpty }
        let taken = Set(together.flatMap(\.consents).map(\.id))
        return apart(shown.filter { !taken.contains($0.id) }) + together
    }

    private func apart(_ shown: [ConsentSummary]) -> [Group] {
        var groups: [String: (String, [ConsentSummary])] = [:]
        for consent in shown {
            for (id, title) in headings(of: consent) { groups[id, default: (title, [])].1.append(consent) }
        }
        return groups.map { Group(id: $0.key, title: $0.value.0, consents: $0.value.1) }
            .sorted { ($0.title, $0.id) < ($1.title, $1.id) }
    }

    // MARK: Several at once

    public func setSelected(_ isSelected: Bool, _ id: String) {
        if isSelected { selected.insert(id) } else { selected.remove(id) }
    }

    public func selectAll() { selected = Set(groups.flatMap(\.consents).map(\.id)) }

    public func selectNone() { selected = [] }

    /// Does the same with all that are chosen. What can't be done with one keeps it from no other.
    public func change(_ change: ConsentAct) async {
        let (person, ids) = (person, selected.sorted())
        guard let outcomes = await act.run({ try await person.consents.change(ids, change) }) else { return }
        self.outcomes = outcomes
        selected = Set(outcomes.filter { $0.error != nil }.map(\.id))
        await load()
    }

    /// Pauses everything in one act, or lets it go on.
    public func setEverythingPaused(_ paused: Bool) async {
        let person = person
        await act.run {
            if paused {
                try await person.consents.pauseEverything()
            } else {
                try await person.consents.resumeEverything()
            }
        }
        await load()
    }

    private func headings(of consent: ConsentSummary) -> [(String, String)] {
        switch grouping {
        case .organisation: [(consent.organisationId, consent.organisation)]
        case .area: consent.areas.map { ($0, words.area($0)) }
        case .field: Set(consent.given.map { words.field($0.field) }).map { ($0, $0) }
        }
    }
}

extension ConsentState {
    /// Whether something may still be given or taken under it, now or when it goes on.
    public var isLive: Bool {
        switch self {
        case .awaitingSend, .awaitingReceipt, .inForce, .paused: true
        case .expired, .replaced, .withdrawn, .withdrawalAcknowledged: false
        }
    }

    /// Its name in the catalogues.
    public var key: String {
        switch self {
        case .awaitingSend: "awaiting_send"
        case .awaitingReceipt: "awaiting_receipt"
        case .inForce: "in_force"
        case .paused: "paused"
        case .expired: "expired"
        case .replaced: "replaced"
        case .withdrawn: "withdrawn"
        case .withdrawalAcknowledged: "withdrawal_acknowledged"
        }
    }
}
