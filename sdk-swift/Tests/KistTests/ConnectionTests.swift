// Connections that a person opens: with an organisation by its letter, and with another person.

import Foundation
import Kist
import KistWorld
import Testing

@Suite(.timeLimit(.minutes(5))) struct ConnectionTests {
    @Test func c4_a_letter_leads_to_a_request_and_the_connection_can_be_ended() async throws {
        let world = try await World()
        try await world.fill()
        let (alice, clinic) = (world.alice, world.clinic)
        let asked = asking(for: [part("name", Schemas.name, ["given_name", "family_name"])])
        let letter = try await clinic.invitations.letter(InvitationSpec(requests: [asked], days: 30))
        #expect(!"\(letter)".contains(letter.code))
        guard case .contacts(let contacts) = try await alice.connections.introduce(letter.code, relay: letter.relay)
        else {
            Issue.record("no contact")
            return
        }
        let contact = try #require(contacts.first)
        #expect(contact.organisation == "Riverside Clinic" && contact.byLetter)
        let opened = try await alice.connections.open(contact.id, for: try #require(contact.uses.first).id)
        #expect(opened.state == .waiting)

        guard case .knocked(_, _, let hosted, _) = try await clinic.refreshInbox().last else {
            Issue.record("nobody knocked")
            return
        }
        guard case .requestCame(_, let request) = try await alice.inbox.refresh().last else {
            Issue.record("no request came")
            return
        }
        let open = try await alice.requests.get(request)
        try await alice.requests.answer(open.id, with: open.required)
        #expect(try await clinic.requests.collect(hosted, waiting: .seconds(5)) != nil)
        try await alice.inbox.refresh()
        let connection = try #require(try await alice.connections.list().first)
        #expect(connection.state == .open && connection.consents.count == 1)
        #expect(try await alice.connections.change(connection.id, .end).state == .ended)
        let told = try await clinic.refreshInbox()
        #expect(told.contains { if case .withdrawn = $0 { true } else { false } }, "\(told)")
    }

    @Test func c3_two_people_compare_a_code_share_and_withdraw() async throws {
        let folder = try Folder()
        let relay = try RelayProcess(data: folder.path("relay"))
        let alice = try await folder.alice()
        let bob = try await Person.create(in: folder.path("bob"), platform: platform("Bob's"), passphrase: passphrase)
        for person in [alice, bob] { try await person.setRelay(relay.url) }
        let invited = try await alice.people.invite("Bob")
        guard case .person(let link) = try await bob.connections.introduce(invited.link) else {
            Issue.record("no person's link")
            return
        }
        let hers = try await bob.people.accept(link, as: "Alice")
        guard case .personAnswered(_, "Bob", let code) = try await alice.inbox.refresh().last else {
            Issue.record("nobody answered")
            return
        }
        #expect(hers.checkCode == code)
        #expect(try await alice.people.setVerified(true, invited.id).verified)
        try await bob.inbox.refresh()

        let phone = try await alice.records.add(
            NewRecord(schema: Schemas.phone, encoding: ["phone_number": "07700 900461"]))
        let share = try await alice.people.share(
            ShareSpec(records: [phone.id], purpose: "To call me", language: "en"), with: invited.id)
        for _ in 1...3 {
            try await bob.inbox.refresh()
            try await alice.inbox.refresh()
        }
        let received = try #require(try await bob.people.shares().first)
        #expect(received.purpose == "To call me" && received.state == .inForce)
        let came = try await bob.records.get(try #require(received.records.first))
        #expect(try came.body(as: [String: String].self)["phone_number"] == "07700 900461")

        try await alice.people.withdraw(share.id)
        let told = try await bob.inbox.refresh()
        #expect(told.contains { if case .shareWithdrawn = $0 { true } else { false } }, "\(told)")
        #expect(try await bob.records.list().isEmpty)
        try await alice.inbox.refresh()
        #expect(try await alice.people.shares().first?.state == .withdrawalAcknowledged)
        relay.stop()
    }
}
