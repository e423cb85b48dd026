// Home: the parts of life, what is new, what expires, what waits.

import Foundation
import Kist
import Observation

/// What home shows.
public struct HomeContent: Sendable {
    /// The parts of life that have records, the fullest first.
    public var areas: [Facet] = []
    /// What organisations delivered in the last two weeks, the newest first.
    public var new: [RecordSummary] = []
    /// What is due, or will be within a month.
    public var due: [Due] = []
    /// Consents that end soon.
    public var ending: [ConsentSummary] = []
    /// Requests that wait for the person.
    public var requests: [OpenRequest] = []
    /// Messages that wait to be read.
    public var messages: [InboxItem] = []
    /// How many things could be settled.
    public var conflicts = 0
    /// Organisations that stand elsewhere in their framework than the person was told.
    public var changes: [OrganisationChange] = []
    /// Since when everything is paused.
    public var pausedSince: Date?
    /// Whether there is a backup, and nothing since.
    public var isBackedUp = false
    /// Whether the person hasn't shown yet that they have the recovery kit, or there is no backup.
    public var needsKit = false

    /// Whether there is nothing yet.
    public var isEmpty: Bool { areas.isEmpty && requests.isEmpty && messages.isEmpty }
}

/// The home screen.
@MainActor @Observable public final class HomeModel {
    public let content: Loader<HomeContent>
    /// Sending and taking in.
    public let refreshing: Act
    private let store: OpenStore

    public init(_ store: OpenStore) {
        self.store = store
        content = Loader(store.words) { try await HomeContent(store) }
        refreshing = Act(store.words)
    }

    /// Shows what is on the phone.
    public func load() async { await content.load() }

    /// Sends what waits and takes in what came; without a network the phone's own is shown all the same.
    public func refresh() async {
        let person = store.person
        await refreshing.run { try await person.inbox.refresh() }
        await content.load()
    }

    /// The person has seen what became of organisations.
    public func told() async {
        guard let changes = content.value?.changes, !changes.isEmpty else { return }
        let person = store.person
        await content.act.run { try await person.told(changes) }
        await content.load()
    }

    /// What is due, by whom or what it is about: a record's title, or an organisation.
    public static func title(of due: Due) -> String {
        switch due {
        case .record(let reminder): reminder.title
        case .silentWithdrawal(_, let organisation, _, _), .overdueRights(_, let organisation, _, _, _): organisation
        }
    }

    /// Where to go about what is due.
    public static func route(of due: Due) -> Route {
        switch due {
        case .record(let reminder): .record(reminder.record)
        case .silentWithdrawal(let consent, _, _, _): .consent(consent)
        case .overdueRights(let request, _, _, _, _): .right(request)
        }
    }
}

extension HomeContent {
    /// How many new records are shown at most.
    private static let fewNew = 10

    fileprivate init(_ store: OpenStore) async throws {
        let person = store.person
        let fortnightAgo = store.now().addingTimeInterval(-14 * 24 * 3600)
        let sent = RecordFilter(source: .delivered, fromMs: Int64(fortnightAgo.timeIntervalSince1970 * 1000))
        async let facets = person.records.facets()
        async let new = person.records.page(sent, limit: Self.fewNew)
        async let due = person.reminders(daysAhead: 30)
        async let consents = person.consents.list()
        async let requests = person.requests.pending()
        async let messages = person.inbox.list()
        async let conflicts = person.curation.conflicts()
        async let changes = person.organisationChanges()
        async let pausedSince = person.consents.everythingPaused()
        async let backup = person.backup.status()

        areas = try await facets.areas
        self.new = try await new.records
        self.due = try await due
        ending = try await consents.filter(\.expiresSoon)
        self.requests = try await requests
        self.messages = try await messages
        self.conflicts = try await conflicts.count
        self.changes = try await changes
        self.pausedSince = try await pausedSince
        let status = try await backup
        let unchecked = try await UncheckedKit(person: person).find()
        needsKit = status.relay == nil || unchecked != nil
        isBackedUp = status.lastBackupAt != nil && !status.pendingChanges
    }
}
