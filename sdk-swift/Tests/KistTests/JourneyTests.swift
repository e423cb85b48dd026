// Journeys of one person among several organisations, over the real relay.

import Foundation
import Kist
import KistWorld
import Testing

/// What a council grants; no type that Kist knows.
private let support = "urn:example:schema:support:1"

@Suite(.timeLimit(.minutes(5))) struct JourneyTests {
    @Test func j4_a21_council_clinic_and_charity_have_nothing_in_common_but_what_she_showed() async throws {
        let world = try await World()
        try await world.fill()
        let council = try await world.admit(
            Member(
                "Harbour Council", "GB-COH-00002001",
                asks: [Schemas.name: ["given_name", "family_name"], Schemas.address: ["locality"]], issues: [support]))
        let charity = try await world.admit(
            Member("Shore Charity", "GB-COH-00003001", asks: [support: ["scheme", "until"]]))
        try await world.takeNewestList()
        let name = part("name", Schemas.name, ["given_name", "family_name"])
        let granted = part("support", support, ["scheme", "until"])
        let byCouncil = try await world.share(with: council, [name, part("home", Schemas.address, ["locality"])])
        let byClinic = try await world.share(with: world.clinic, [name, part("birth", Schemas.birth, ["birthdate"])])

        // What the council grants is bound to her relationship with it, and shown to nobody else.
        let grant = #"{"scheme":"Warm homes","until":"2027-03-31"}"#
        try await council.deliveries.deliver(grant, schema: support, under: byCouncil)
        guard case .delivered(byCouncil, "Harbour Council", let id) = try await world.alice.inbox.refresh().last else {
            Issue.record("nothing was delivered")
            return
        }
        let letter = try await world.alice.records.get(id)
        #expect(letter.provenance.verifiedBy == "Harbour Council")
        let early = try await charity.requests.create(asking(for: [granted]))
        #expect(try await !world.alice.requests.open(early.uri).evaluation.answerable)

        // It reaches the charity through her alone, in her own words.
        try await world.alice.records.add(NewRecord(schema: support, body: letter.body, tags: [], files: []))
        let byCharity = try await world.share(with: charity, [granted])
        let received = try await charity.agreements.get(byCharity).received
        #expect(try received.map { try $0.value(as: String.self) } == ["Warm homes", "2027-03-31"])
        #expect(received.allSatisfy { $0.issuer == .selfAsserted })

        let organisations = [(council, byCouncil), (world.clinic, byClinic), (charity, byCharity)]
        var held: [Set<String>] = []
        for (organisation, own) in organisations {
            #expect(try await organisation.agreements.list().map(\.id) == [own])
            for (_, other) in organisations where other != own {
                let refused = await failure { () throws(KistError) in try await organisation.agreements.get(other) }
                #expect(refused?.code == .notFound)
            }
            held.append(try await madeByKist(organisation))
        }
        #expect(try await Set(world.alice.consents.list().map(\.organisation)).count == 3)
        #expect(held.allSatisfy { $0.count > 3 })
        #expect(held[0].isDisjoint(with: held[1]), "\(held[0].intersection(held[1]))")
        #expect(held[0].isDisjoint(with: held[2]), "\(held[0].intersection(held[2]))")
        #expect(held[1].isDisjoint(with: held[2]), "\(held[1].intersection(held[2]))")
    }

    @Test func a19_a22_who_asks_for_too_much_gets_no_more_and_then_stands_still() async throws {
        let world = try await World()
        try await world.fill()
        let lender = try await world.admit(
            Member("Quick Loans Ltd", "GB-COH-00004001", asks: [Schemas.name: ["given_name"]], issues: [support]))
        try await world.takeNewestList()
        let alice = world.alice
        let wanted = [
            part("name", Schemas.name, ["given_name"]), part("birth", Schemas.birth, ["birthdate"], required: false),
        ]
        let hosted = try await lender.requests.create(asking(for: wanted))
        let open = try await alice.requests.open(hosted.uri)
        let tooMuch = try #require(open.evaluation.fields.first { $0.credential == "birth" })
        #expect(tooMuch.overAsking == ["NotRegistered"] && !tooMuch.chosenByDefault)
        #expect(open.evaluation.warnings.contains { $0.code == "OverAsking" })
        try await alice.requests.refuse(open.id)
        let agreement = try await world.share(with: lender, wanted)
        let received = try await lender.agreements.get(agreement).received
        #expect(try received.map { try $0.value(as: String.self) } == ["Alice"])

        try await world.framework.suspend("GB-COH-00004001")
        try await world.takeNewestList()
        let told = try await alice.organisationChanges()
        #expect(told.map(\.from) == [.active] && told.map(\.to) == [.suspended])
        try await alice.told(told)
        #expect(try await alice.organisationChanges().isEmpty)
        let paused = try await alice.consents.get(agreement).summary
        #expect(paused.state == .paused)
        #expect(paused.paused?.by == .framework && paused.paused?.standing == .suspended)
        try await lender.deliveries.deliver(
            #"{"scheme":"A loan","until":"2027-03-31"}"#, schema: support, under: agreement)
        let events = try await alice.inbox.refresh()
        #expect(events.count == 1 && events.contains { if case .waiting = $0 { true } else { false } }, "\(events)")
        #expect(try await alice.records.list(RecordFilter(schemas: [support])).isEmpty)

        try await world.framework.expel("GB-COH-00004001")
        try await world.takeNewestList()
        let again = try await lender.requests.create(asking(for: [wanted[0]]))
        let refused = await failure { () throws(KistError) in try await alice.requests.open(again.uri) }
        #expect(refused?.code == .organisationNotTrusted)
        #expect(refused?[parameter: "reason"] == .word(word: "Expelled"))
        #expect(try await alice.consents.withdraw(agreement).state == .withdrawn)
        #expect(try await alice.history.entries().filter { $0.kind == "OrganisationStanding" }.count == 2)
    }

    @Test func j3_c4_an_address_changed_once_reaches_three_organisations_one_switched_off_meanwhile() async throws {
        let world = try await World()
        try await world.fill()
        let asks = [Schemas.address: ["street_address", "locality"]]
        let council = try await world.admit(Member("Harbour Council", "GB-COH-00002001", asks: asks))
        let power = Member("Island Power", "GB-COH-00005001", asks: asks)
        let switchedOff = try await world.admit(power)
        try await world.takeNewestList()
        let alice = world.alice
        let home = [part("home", Schemas.address, ["street_address", "locality"])]
        var agreements: [String] = []
        for organisation in [world.clinic, council, switchedOff] {
            let rights = Rights(read: true, deliver: false, update: true)
            agreements.append(try await world.share(with: organisation, home, rights: rights))
        }
        try await switchedOff.close()

        let address = try #require(try await alice.records.list(RecordFilter(schemas: [Schemas.address])).first).id
        try await alice.records.correct(
            address, body: #"{"street_address":"1 Pier Road","locality":"Edinburgh","postal_code":"EH6 6AB"}"#)
        try await alice.inbox.refresh()
        #expect(try await alice.history.entries().filter { $0.kind == "UpdateSent" }.count == 3)

        let again = try await Organisation.open(
            in: world.folder.path(power.id), platform: platform("desk"), passphrase: passphrase)
        let street = #"home:["street_address"]"#
        for (organisation, agreement) in zip([world.clinic, council, again], agreements) {
            guard case .updated(agreement, [street], [], let asOf) = try await organisation.refreshInbox().last else {
                Issue.record("it wasn't told")
                continue
            }
            let received = try await organisation.agreements.get(agreement).received.first { $0.field == street }
            #expect(try received?.value(as: String.self) == "1 Pier Road")
            #expect(received?.asOf == asOf)
        }

        // What isn't told is asked, and answered when her phone is on.
        #expect(try await again.reads.ask(under: agreements[2]).state == .pending)
        guard case .readAnswered = try await alice.inbox.refresh().last else {
            Issue.record("it wasn't answered")
            return
        }
        #expect(try await alice.consents.reads(under: agreements[2]).map(\.state) == [.answered])
        guard case .readAnswered = try await again.refreshInbox().last else {
            Issue.record("the answer didn't come")
            return
        }
        #expect(try await again.reads.list().map(\.state) == [.answered])
    }

    @Test func d9_a_file_goes_to_the_clinic_and_is_there_whole() async throws {
        let world = try await World()
        try await world.fill()
        let (alice, clinic) = (world.alice, world.clinic)
        let consent = try await world.share(with: clinic, [part("name", Schemas.name, ["given_name"])])
        let file = world.folder.path("letter.pdf")
        let bytes = Data("%PDF-1.7\n".utf8) + Data(repeating: 7, count: 700_000)
        try bytes.write(to: file)
        let kept = try #require(try await alice.files.attach(contentsOf: file).value.files.first)
        let sent = try await alice.files.send(kept.id, under: consent)
        #expect(sent.state == .underway && sent.size == UInt64(bytes.count))
        var received: String?
        while received == nil {
            try await alice.inbox.refresh()
            for case .fileReceived(_, let transfer, _) in try await clinic.refreshInbox() { received = transfer }
        }
        let saved = world.folder.path("saved.pdf")
        try await clinic.files.save(try #require(received), to: saved)
        #expect(try Data(contentsOf: saved) == bytes)
        let told = try await alice.inbox.refresh()
        #expect(told.contains { if case .fileArrived = $0 { true } else { false } }, "\(told)")
        #expect(try await alice.files.transfers().map(\.state) == [.done])
    }

    /// What looks random in all that an organisation holds: ids, keys, digests, addresses, signatures.
    private func madeByKist(_ organisation: Organisation) async throws -> Set<String> {
        var texts = "\(try await organisation.requests.list())"
        for agreement in try await organisation.agreements.list() {
            texts += "\(try await organisation.agreements.get(agreement.id))"
        }
        let words = texts.matches(of: /[A-Za-z0-9_\-]{16,}/).map { String($0.output) }
        return Set(words.filter { $0.contains(where: \.isNumber) && $0.contains(where: \.isUppercase) })
    }
}
