// Every consent in one place, changed one by one and several at once; rights. K1, K4, K6, K10.

import Foundation
import Kist
import KistWorld
import Testing
import WalletModels
import WalletWorld

@MainActor @Suite(.timeLimit(.minutes(5))) struct ConsentsTests {
    private let name = part("name", Schemas.name, ["given_name", "family_name"])
    private let phone = part("phone", Schemas.phone, ["phone_number"], required: false)

    @Test func k1_consents_are_grouped_and_several_are_withdrawn_at_once() async throws {
        let world = try await World()
        try await world.fill()
        let council = try await world.admit(
            Member("Harbour Council", "GB-COH-00002001", asks: [Schemas.address: ["locality"]]))
        try await world.takeNewestList()
        let byClinic = try await world.share(with: world.clinic, [name])
        let byCouncil = try await world.share(with: council, [part("home", Schemas.address, ["locality"])])
        try await world.alice.close()
        let (_, store) = try await Phone(world.folder.url).startUnlocked()

        let consents = ConsentsModel(store)
        await consents.load()
        #expect(consents.groups.map(\.title) == ["Harbour Council", "Riverside Clinic"])
        consents.grouping = .field
        let fields = ["locality", "given_name", "family_name"].map(store.words.field)
        #expect(consents.groups.map(\.title) == fields.sorted())
        consents.grouping = .area
        #expect(!consents.groups.isEmpty)

        consents.selectAll()
        #expect(consents.selected == [byClinic, byCouncil])
        try await store.person.consents.withdraw(byCouncil)
        await consents.change(.withdraw)
        let outcomes = Dictionary(uniqueKeysWithValues: consents.outcomes.map { ($0.id, $0.error) })
        #expect(outcomes == [byClinic: nil, byCouncil: "ConsentWithdrawn"], "each has its own outcome")
        #expect(consents.selected == [byCouncil], "what couldn't be changed stays chosen")
        #expect(consents.groups.isEmpty)
        consents.showsEnded = true
        #expect(consents.groups.flatMap(\.consents).allSatisfy { $0.state == .withdrawn })
        let told = try await world.clinic.refreshInbox()
        #expect(told.contains { if case .withdrawn(byClinic, _) = $0 { true } else { false } }, "\(told)")
    }

    @Test func k1_k10_one_is_narrowed_renewed_and_paused_and_everything_is_paused() async throws {
        let world = try await World()
        try await world.fill()
        try await world.alice.close()
        let (wallet, store) = try await Phone(world.folder.url).startUnlocked()
        let hosted = try await world.clinic.requests.create(asking(for: [name, phone]))
        let id = try await give(hosted, wallet, store, everything: true)
        _ = try #require(try await world.clinic.requests.collect(hosted.id, waiting: .seconds(5)))
        await InboxModel(store).refresh()

        let consent = ConsentModel(store, id: id)
        await consent.load()
        let given = try #require(consent.summary).given
        let number = try #require(given.first { $0.schema == Schemas.phone })
        let canGo = given.filter { consent.canTakeOut($0) }
        #expect(canGo.map(\.field) == [number.field])
        consent.setTakenOut(true, number.field)
        await consent.narrow()
        #expect(consent.act.problem == nil && consent.takenOut.isEmpty)
        #expect(consent.summary?.given.map(\.schema).contains(Schemas.phone) == false)

        let renewing = try await world.clinic.requests.create(asking(for: [name], replaces: id))
        await ScanModel(store, wallet).open(renewing.uri)
        await consent.load()
        let renewal = try #require(consent.renewal)
        let request = RequestModel(store, wallet, id: renewal)
        await request.load()
        await request.answer()
        guard case .agreed(let newer) = request.outcome else {
            Issue.record("\(String(describing: request.sending.problem))")
            return
        }
        _ = try #require(try await world.clinic.requests.collect(renewing.id, waiting: .seconds(5)))
        await InboxModel(store).refresh()
        await consent.load()
        #expect(consent.summary?.state == .replaced && consent.summary?.replacedBy == newer)

        let renewed = ConsentModel(store, id: newer)
        await renewed.pause()
        #expect(renewed.summary?.state == .paused)
        await renewed.resume()
        #expect(renewed.summary?.state == .inForce)
        try await everythingStands(world, store, wallet)
    }

    /// While everything is paused nothing is answered, and the person is told how to go on.
    private func everythingStands(_ world: World, _ store: OpenStore, _ wallet: WalletModel) async throws {
        let consents = ConsentsModel(store)
        await consents.setEverythingPaused(true)
        #expect(consents.content.value?.pausedSince != nil)
        let hosted = try await world.clinic.requests.create(asking(for: [name]))
        await ScanModel(store, wallet).open(hosted.uri)
        guard case .request(let id) = wallet.path.last else {
            Issue.record("no request")
            return
        }
        let request = RequestModel(store, wallet, id: id)
        await request.load()
        await request.answer()
        #expect(request.sending.problem?.code == "ConsentPaused")
        #expect(request.sending.problem?.wayForward == .resume)
        await consents.setEverythingPaused(false)
        await request.answer()
        #expect(request.outcome != nil)
    }

    @Test func k3_an_answer_that_she_lets_kist_remember_is_given_again_by_one_press() async throws {
        let world = try await World()
        try await world.fill()
        try await world.alice.close()
        let (wallet, store) = try await Phone(world.folder.url).startUnlocked()
        var asked: [HostedRequest] = []
        for _ in 1...2 { asked.append(try await world.clinic.requests.create(asking(for: [name, phone]))) }
        let request = try await scan(asked[0], wallet, store)
        #expect(request.canRemember)
        request.setRemember(.month)
        let again = RequestModel(store, wallet, id: request.id)
        await again.load()
        #expect(again.remember == .month, "it comes back with what was ticked")
        await again.answer()
        #expect(again.outcome != nil)

        let same = try await scan(asked[1], wallet, store)
        guard case .remembered(_, let fields) = same.evaluation?.verdict else {
            Issue.record("\(String(describing: same.evaluation?.verdict))")
            return
        }
        #expect(fields.count == 2)
        await same.answerRemembered()
        #expect(same.outcome != nil)
        let answer = try #require(try await world.clinic.requests.collect(asked[1].id, waiting: .seconds(5)))
        #expect(answer.fields.count == 2)
        let rules = RulesModel(store)
        await rules.load()
        #expect(rules.rules.value?.count == 1, "she can take it back")
    }

    @Test func k3_what_is_more_than_they_should_ask_can_not_be_remembered() async throws {
        let world = try await World()
        try await world.fill()
        try await world.alice.close()
        let (wallet, store) = try await Phone(world.folder.url).startUnlocked()
        let more = part("mail", Schemas.email, ["email"], required: false)
        let hosted = try await world.clinic.requests.create(asking(for: [name, more]))
        let request = try await scan(hosted, wallet, store)
        #expect(!request.canRemember && request.canAnswer)
    }

    private func scan(_ hosted: HostedRequest, _ wallet: WalletModel, _ store: OpenStore) async throws -> RequestModel {
        await ScanModel(store, wallet).open(hosted.uri)
        guard case .request(let id) = wallet.path.last else { throw WorldError(description: "no request") }
        let request = RequestModel(store, wallet, id: id)
        await request.load()
        return request
    }

    @Test func k6_a_right_is_asked_for_answered_and_shown_with_its_deadline() async throws {
        let world = try await World()
        try await world.fill()
        let id = try await world.share(with: world.clinic, [name])
        try await world.alice.close()
        let (_, store) = try await Phone(world.folder.url).startUnlocked()
        let ask = AskRightModel(store, consent: id)
        await ask.load()
        ask.right = .erasure
        await ask.ask()
        let asked = try #require(ask.asked)
        let rights = RightsModel(store)
        await rights.load()
        let listed = try #require(rights.content.value?.requests.first)
        #expect(listed.stage == .sent)
        #expect((27...31).contains(try #require(rights.daysLeft(listed))), "a month by the calendar")

        try await world.clinic.refreshInbox()
        try await world.clinic.rights.answer(
            asked.id, with: .refused(ground: .legalObligation, text: ["en": "A law asks to keep it"]))
        await InboxModel(store).refresh()
        let right = RightModel(store, id: asked.id)
        await right.load()
        #expect(right.detail.value?.answer?.ground == .legalObligation)
        await right.report(note: "They keep it all the same")
        #expect(right.page?.contains("They keep it all the same") == true)
    }

    /// Answers a request with what is required, or with everything.
    private func give(
        _ hosted: HostedRequest, _ wallet: WalletModel, _ store: OpenStore, everything: Bool
    ) async throws -> String {
        let request = try await scan(hosted, wallet, store)
        for field in request.parts.flatMap(\.fields) where everything { request.setChosen(true, field) }
        await request.answer()
        guard case .agreed(let consent) = request.outcome else { throw WorldError(description: "no agreement") }
        return consent
    }
}
