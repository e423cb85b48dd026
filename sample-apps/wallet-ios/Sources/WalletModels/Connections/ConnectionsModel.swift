// Whom the person stands in contact with: organisations and other people.

import Foundation
import Kist
import Observation

/// What the connections show.
public struct ConnectionsContent: Sendable {
    /// Organisations, the newest connection first.
    public let organisations: [ConnectionSummary]
    /// Other people.
    public let people: [KnownPerson]
    /// Organisations that are decided on together.
    public let clusters: [ClusterView]
    /// What is shared with people, either way.
    public let shares: [Share]

    public var isEmpty: Bool { organisations.isEmpty && people.isEmpty && clusters.isEmpty }
}

/// The screen of connections.
@MainActor @Observable public final class ConnectionsModel {
    public let content: Loader<ConnectionsContent>
    public let act: Act
    /// A link, or a letter's code.
    public var given = ""
    /// The relay that stands beside a letter's code.
    public var letterRelay = ""
    /// An invitation for one person, to be shown to nobody else.
    public private(set) var invitation: PersonLink?
    /// Another person's invitation, until it is answered.
    public private(set) var personsLink: String?
    /// Organisations that were handed over last, and can be contacted.
    public private(set) var found: [Contact] = []
    /// The cluster that was handed over last, which has a screen of its own.
    public private(set) var cluster: String?
    private let person: Person

    public init(_ store: OpenStore) {
        let person = store.person
        self.person = person
        act = Act(store.words)
        content = Loader(store.words) {
            ConnectionsContent(
                organisations: try await person.connections.list(), people: try await person.people.list(),
                clusters: try await person.clusters.list(), shares: try await person.people.shares())
        }
    }

    public func load() async { await content.load() }

    /// Takes a link or a letter's code, and says what it was. Nobody is contacted by it.
    public func introduce() async {
        let (person, relay) = (person, letterRelay.trimmingCharacters(in: .whitespaces))
        let text = given.trimmingCharacters(in: .whitespacesAndNewlines)
        cluster = nil
        let introduction = await act.run {
            try await person.introduce(text, relay: relay.isEmpty ? nil : relay)
        }
        switch introduction {
        case nil: return
        case .cluster(let id): cluster = id
        case .person(let link): personsLink = link
        case .contacts(let contacts): found = contacts
        }
        (given, letterRelay) = ("", "")
        await content.load()
    }

    /// Asks an organisation for its request, which comes into the inbox.
    public func contact(_ contact: Contact, for use: ContactUse) async {
        let person = person
        let opened = await act.run { try await person.connections.open(contact.id, for: use.id) }
        if opened != nil { found.removeAll { $0.id == contact.id } }
        await content.load()
    }

    /// Pauses a connection, lets it go on, or ends it with all that was agreed in it.
    public func change(_ connection: ConnectionSummary, _ act: ConnectionAct) async {
        await change { _ = try await $0.connections.change(connection.id, act) }
    }

    // MARK: Other people

    /// Makes an invitation for one person.
    public func invite(_ name: String) async {
        guard !act.isRunning else { return }
        let person = person
        invitation = await act.run { try await person.people.invite(name) }
        await content.load()
    }

    public func closeInvitation() { invitation = nil }

    /// Answers another person's invitation.
    public func accept(as name: String) async {
        guard let link = personsLink, !act.isRunning else { return }
        let person = person
        if await act.run({ try await person.people.accept(link, as: name) }) != nil { personsLink = nil }
        await content.load()
    }

    /// Both read the same code to each other, or not.
    public func setVerified(_ verified: Bool, _ known: KnownPerson) async {
        await change { _ = try await $0.people.setVerified(verified, known.id) }
    }

    /// Ends the connection to a person, with what was shared in it.
    public func end(_ known: KnownPerson) async { await change { _ = try await $0.people.end(known.id) } }

    /// Shares records with a person.
    public func share(_ records: [String], with known: KnownPerson, purpose: String, language: Language) async {
        let spec = ShareSpec(records: records, purpose: purpose, language: language.rawValue)
        await change { _ = try await $0.people.share(spec, with: known.id) }
    }

    /// Withdraws what was shared with a person.
    public func withdraw(_ share: Share) async { await change { _ = try await $0.people.withdraw(share.id) } }

    private func change(_ call: @escaping @Sendable (Person) async throws -> Void) async {
        let person = person
        await act.run { try await call(person) }
        await content.load()
    }
}

/// What was handed over.
enum Introduced: Sendable {
    /// Organisations that can be contacted.
    case contacts([Contact])
    /// Organisations that ask together, by the cluster's id in the store.
    case cluster(String)
    /// Another person's invitation.
    case person(link: String)
}

extension Person {
    /// Says what was handed over, and takes in a cluster. Nobody is contacted by it.
    func introduce(_ given: String, relay: String? = nil) async throws -> Introduced {
        switch try await connections.introduce(given, relay: relay) {
        case .contacts(let contacts): .contacts(contacts)
        case .cluster(let statement): .cluster(try await clusters.add(statement).id)
        case .person(let link): .person(link: link)
        }
    }
}
