// A clinic and a council that serve the islands together: one decision, an agreement for each.

import Foundation
import Kist
import KistWorld
import Testing

private let islands = ClusterName(lead: "GB-COH-00000025", id: "islands")
private let name = part("name", Schemas.name, ["given_name"])
private let birth = part("birth", Schemas.birth, ["birthdate"])

@Suite(.timeLimit(.minutes(5))) struct ClusterTests {
    @Test func k1_o4_one_decision_makes_an_agreement_for_each_member_and_one_or_all_are_withdrawn() async throws {
        let (world, council) = try await worldWithCouncil()
        let (alice, clinic) = (world.alice, world.clinic)
        try await invite(alice, council, [name])
        try await invite(alice, clinic, [name, birth])
        let stated = try await council.clusters.state(statement(of: [clinic, council]), days: 30)
        guard case .cluster(let signed) = try await alice.connections.introduce(stated.statement) else {
            Issue.record("no cluster")
            return
        }
        let seen = try await alice.clusters.add(signed)
        #expect(seen.name["en"] == "Care on the islands" && seen.lead == "Council of the Islands")
        #expect(seen.members.map(\.standing) == [.notAsked, .notAsked])

        let ready = try await asked(seen.id, alice, [clinic, council])
        #expect(ready.members.map(\.organisation) == ["Riverside Clinic", "Council of the Islands"])
        let decided = try await alice.clusters.decide(seen.id, with: ready.required, language: "en")
        #expect(decided.members.map(\.standing) == [.agreed, .agreed])
        #expect(try await given(to: clinic) == ["name", "birth"])
        #expect(try await given(to: council) == ["name"])
        try await alice.inbox.refresh()
        #expect(try await alice.consents.list().map(\.state) == [.inForce, .inForce])

        let partly = try await alice.clusters.withdraw(seen.id, from: islands.lead)
        #expect(partly.members.map(\.standing) == [.agreed, .over])
        let told = try await council.refreshInbox()
        #expect(told.contains { if case .withdrawn = $0 { true } else { false } }, "\(told)")
        #expect(try await clinic.refreshInbox().isEmpty)
        #expect(try await alice.clusters.withdraw(seen.id).members.map(\.standing) == [.over, .over])
        let refused = await failure { () throws(KistError) in try await alice.clusters.withdraw(seen.id) }
        #expect(refused?.code == .notFound)
        world.relay.stop()
    }

    @Test func o4_whoever_the_decision_leaves_out_is_refused_and_an_older_version_is_not_taken() async throws {
        let (world, council) = try await worldWithCouncil()
        let (alice, clinic) = (world.alice, world.clinic)
        for organisation in [council, clinic] { try await invite(alice, organisation, [name]) }
        let first = try await council.clusters.state(statement(of: [clinic, council]), days: 30)
        let second = try await council.clusters.state(statement(of: [clinic, council], version: 2), days: 30)
        #expect(try await council.clusters.list() == [second])
        let seen = try await alice.clusters.add(second.statement)
        let older = await failure { () throws(KistError) in try await alice.clusters.add(first.statement) }
        #expect(older?.code == .rollbackDetected)

        var decisions = try await asked(seen.id, alice, [clinic, council]).required
        decisions[islands.lead] = nil
        let decided = try await alice.clusters.decide(seen.id, with: decisions)
        #expect(decided.members.map(\.standing) == [.agreed, .notAsked])
        #expect(try await alice.requests.pending().isEmpty)
        #expect(try await alice.consents.list().map(\.organisation) == ["Riverside Clinic"])
        world.relay.stop()
    }

    private func worldWithCouncil() async throws -> (World, Organisation) {
        let world = try await World()
        try await world.fill()
        let asks = [Schemas.name: ["given_name"]]
        let council = try await world.admit(Member("Council of the Islands", islands.lead, asks: asks))
        try await world.alice.trust.addAnchor(world.framework.publish(validDays: 30))
        return (world, council)
    }

    /// Alice has the organisation's invitation, which says that it takes part.
    private func invite(_ alice: Person, _ organisation: Organisation, _ fields: [FieldSpec]) async throws {
        let spec = InvitationSpec(requests: [asking(for: fields)], days: 30, clusters: [islands])
        _ = try await alice.connections.introduce(organisation.invitations.publish(spec).invitation)
    }

    private func statement(of members: [Organisation], version: UInt64 = 1) async throws -> Cluster {
        var taking: [ClusterMember] = []
        for member in members {
            let id = try await member.profile().organisationId
            taking.append(ClusterMember(organisationId: id, role: ["en": "Takes part"], intendedUse: "visit"))
        }
        return Cluster(id: islands.id, version: version, name: ["en": "Care on the islands"], members: taking)
    }

    /// Every member was contacted, and its request came.
    private func asked(_ id: String, _ alice: Person, _ members: [Organisation]) async throws -> ClusterView {
        try await alice.clusters.open(id)
        for member in members { try await member.refreshInbox() }
        try await alice.inbox.refresh()
        return try await alice.clusters.get(id)
    }

    /// The parts that somebody gave the organisation.
    private func given(to organisation: Organisation) async throws -> Set<String> {
        for request in try await organisation.requests.list() {
            _ = try await organisation.requests.collect(request.id)
        }
        let agreement = try #require(try await organisation.agreements.list().first)
        let received = try await organisation.agreements.get(agreement.id).received
        return Set(received.compactMap { $0.field.split(separator: ":").first.map(String.init) })
    }
}
