// Organisations that serve the islands together: one screen, one decision, an agreement with each. O4.

import Foundation
import Kist
import KistWorld
import Testing
import WalletModels
import WalletWorld

@MainActor @Suite(.timeLimit(.minutes(5))) struct ClusterTests {
    private let name = part("name", Schemas.name, ["given_name"])
    private let birth = part("birth", Schemas.birth, ["birthdate"])
    private let phone = part("phone", Schemas.phone, ["phone_number"], required: false)

    @Test func o4_one_decision_makes_an_agreement_with_each_and_one_or_all_are_withdrawn_from() async throws {
        let islands = try await Islands([name, birth, phone], [name])
        let (wallet, store) = try await islands.phone.startUnlocked()
        let first = try await scan(islands, wallet, store)
        await first.load()
        #expect(first.cluster.value?.lead == "Council of the Islands" && first.open.isEmpty && !first.canDecide)
        #expect(first.cluster.value?.toAsk.map(\.name) == ["Riverside Clinic", "Council of the Islands"])
        try await ask(first, islands)
        #expect(first.open.map(\.name) == ["Riverside Clinic", "Council of the Islands"] && first.count == 3)
        let request = try #require(first.requests[clinicMember.id])
        let optional = try #require(request.parts.flatMap(\.fields).first { !$0.required })
        request.setChosen(true, optional)
        await wallet.lock()

        // The app was killed meanwhile: what was ticked is ticked.
        let (later, opened) = try await islands.phone.startUnlocked()
        #expect(later.screen == .at(.cluster(first.id)))
        let model = ClusterModel(opened, later, id: first.id)
        await model.load()
        #expect(model.count == 4 && model.notReady.isEmpty && model.canDecide)
        await model.share()
        #expect(model.sending.problem == nil && model.open.isEmpty)
        #expect(later.draft(of: request.id) == nil, "what was chosen is forgotten once it is decided")
        #expect(try await islands.given(to: islands.clinic) == ["name", "birth", "phone"])
        #expect(try await islands.given(to: islands.council) == ["name"])
        await model.fetch()
        for consent in try #require(model.cluster.value).standing {
            let receipt = ReceiptModel(opened, consent: consent.id)
            await receipt.load()
            #expect(receipt.isSigned, "\(consent.organisation)")
        }
        try await standsTogether(opened, model)

        await model.withdraw(from: Islands.name.lead)
        #expect(model.cluster.value?.standing.map(\.organisation) == ["Riverside Clinic"])
        #expect(try await islands.hasWithdrawn(from: islands.council))
        #expect(try await !islands.hasWithdrawn(from: islands.clinic))
        await model.withdraw()
        #expect(model.cluster.value?.standing.isEmpty == true && model.act.problem == nil)
        #expect(try await islands.hasWithdrawn(from: islands.clinic))
        await later.lock()
    }

    /// Among the consents, and among those that she is in contact with, they stand together.
    private func standsTogether(_ store: OpenStore, _ model: ClusterModel) async throws {
        let consents = ConsentsModel(store)
        await consents.load()
        #expect(consents.groups.map(\.title) == ["Care on the islands"] && consents.groups.first?.cluster == model.id)
        #expect(consents.groups.first?.consents.count == 2)
        let connections = ConnectionsModel(store)
        await connections.load()
        #expect(connections.content.value?.clusters.map(\.id) == [model.id])
    }

    @Test func o4_whoever_she_leaves_out_gets_nothing_and_without_a_network_the_decision_waits() async throws {
        let islands = try await Islands([name], [name])
        let (wallet, store) = try await islands.phone.startUnlocked()
        let model = try await scan(islands, wallet, store)
        try await ask(model, islands)
        model.requests[clinicMember.id]?.setLeftOut(true)
        let again = ClusterModel(store, wallet, id: model.id)
        await again.load()
        #expect(again.taking.map(\.name) == ["Council of the Islands"], "who is left out stays left out")
        islands.world.relay.stop()
        await again.share()
        #expect(again.cluster.value?.waitsToBeSent == true && again.open.isEmpty)
        let relay = try islands.world.relay.restarted { _ in }
        await again.sendNow()
        #expect(again.sending.problem == nil && again.cluster.value?.waitsToBeSent == false)
        #expect(try await islands.given(to: islands.council) == ["name"])
        #expect(try await islands.given(to: islands.clinic).isEmpty)
        #expect(try await store.person.consents.list().map(\.organisation) == ["Council of the Islands"])
        relay.stop()
    }

    @Test func o4_one_of_their_requests_leads_to_all_of_them_and_she_refuses_all() async throws {
        let islands = try await Islands([name], [name])
        let (wallet, store) = try await islands.phone.startUnlocked()
        let connections = ConnectionsModel(store)
        connections.given = islands.link
        await connections.introduce()
        let id = try #require(connections.cluster)
        let model = ClusterModel(store, wallet, id: id)
        try await ask(model, islands)
        let inbox = InboxModel(store)
        await inbox.load()
        let request = RequestModel(store, wallet, id: try #require(inbox.content.value?.requests.first).id)
        await request.load()
        #expect(request.cluster?.id == id)
        await model.refuse()
        #expect(model.act.problem == nil && model.open.isEmpty)
        #expect(try await store.person.consents.list().isEmpty)
        await inbox.load()
        #expect(inbox.content.value?.requests.isEmpty == true)
    }

    @Test func o4_a_new_member_gets_nothing_before_she_decides_again() async throws {
        let islands = try await Islands([name], [name])
        let (wallet, store) = try await islands.phone.startUnlocked()
        let model = try await scan(islands, wallet, store)
        try await ask(model, islands)
        await model.share()
        try await islands.join("Island Charity", "GB-COH-00000026", [name], store.person)
        await model.load()
        let new = try #require(model.cluster.value?.toAsk)
        #expect(new.map(\.name) == ["Island Charity"] && new.allSatisfy(\.isNew))
        #expect(model.cluster.value?.standing.count == 2 && !model.canDecide)
    }

    private func scan(_ islands: Islands, _ wallet: WalletModel, _ store: OpenStore) async throws -> ClusterModel {
        wallet.go(to: .scan)
        await ScanModel(store, wallet).open(islands.link)
        guard case .cluster(let id) = wallet.path.last else { throw WorldError(description: "not at the cluster") }
        return ClusterModel(store, wallet, id: id)
    }

    /// Asks all, who send their requests.
    private func ask(_ model: ClusterModel, _ islands: Islands) async throws {
        await model.ask()
        #expect(model.act.problem == nil && model.cluster.value?.awaits == true)
        for member in [islands.clinic, islands.council] { try await member.refreshInbox() }
        await model.fetch()
        #expect(model.open.count == 2)
    }
}

/// A clinic and a council that leads; the link to what it states lies on a server.
private struct Islands {
    static let name = ClusterName(lead: "GB-COH-00000025", id: "islands")

    let world: World
    let council: Organisation
    let link: String
    private let server: LocalServer

    var clinic: Organisation { world.clinic }
    var phone: Phone { Phone(world.folder.url) }

    init(_ clinicAsks: [FieldSpec], _ councilAsks: [FieldSpec]) async throws {
        world = try await World()
        try await world.fill()
        server = try LocalServer()
        let asks = [Schemas.name: ["given_name"]]
        council = try await world.admit(Member("Council of the Islands", Self.name.lead, asks: asks))
        try await world.takeNewestList()
        let invitations = [
            try await Self.invitation(of: council, councilAsks), try await Self.invitation(of: world.clinic, clinicAsks),
        ]
        _ = try await world.alice.connections.introduce(Framework.directory(of: invitations))
        try await world.alice.close()
        let stated = try await Self.statement(by: council, of: [world.clinic, council], version: 1)
        link = try await council.clusters.link(to: server.publish(stated, at: "/islands"))
    }

    /// Another organisation is admitted, and takes part from the next version on, which Alice has.
    func join(_ name: String, _ id: String, _ asks: [FieldSpec], _ alice: Person) async throws {
        let joining = try await world.admit(Member(name, id, asks: [Schemas.name: ["given_name"]]))
        struct Bundle: Decodable { let list: String }
        let bundle = try JSONDecoder().decode(Bundle.self, from: Data(try await world.framework.publish(validDays: 30).utf8))
        try await alice.trust.update("Harbour Trust", to: bundle.list)
        _ = try await alice.connections.introduce(Self.invitation(of: joining, asks))
        _ = try await alice.clusters.add(Self.statement(by: council, of: [clinic, council, joining], version: 2))
    }

    /// The parts that an organisation was given.
    func given(to organisation: Organisation) async throws -> Set<String> {
        for request in try await organisation.requests.list() { _ = try await organisation.requests.collect(request.id) }
        var parts: Set<String> = []
        for agreement in try await organisation.agreements.list() {
            let received = try await organisation.agreements.get(agreement.id).received
            parts.formUnion(received.compactMap { $0.field.split(separator: ":").first.map(String.init) })
        }
        return parts
    }

    func hasWithdrawn(from organisation: Organisation) async throws -> Bool {
        try await organisation.refreshInbox().contains { if case .withdrawn = $0 { true } else { false } }
    }

    private static func invitation(of organisation: Organisation, _ fields: [FieldSpec]) async throws -> String {
        let spec = InvitationSpec(requests: [asking(for: fields)], days: 30, clusters: [name])
        return try await organisation.invitations.publish(spec).invitation
    }

    private static func statement(
        by lead: Organisation, of members: [Organisation], version: UInt64
    ) async throws -> String {
        var taking: [ClusterMember] = []
        for member in members {
            let id = try await member.profile().organisationId
            taking.append(ClusterMember(organisationId: id, role: ["en": "Care at home"], intendedUse: "visit"))
        }
        let cluster = Cluster(id: name.id, version: version, name: ["en": "Care on the islands"], members: taking)
        return try await lead.clusters.state(cluster, days: 30).statement
    }
}
