// Requests of rights from the phone to the organisation's queue and back, and a report.

import Foundation
import Kist
import KistWorld
import Testing

@Suite(.timeLimit(.minutes(5))) struct RightsTests {
    @Test func k6_rights_are_asked_for_answered_in_time_and_reported() async throws {
        let world = try await World()
        try await world.fill()
        let (alice, clinic) = (world.alice, world.clinic)
        let consent = try await world.share(
            with: clinic, [part("name", Schemas.name, ["given_name", "family_name"])])
        let given = #"name:["given_name"]"#
        let alys = try await alice.records.add(
            NewRecord(schema: Schemas.name, encoding: ["given_name": "Alys", "family_name": "Canarywood"]))
        let asked = try await alice.rights.ask(
            RightsSpec(
                right: .rectification, consent: consent, corrections: [CorrectedField(field: given, record: alys.id)]))
        #expect(asked.stage == .sent && asked.dueDate != nil)
        guard case .rightsRequested(asked.id, _, .rectification, _) = try await clinic.refreshInbox().last else {
            Issue.record("it didn't come")
            return
        }
        let queued = try #require(try await clinic.rights.list().first)
        #expect(try queued.corrected.map { try $0.value(as: String.self) } == ["Alys"])
        #expect(try await clinic.rights.answer(asked.id, with: .done(deliver: [], text: [:])).state == .answered)
        let received = try await clinic.agreements.get(consent).received.first { $0.field == given }
        #expect(try received?.value(as: String.self) == "Alys")

        try await alice.consents.withdraw(consent)
        let copy = try await alice.rights.ask(RightsSpec(right: .access, consent: consent))
        let erasure = try await alice.rights.ask(RightsSpec(right: .erasure, consent: consent))
        try await clinic.refreshInbox()
        let vaccination = DeliverySpec(
            schema: Schemas.vaccination, claims: #"{"vaccine":"Comirnaty-QX7","date":"2026-11-20"}"#)
        try await clinic.rights.answer(copy.id, with: .done(deliver: [vaccination], text: ["en": "All that we have"]))
        try await clinic.rights.answer(
            erasure.id, with: .refused(ground: .legalObligation, text: ["en": "A law asks to keep it"]))
        var answered: [String: RightsOutcome] = [:]
        var records: [String] = []
        for case .rightsAnswered(let request, _, let outcome, let came) in try await alice.inbox.refresh() {
            answered[request] = outcome
            records += came
        }
        #expect(answered == [asked.id: .done, copy.id: .done, erasure.id: .refused])
        let record = try await alice.records.get(try #require(records.first))
        #expect(record.provenance.verifiedBy == "Riverside Clinic")
        let refusal = try await alice.rights.get(erasure.id)
        #expect(refusal.answer?.ground == .legalObligation)
        #expect(refusal.authority?.name == "Information Commissioner's Office")
        let late = await failure { () throws(KistError) in
            try await clinic.rights.answer(erasure.id, with: .done(deliver: [], text: [:]))
        }
        #expect(late?.code == .alreadyAnswered)

        let report = try await alice.rights.report(on: consent, note: "They keep what I asked them to erase")
        #expect(report.authority?.name == "Information Commissioner's Office")
        #expect(report.subject == .consent(id: consent))
        #expect(try await alice.rights.document(of: report.id).contains("Riverside Clinic"))
        #expect(try await alice.rights.page(of: report.id).contains("They keep what I asked them to erase"))
        #expect(try await alice.rights.sent(report.id, note: "ref 7").sentNote == "ref 7")
        #expect(try await alice.rights.reports().map(\.id) == [report.id])
    }

    @Test func k6_a_refused_request_is_reported() async throws {
        let world = try await World()
        let alice = world.alice
        let open = try await alice.requests.open(world.request().uri)
        try await alice.requests.refuse(open.id)
        let refused = try #require(try await alice.requests.refused().first)
        #expect(refused.id == open.id && refused.authority.name == "Information Commissioner's Office")
        #expect(refused.keptUntilDate.timeIntervalSince(refused.refusalDate) == 90 * 86_400)
        let report = try await alice.rights.report(onRequest: open.id, note: "They need none of it")
        #expect(report.subject == .request(id: open.id))
        #expect(try await alice.rights.document(of: report.id).contains(open.id))
        #expect(try await alice.rights.page(of: report.id).contains("They need none of it"))
        #expect(try await alice.rights.reportedRequest(of: report.id).split(separator: ".").count == 3)
        let unknown = await failure { () throws(KistError) in try await alice.rights.report(onRequest: "nothing") }
        #expect(unknown?.code == .notFound)
    }
}
