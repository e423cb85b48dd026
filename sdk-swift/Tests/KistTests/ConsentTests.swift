// What a person can do about requests and consents besides saying yes: sessions, pauses, the developer's mode.

import Foundation
import Kist
import KistWorld
import Testing

@Suite(.timeLimit(.minutes(5))) struct ConsentTests {
    private let name = [part("name", Schemas.name, ["given_name", "family_name"])]

    @Test func a28_an_answer_is_given_out_to_the_session_that_brings_the_code() async throws {
        let world = try await World()
        try await world.fill()
        let requests = world.alice.requests
        let typed = try await world.clinic.requests.create(asking(for: name, session: .acrossDevices))
        let open = try await requests.open(typed.uri)
        #expect(open.session == .acrossDevices)
        try await requests.answer(open.id, with: open.required)
        guard case .type(let digits) = try await requests.sessionCode(open.id) else {
            Issue.record("nothing to type")
            return
        }
        let clinic = world.clinic.requests
        let none = await failure { () throws(KistError) in try await clinic.collect(typed.id) }
        #expect(none?.code == .sessionCodeMissing)
        let wrong = await failure { () throws(KistError) in try await clinic.collect(typed.id, code: "none") }
        #expect(wrong?.code == .sessionMismatch && wrong?[parameter: "left"] == .number(number: 4))
        #expect(try await clinic.collect(typed.id, code: digits) != nil)

        let back = "https://riverside.example/back"
        let opened = try await clinic.create(asking(for: name, session: .sameDevice(returnUri: back)))
        let here = try await requests.open(opened.uri)
        try await requests.answer(here.id, with: here.required)
        guard let code = try await requests.sessionCode(here.id), case .open(let address) = code else {
            Issue.record("nothing to open")
            return
        }
        #expect(!"\(code)".contains(address))
        let brought = String(address.dropFirst("\(back)?response_code=".count))
        #expect(try await clinic.collect(opened.id, code: brought) != nil)
    }

    @Test func k1_k10_one_consent_or_everything_stands_still() async throws {
        let world = try await World()
        try await world.fill()
        let alice = world.alice
        let hosted = try await world.clinic.requests.create(asking(for: name))
        let open = try await alice.requests.open(hosted.uri)
        try await alice.consents.pauseEverything()
        #expect(try await alice.consents.everythingPaused() != nil)
        let refused = await failure { () throws(KistError) in
            try await alice.requests.answer(open.id, with: open.required)
        }
        #expect(refused?.code == .consentPaused)
        try await alice.consents.resumeEverything()
        #expect(try await alice.consents.everythingPaused() == nil)

        let consent = try #require(try await alice.requests.answer(open.id, with: open.required)).id
        _ = try #require(try await world.clinic.requests.collect(hosted.id))
        #expect(try await alice.consents.pause(consent).paused?.by == .person)
        _ = try await world.deliverVaccination(under: consent)
        guard case .waiting = try await alice.inbox.refresh().last else {
            Issue.record("it didn't wait")
            return
        }
        #expect(try await alice.consents.resume(consent).state == .inForce)
        guard case .delivered = try await alice.inbox.refresh().last else {
            Issue.record("it wasn't taken in")
            return
        }
    }

    @Test func k3_rules_keep_back_remember_and_give_together() async throws {
        let world = try await World()
        try await world.fill()
        let alice = world.alice
        let asked = asking(for: name + [part("phone", Schemas.phone, ["phone_number"], required: false)])
        func open() async throws -> OpenRequest {
            try await alice.requests.open(world.clinic.requests.create(asked).uri)
        }
        let first = try await open()
        #expect(first.evaluation.verdict == .ask)
        let tomorrow = Date(timeIntervalSinceNow: 24 * 3600)
        try await alice.requests.answer(first.id, with: first.required, language: "en", rememberUntil: tomorrow)
        let remembered = try #require(try await alice.rules.list().first)
        let again = try await open()
        guard case .remembered(remembered.id, _) = again.evaluation.verdict else {
            Issue.record("\(again.evaluation.verdict)")
            return
        }
        #expect(try await alice.requests.answerRemembered(again.id) != nil)
        try await alice.rules.remove(remembered.id)

        try await alice.rules.add(.profile(name: "clinics", fields: [FieldPattern(schema: Schemas.phone)]))
        let third = try await open()
        #expect(third.required.count == 2)
        #expect(try await alice.requests.choices(third.id, profile: "clinics").count == 3)
        let what = FieldPattern(schema: Schemas.name, path: #"["family_name"]"#)
        let kept = try await alice.rules.add(.never(organisation: nil, what: what))
        let refused = try await alice.requests.get(third.id)
        #expect(refused.evaluation.verdict != .ask)
        #expect(refused.evaluation.fields.compactMap(\.withheldBy) == [kept.id])
        let error = await failure { () throws(KistError) in
            try await alice.requests.answer(third.id, with: third.required)
        }
        #expect(error?.code == .keptBack)
    }

    @Test func k1_k5_who_has_my_number_is_asked_narrowed_renewed_and_proven() async throws {
        let world = try await World()
        try await world.fill()
        let (alice, clinic) = (world.alice, world.clinic)
        var asked = name + [part("phone", Schemas.phone, ["phone_number"], required: false)]
        let hosted = try await clinic.requests.create(asking(for: asked))
        let open = try await alice.requests.open(hosted.uri)
        let phone = try #require(open.evaluation.fields.first { $0.credential == "phone" })
        let field = try #require(phone.field)
        let number = FieldChoice(field: field, candidate: try #require(phone.matches.first).candidate)
        let consent = try #require(try await alice.requests.answer(open.id, with: open.required + [number])).id
        _ = try #require(try await clinic.requests.collect(hosted.id))
        try await alice.inbox.refresh()
        #expect(try await alice.consents.effortSaved().keystrokes > 10)

        let mine = ConsentFilter(schema: Schemas.phone)
        #expect(try await alice.consents.find(mine).map(\.id) == [consent])
        try await alice.consents.narrow(consent, by: Narrowing(fields: [field]))
        #expect(try await alice.consents.find(mine).isEmpty)
        let told = try await clinic.refreshInbox()
        #expect(told.contains { if case .amended = $0 { true } else { false } }, "\(told)")
        try await alice.inbox.refresh()
        #expect(try await alice.consents.get(consent).narrowings.first?.acknowledgedAt != nil)

        asked.removeLast()
        let renewing = try await clinic.requests.create(asking(for: asked, replaces: consent))
        let renewal = try await alice.requests.open(renewing.uri)
        #expect(try await alice.consents.get(consent).summary.renewal == renewal.id)
        let newer = try #require(try await alice.requests.answer(renewal.id, with: renewal.required)).id
        _ = try #require(try await clinic.requests.collect(renewing.id))
        try await alice.inbox.refresh()
        #expect(try await alice.consents.get(consent).summary.replacedBy == newer)

        #expect(try await alice.consents.receiptPage(of: newer).contains("Riverside Clinic"))
        let proof = try await alice.consents.proof(of: newer)
        #expect(try Receipt.verify(proof).contains("Riverside Clinic"))
        let evidence = try await alice.history.evidence()
        #expect(try Evidence.verify(evidence).contains(consent))
        let outcomes = try await alice.consents.change([newer, "nothing"], .withdraw)
        #expect(outcomes.map(\.error) == [nil, "NotFound"])
    }

    @Test func t1_without_a_framework_only_a_developer_is_asked_and_told_so() async throws {
        let world = try await World()
        let hosted = try await world.clinic.requests.create(asking(for: name))
        let developer = try await Person.create(
            in: world.folder.path("developer"), platform: platform("laptop"), passphrase: passphrase)
        #expect(try await !developer.developerMode())
        let missing = await failure { () throws(KistError) in try await developer.requests.open(hosted.uri) }
        #expect(missing?.code == .trustListMissing)
        try await developer.setDeveloperMode(true)
        #expect(try await developer.developerMode())
        let evaluation = try await developer.requests.open(hosted.uri).evaluation
        #expect(evaluation.asker.framework.isEmpty)
        #expect(evaluation.warnings.contains { $0.code == "NobodyVouches" })
    }
}
