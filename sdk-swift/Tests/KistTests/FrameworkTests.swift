// What a framework's operator does: terms, a directory of whom people can contact, a log, a change of root.

import Foundation
import Kist
import KistWorld
import Testing

private let label = "Harbour Trust"
private let council = Member(
    "Council of the Islands", "GB-COH-00000025", asks: [Schemas.name: ["given_name"]])

@Suite(.timeLimit(.minutes(5))) struct FrameworkTests {
    @Test func t1_terms_are_read_in_plain_words_and_accepted_by_both_sides() async throws {
        let world = try await World()
        let (alice, framework) = (world.alice, world.framework)
        #expect(try await alice.trust.terms(of: label) == nil)
        let notice = try await framework.publishTerms(draft("2"))
        let bundle = try await framework.publish(validDays: 30)
        try await alice.trust.update(label, to: list(of: bundle))
        let unseen = try #require(try await alice.trust.terms(of: label))
        #expect(unseen.version == "2" && unseen.summary.isEmpty)
        let early = await failure { () throws(KistError) in
            try await alice.trust.acceptTerms(notice.sha256, of: label)
        }
        #expect(early?.code == .notFound, "she hasn't seen them")

        try await alice.trust.addAnchor(bundle)
        let seen = try #require(try await alice.trust.terms(of: label))
        #expect(seen.summary["cy"] == "Chi sy'n penderfynu." && seen.acceptanceDate == nil)
        #expect(try await alice.trust.acceptTerms(seen.sha256, of: label).acceptanceDate != nil)
        #expect(try await alice.trust.terms(of: label)?.acceptedAt != nil)

        // Who applies names the terms in force.
        do {
            _ = try await world.admit(council)
            Issue.record("other terms were taken")
        } catch let refused as KistError {
            #expect(refused.code == .acceptanceMismatch)
        }
        let accepting = Member(
            "Harbour Library", "GB-COH-00000026", asks: council.asks,
            terms: (notice.version, notice.sha256))
        _ = try await world.admit(accepting)

        try await framework.publishTerms(draft("3"))
        try await alice.trust.addAnchor(framework.publish(validDays: 30))
        let newer = try #require(try await alice.trust.terms(of: label))
        #expect(newer.version == "3" && newer.acceptedAt == nil)
        world.relay.stop()
    }

    @Test func t2_phones_and_members_follow_a_change_of_root() async throws {
        let world = try await World()
        let (alice, clinic, framework) = (world.alice, world.clinic, world.framework)
        let asked = asking(for: [part("name", Schemas.name, ["given_name"])])
        let before = try await framework.status()
        try await framework.rotateRoot(retireDays: 90)
        try await framework.rotateRegistrar()
        let changed = try await framework.status()
        #expect(changed.root != before.root && changed.registrar != before.registrar)
        #expect(changed.unpublishedChanges && changed.oldRootRetires != nil)

        // Alice pins the old root and the clinic's certificate is of it: both go on with the next list.
        try await alice.trust.addAnchor(framework.publish(validDays: 30))
        _ = try await alice.requests.open(clinic.requests.create(asked).uri)
        let owed = try await framework.status().notices.filter { $0.code == "MemberOnOldRoot" }
        #expect(owed.map(\.organisationId) == [clinicMember.id])
        try await clinic.install(framework.renew(clinicMember.id))
        try await alice.trust.addAnchor(framework.publish(validDays: 30))
        _ = try await alice.requests.open(clinic.requests.create(asked).uri)
        let status = try await framework.status()
        #expect(!status.unpublishedChanges && !status.notices.contains { $0.code == "MemberOnOldRoot" })
        world.relay.stop()
    }

    @Test func t2_the_operators_log_says_what_was_done_and_why_and_no_list_does() async throws {
        let world = try await World()
        let framework = world.framework
        try await framework.suspend(clinicMember.id, note: "Complaint 12")
        try await framework.reinstate(clinicMember.id, note: "Complaint 12 settled")
        let published = try await content(of: list(of: framework.publish(validDays: 30)))
        let log = try await framework.log()
        let kinds = ["founded", "admitted", "published", "suspended", "reinstated", "published"]
        #expect(log.map(\.kind) == kinds)
        #expect(log.map(\.note) == [nil, nil, nil, "Complaint 12", "Complaint 12 settled", nil])
        #expect(Set(log.compactMap(\.organisationId)) == [clinicMember.id])
        #expect(published.contains(clinicMember.id) && !published.contains("Complaint"))

        let long = await failure { () throws(KistError) in
            try await framework.suspend(clinicMember.id, note: String(repeating: "x", count: 1025))
        }
        #expect(long?.code == .tooLarge)
        #expect(try await framework.log() == log)
        world.relay.stop()
    }

    @Test func h2_whom_a_person_can_contact_is_fetched_from_the_frameworks_directory_and_followed() async throws {
        let world = try await World()
        let (alice, server) = (world.alice, try LocalServer())
        let clinic = try await invitation(of: world.clinic)
        let url = server.publish(try Framework.directory(of: [clinic]), at: "/directory.json")
        #expect(try await alice.connections.fetchDirectory(at: url).map(\.organisation) == ["Riverside Clinic"])

        let other = try await invitation(of: world.admit(council))
        try await alice.trust.addAnchor(world.framework.publish(validDays: 30))
        let both = try Framework.directory(of: [clinic, other, "not signed by anybody"])
        _ = server.publish(both, at: "/directory.json")
        try await alice.connections.refreshDirectories()
        let names = try await alice.connections.contacts().map(\.organisation)
        #expect(names == ["Council of the Islands", "Riverside Clinic"])

        for (address, code) in [
            ("\(server.url)/nothing", KistError.Code.notFound), ("http://directory.example/", .addressRefused),
        ] {
            let refused = await failure { () throws(KistError) in
                try await alice.connections.fetchDirectory(at: address)
            }
            #expect(refused?.code == code)
        }
        world.relay.stop()
    }

    @Test func h2_the_frameworks_list_says_where_its_directory_lies_until_the_operator_takes_that_back() async throws {
        let world = try await World()
        let (alice, framework, server) = (world.alice, world.framework, try LocalServer())
        let clinic = try await invitation(of: world.clinic)
        let url = server.publish(try Framework.directory(of: [clinic]), at: "/directory.json")
        try await framework.setDirectory(url)
        #expect(try await framework.status().directory == url)
        #expect(try await alice.trust.addAnchor(framework.publish(validDays: 30)).directory == url)
        try await alice.connections.refreshDirectories()
        #expect(try await alice.connections.contacts().map(\.organisation) == ["Riverside Clinic"])

        try await framework.setDirectory(nil)
        #expect(try await alice.trust.addAnchor(framework.publish(validDays: 30)).directory == nil)
        let refused = await failure { () throws(KistError) in
            try await framework.setDirectory("http://directory.example/")
        }
        #expect(refused?.code == .addressRefused)
        world.relay.stop()
    }

    private func draft(_ version: String) -> TermsDraft {
        TermsDraft(
            version: version, summary: ["en": "You decide what you share.", "cy": "Chi sy'n penderfynu."],
            text: ["en": "1. The person decides.", "cy": "1. Y person sy'n penderfynu."])
    }

    /// The list in what an operator hands out.
    private func list(of bundle: String) throws -> String {
        struct Bundle: Decodable { let list: String }
        return try JSONDecoder().decode(Bundle.self, from: Data(bundle.utf8)).list
    }

    /// What a compact JWS says.
    private func content(of jws: String) throws -> String {
        let parts = jws.split(separator: ".")
        var base64 = parts[1].replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        base64 += String(repeating: "=", count: (4 - base64.count % 4) % 4)
        return String(decoding: try #require(Data(base64Encoded: base64)), as: UTF8.self)
    }

    private func invitation(of organisation: Organisation) async throws -> String {
        let asked = asking(for: [part("name", Schemas.name, ["given_name"])])
        let spec = InvitationSpec(requests: [asked], days: 30)
        return try await organisation.invitations.publish(spec).invitation
    }
}
