// Requests of rights: a copy, a correction, erasure …, each with its deadline.

import Foundation
import Kist
import Observation

/// The screen of rights.
@MainActor @Observable public final class RightsModel {
    /// What is shown.
    public struct Content: Sendable {
        /// Requests, the newest first.
        public let requests: [RightsSummary]
        /// Reports to authorities.
        public let reports: [Report]

        public var isEmpty: Bool { requests.isEmpty && reports.isEmpty }
    }

    public let content: Loader<Content>
    private let now: @Sendable () -> Date

    public init(_ store: OpenStore) {
        now = store.now
        let person = store.person
        content = Loader(store.words) {
            Content(requests: try await person.rights.list(), reports: try await person.rights.reports())
        }
    }

    public func load() async { await content.load() }

    /// Whole days until an organisation has to answer; below zero since it should have. Nil before it was asked.
    public func daysLeft(_ request: RightsSummary) -> Int? {
        request.dueDate.map { Int(($0.timeIntervalSince(now()) / (24 * 3600)).rounded(.down)) }
    }
}

/// The screen of one request of a right.
@MainActor @Observable public final class RightModel {
    public let id: String
    public let detail: Loader<RightsDetail>
    public let act: Act
    /// A report that was made, as a page to read and print.
    public private(set) var page: String?
    private let store: OpenStore
    private let person: Person

    public init(_ store: OpenStore, id: String) {
        (self.store, self.id, person) = (store, id, store.person)
        act = Act(store.words)
        let person = store.person
        detail = Loader(store.words) { try await person.rights.get(id) }
    }

    public func load() async { await detail.load() }

    /// Asks the organisation again, once a day at most.
    public func remind() async {
        let (person, id) = (person, id)
        await act.run { try await person.rights.remind(id) }
        await detail.load()
    }

    /// Makes a report for the authority. It stays on the phone: the person sends it.
    public func report(note: String) async {
        guard let consent = detail.value?.summary.consent else { return }
        let (person, catalogue) = (person, store.words.catalogue)
        page = await act.run {
            let report = try await person.rights.report(on: consent, note: note.isEmpty ? nil : note)
            return try await person.rights.page(of: report.id, catalogue: catalogue)
        }
    }
}

/// Asking for a right.
@MainActor @Observable public final class AskRightModel {
    /// The rights, in the order in which they are offered.
    public static let all: [DataRight] = [.access, .portability, .rectification, .erasure, .restriction, .objection]

    public let consent: Loader<ConsentDetail>
    public let act: Act
    public var right = DataRight.access
    /// The fields that it is about; all that was given where none is chosen.
    public private(set) var fields: Set<String> = []
    /// Which record has the right value, by field: for a correction.
    public private(set) var corrections: [String: String] = [:]
    public var reason = ""
    /// The request that was made.
    public private(set) var asked: RightsSummary?
    private let person: Person
    private let id: String

    public init(_ store: OpenStore, consent id: String) {
        (person, self.id) = (store.person, id)
        act = Act(store.words)
        let person = store.person
        consent = Loader(store.words) { try await person.consents.get(id) }
    }

    public func load() async { await consent.load() }

    public func setChosen(_ chosen: Bool, _ field: String) {
        if chosen { fields.insert(field) } else { fields.remove(field) }
    }

    /// Says which record has the right value of a field.
    public func correct(_ field: String, from record: String?) { corrections[field] = record }

    /// Asks. It is kept first, and sent now or as soon as it can be.
    public func ask() async {
        guard !act.isRunning else { return }
        let spec = RightsSpec(
            right: right, consent: id, fields: right == .rectification ? [] : fields.sorted(),
            corrections: right == .rectification
                ? corrections.sorted { $0.key < $1.key }.map { CorrectedField(field: $0.key, record: $0.value) } : [],
            reason: reason.isEmpty ? nil : reason)
        let person = person
        asked = await act.run { try await person.rights.ask(spec) }
    }
}
