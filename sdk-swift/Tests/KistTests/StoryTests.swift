// The whole story: scan, consent, share; receive; withdraw; a lost phone and a new one. J2 and J5 over the real relay.

import Foundation
import Kist
import KistWorld
import Testing

@Suite(.timeLimit(.minutes(5))) struct StoryTests {
    @Test func j2_j5_the_whole_story() async throws {
        let world = try await World()
        try await keepsWhatIsHers(world)
        let agreement = try await sharesWhatSheChose(world)
        let alice = try await receivesWhileClosed(world, agreement)
        try await asksOnceMore(world, alice)
        try await withdraws(world, alice, agreement)
        try await losesThePhone(world, alice)
    }

    /// Step 2: she imports a vCard and a PDF, adds an address, and finds them.
    private func keepsWhatIsHers(_ world: World) async throws {
        try await world.fill()
        let document = world.folder.path("blood-test.pdf")
        try (Data("%PDF-1.7\n".utf8) + Data(repeating: 7, count: 700_000)).write(to: document)
        let kept = try await world.alice.files.attach(contentsOf: document).value
        let file = try #require(kept.files.first)
        #expect(file.mediaType == "application/pdf")
        let bytes = try Data(contentsOf: document)
        #expect(try await world.alice.files.read(file.id) == bytes)
        for word in ["canaryw", "wrenfield", "blood"] {
            #expect(try await world.alice.records.search(word).count == 1, "\(word)")
        }
    }

    /// Step 3: a QR as a picture, the request that it leads to, and an answer without the optional field.
    private func sharesWhatSheChose(_ world: World) async throws -> String {
        let (alice, clinic) = (world.alice, world.clinic)
        let request = try await world.request()
        let picture = world.folder.path("request.pgm")
        try QRCode.picture(of: request.uri).writePGM(to: picture)
        let link = try QRCode.readRequest(LumaPicture(pgm: picture))
        #expect(link == request.uri)

        let open = try await alice.requests.open(link)
        let evaluation = open.evaluation
        #expect(evaluation.asker.organisation.name == "Riverside Clinic")
        #expect(evaluation.asker.framework == "Harbour Trust")
        #expect(evaluation.purposes.first?.text["cy"]?.hasPrefix("I'ch cofrestru") == true)
        #expect(evaluation.purposes.first?.retention == "P2Y")
        #expect(evaluation.answerable)
        #expect(evaluation.fields.allSatisfy { $0.overAsking.isEmpty })
        let optional = evaluation.fields.filter { !$0.required }
        #expect(optional.count == 1)
        #expect(optional.allSatisfy { !$0.chosenByDefault }, "K3: nothing optional is chosen by itself")
        #expect(open.expiryDate > Date())

        let consent = try #require(try await alice.requests.answer(open.id, with: open.required, language: "en"))
        #expect(consent.state == .awaitingReceipt)
        let answer = try #require(try await clinic.requests.collect(request.id, waiting: .seconds(5)))
        #expect(answer.agreement == consent.id, "both sides know it by one name")
        #expect(answer.fields.allSatisfy { $0.issuer == .selfAsserted })
        let given = try answer.fields.map { try $0.value(as: String.self) }
        #expect(Set(given) == ["Alice", "Canarywood", "1984-03-21", "12 Wrenfield Lane", "Edinburgh", "EH6 6AB"])

        let events = try await alice.inbox.refresh()
        #expect(events == [.receiptStored(consent: consent.id, organisation: "Riverside Clinic")])
        let detail = try await alice.consents.get(consent.id)
        #expect(detail.summary.state == .inForce)
        #expect(detail.receipt != nil)
        return consent.id
    }

    /// Step 4, C1 and C2: the clinic delivers while her side is closed; when she opens it, it is there, verified, and
    /// found.
    private func receivesWhileClosed(_ world: World, _ agreement: String) async throws -> Person {
        try await world.alice.close()
        #expect(await failure { () throws(KistError) in try await world.alice.records.list() }?.code == .notFound)
        let report = try await world.deliverVaccination(under: agreement)
        #expect(report.state == .taken)

        let alice = try await Person.open(
            in: world.folder.path("alice"), platform: platform("Alice's phone"), passphrase: passphrase)
        let events = try await alice.inbox.refresh()
        guard case .delivered(_, "Riverside Clinic", let id) = events.first, events.count == 1 else {
            Issue.record("\(events)")
            return alice
        }
        let record = try await alice.records.get(id)
        #expect(record.provenance.source == .delivered)
        #expect(record.provenance.verifiedBy == "Riverside Clinic")
        #expect(try record.body(as: [String: String].self)["vaccine"] == "Comirnaty-QX7")
        #expect(try await alice.records.search("comirn").map(\.record.id) == [id])
        #expect(try await alice.inbox.refresh().isEmpty, "C2: once")
        return alice
    }

    /// A second agreement in the same relationship, which stays in force.
    private func asksOnceMore(_ world: World, _ alice: Person) async throws {
        let request = try await world.request()
        let open = try await alice.requests.open(request.uri)
        try await alice.requests.answer(open.id, with: open.required)
        _ = try #require(try await world.clinic.requests.collect(request.id, waiting: .seconds(5)))
        try await alice.inbox.refresh()
        let agreements = try await world.clinic.agreements.list()
        #expect(agreements.count == 2)
        #expect(Set(agreements.map(\.relationship)).count == 1)
    }

    /// Step 5, K4: withdrawal cuts access at once, is told, and is acknowledged.
    private func withdraws(_ world: World, _ alice: Person, _ agreement: String) async throws {
        let withdrawn = try await alice.consents.withdraw(agreement)
        #expect(withdrawn.state == .withdrawn && withdrawn.withdrawal?.state == .sent)
        let told = try await world.clinic.refreshInbox()
        #expect(told.contains { if case .withdrawn(agreement, _) = $0 { true } else { false } }, "\(told)")
        let refused = await failure { () throws(KistError) in try await world.deliverVaccination(under: agreement) }
        #expect(refused?.code == .consentWithdrawn, "A20")
        #expect(try await world.clinic.agreements.get(agreement).summary.state == .withdrawn)

        let events = try await alice.inbox.refresh()
        #expect(events == [.acknowledged(consent: agreement, organisation: "Riverside Clinic")])
        let consent = try await alice.consents.get(agreement).summary
        #expect(consent.state == .withdrawalAcknowledged)
        #expect(consent.withdrawal?.state == .acknowledged)
        #expect(consent.withdrawalDate != nil && consent.acknowledgementDate != nil)
        let history = try await alice.history.entries()
        #expect(try await alice.history.verify().entries == UInt64(history.count))
        let kinds = Set(history.map(\.kind))
        #expect(
            kinds.isSuperset(of: [
                "RequestSeen", "Agreed", "Disclosed", "ReceiptStored", "Delivered", "Withdrawn",
                "WithdrawalAcknowledged",
            ]), "K5: \(kinds)")
        let again = await failure { () throws(KistError) in try await alice.consents.withdraw(agreement) }
        #expect(again?.code == .consentWithdrawn)
    }

    /// Step 6: backup, a lost phone, a new one, and a relay that is put back to an older state.
    private func losesThePhone(_ world: World, _ alice: Person) async throws {
        let folder = world.folder
        let kit = try await alice.backup.setUp(on: world.relay.url)
        try Backup.check(recoveryCode: kit.code)
        #expect(!"\(kit)".contains(kit.code), "S1: a printed kit doesn't tell its code")
        #expect(try await alice.backup.run().value.sequence == 1)
        #expect(try await alice.backup.run().value.bytesSent == 0, "nothing changed")
        #expect(try await alice.backup.rehearse().value.sequence == 1)
        try expectNothingReadable(below: world.relay.data)
        try expectNothingReadable(below: folder.path("alice"))
        let before = try await Everything(of: alice)
        let history = try await alice.history.entries()
        try await alice.close()
        try FileManager.default.removeItem(at: folder.path("alice"))

        let kitInput = RecoveryInput(code: kit.uri)
        func restore(to name: String, _ freshness: Freshness) async throws(KistError) -> Restored {
            try await Person.restore(
                in: folder.path(name), platform: platform("Alice's new phone"), from: kitInput, passphrase: passphrase,
                freshness: freshness
            ).value
        }
        let unproven = await failure { () throws(KistError) in try await restore(to: "new", .unknown) }
        #expect(unproven?.code == .freshnessUnproven, "A3")
        #expect(unproven?[parameter: "device_name"] == .word(word: "Alice's phone"))
        #expect(try !Person.exists(in: folder.path("new")))
        let restored = try await restore(to: "new", .confirmed(sequence: 1))
        let new = restored.person
        #expect(restored.report.deviceName == "Alice's phone")
        #expect(try await Everything(of: new) == before, "byte for byte")
        #expect(try await Array(new.history.entries().prefix(history.count)) == history)

        let inForce = try #require(try await new.consents.list().first { $0.state == .inForce })
        try await world.clinic.deliveries.note("Your next appointment", under: inForce.id)
        let events = try await new.inbox.refresh()
        #expect(events.contains { if case .waiting = $0 { true } else { false } }, "\(events)")
        #expect(try await new.inbox.list().first?.text == "Your next appointment")

        #expect(try await new.backup.run().value.sequence == 2)
        let old = folder.path("old-relay")
        let relay = try world.relay.restarted { try FileManager.default.copyItem(at: $0, to: old) }
        try await new.records.add(NewRecord(schema: Schemas.note, encoding: ["text": "written after the copy"]))
        #expect(try await new.backup.run().value.sequence == 3)
        let relayAgain = try relay.restarted {
            try FileManager.default.removeItem(at: $0)
            try FileManager.default.copyItem(at: old, to: $0)
        }
        let refused = await failure { () throws(KistError) in try await new.backup.run().value }
        #expect(refused?.code == .rollbackDetected, "A1")
        #expect(try await new.inbox.list().count == 1, "A1: local state untouched")

        let told = await failure { () throws(KistError) in try await restore(to: "third", .unknown) }
        #expect(told?.code == .freshnessUnproven)
        #expect(told?[parameter: "device_name"] == .word(word: "Alice's new phone"))
        guard case .number(let madeAt) = told?[parameter: "made_at"] else {
            Issue.record("without its date: \(String(describing: told))")
            return
        }
        #expect(abs(Date().timeIntervalSince1970 - Double(madeAt)) < 3600)
        let older = await failure { () throws(KistError) in try await restore(to: "third", .atLeast(sequence: 3)) }
        #expect(older?.code == .rollbackDetected)
        #expect(try !Person.exists(in: folder.path("third")))
        let third = try await restore(to: "third", .confirmed(sequence: 2))
        #expect(third.report.sequence == 2)
        relayAgain.stop()
    }
}

/// Everything that a person can see of their store and that a restore brings back.
private struct Everything: Equatable {
    var records: [[Record]] = []
    var files: [String: Data] = [:]
    var consents: [ConsentDetail] = []
    var inbox: [InboxItem]

    init(of person: Person) async throws {
        inbox = try await person.inbox.list()
        for summary in try await person.records.list().sorted(by: { $0.id < $1.id }) {
            let revisions = try await person.records.revisions(of: summary.id)
            records.append(revisions)
            for file in revisions.flatMap(\.files) { files[file.id] = try await person.files.read(file.id) }
        }
        for consent in try await person.consents.list().sorted(by: { $0.id < $1.id }) {
            consents.append(try await person.consents.get(consent.id))
        }
    }
}
