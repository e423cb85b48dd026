// The story of the clinic's desk, the app being killed at each step. J2 and S5.

import Foundation
import Kist
import KistWorld
import Testing
import WalletModels
import WalletWorld

@MainActor @Suite(.timeLimit(.minutes(5))) struct KillTests {
    @Test func j2_s5_killed_at_every_step_the_wallet_comes_back_and_goes_on() async throws {
        let world = try await World()
        try await world.fill()
        let name = [part("name", Schemas.name, ["given_name", "family_name"])]
        _ = try await world.share(with: world.clinic, name)
        try await world.alice.close()
        let phone = Phone(world.folder.url)
        let hosted = try await world.request()

        try kill(at: .scanned, phone, hosted.uri)
        try await phone.started { wallet, store in
            guard case .at(.request(let id)) = wallet.screen else {
                Issue.record("not at the request: \(wallet.screen)")
                return
            }
            let request = RequestModel(store, wallet, id: id)
            await request.load()
            #expect(request.evaluation?.asker.organisation.name == "Riverside Clinic")
            #expect(request.parts.filter { !$0.isRequired }.flatMap(\.fields).allSatisfy { !request.isChosen($0) })
        }

        try kill(at: .chosen, phone, hosted.uri)
        try await phone.started { wallet, store in
            guard case .at(.request(let id)) = wallet.screen else {
                Issue.record("not at the request: \(wallet.screen)")
                return
            }
            let request = RequestModel(store, wallet, id: id)
            await request.load()
            #expect(request.parts.flatMap(\.fields).allSatisfy { request.isChosen($0) }, "what was ticked is ticked")
        }

        world.relay.stun()
        try kill(at: .answering, phone, hosted.uri)
        world.relay.wake()
        let agreement = try await answered(world, phone, hosted)

        try await world.clinic.deliveries.note("Bring your card", under: agreement)
        _ = try await world.deliverVaccination(under: agreement)
        try kill(at: .received, phone, hosted.uri)
        try await phone.started { wallet, store in
            #expect(wallet.screen == .at(.inbox))
            let inbox = InboxModel(store)
            await inbox.refresh()
            #expect(inbox.events.isEmpty, "C2: once")
            #expect(inbox.content.value?.messages.map(\.text) == ["Bring your card"])
            let delivered = try await store.person.records.list(RecordFilter(schemas: [Schemas.vaccination]))
            #expect(delivered.count == 1)
        }

        world.relay.stun()
        try kill(at: .withdrawing, phone, hosted.uri)
        world.relay.wake()
        try await withdrawn(world, phone, agreement)
    }

    /// With an organisation that she never met, an address has to be made first: killed before that, nothing was given.
    @Test func j2_s5_killed_before_a_first_answer_is_made_it_is_asked_again() async throws {
        let world = try await World()
        try await world.fill()
        try await world.alice.close()
        let phone = Phone(world.folder.url)
        let hosted = try await world.request()
        try kill(at: .scanned, phone, hosted.uri)
        try kill(at: .chosen, phone, hosted.uri)
        world.relay.stun()
        try kill(at: .begun, phone, hosted.uri)
        world.relay.wake()
        try await phone.started { wallet, store in
            let given = try await store.person.consents.list()
            #expect(given.isEmpty)
            guard case .at(.request(let id)) = wallet.screen else {
                Issue.record("not at the request: \(wallet.screen)")
                return
            }
            let request = RequestModel(store, wallet, id: id)
            await request.load()
            #expect(request.parts.flatMap(\.fields).allSatisfy { request.isChosen($0) })
            await request.answer()
            #expect(request.outcome != nil)
        }
        #expect(try await world.clinic.requests.collect(hosted.id, waiting: .seconds(5)) != nil)
    }

    /// The decision was stored before the app was killed: the next start sends it, and nobody is asked again.
    private func answered(_ world: World, _ phone: Phone, _ hosted: HostedRequest) async throws -> String {
        var agreement = ""
        try await phone.started { _, store in
            let consent = try #require(try await store.person.consents.list().first { $0.state == .awaitingSend })
            #expect(try await store.person.requests.pending().isEmpty)
            let receipt = ReceiptModel(store, consent: consent.id)
            await receipt.refresh()
            #expect(receipt.refreshing.problem == nil)
            let answer = try #require(try await world.clinic.requests.collect(hosted.id, waiting: .seconds(5)))
            #expect(answer.fields.contains { $0.schema == Schemas.phone }, "what was ticked was given")
            await receipt.refresh()
            #expect(receipt.isSigned)
            agreement = try #require(answer.agreement)
        }
        return agreement
    }

    /// The withdrawal held at once; the organisation is told by the next start, and acknowledges.
    private func withdrawn(_ world: World, _ phone: Phone, _ agreement: String) async throws {
        try await phone.started { wallet, store in
            #expect(wallet.screen == .at(.consent(agreement)))
            let consent = ConsentModel(store, id: agreement)
            await consent.load()
            #expect(consent.summary?.state == .withdrawn)
            await InboxModel(store).refresh()
            let told = try await world.clinic.refreshInbox()
            #expect(told.contains { if case .withdrawn(agreement, _) = $0 { true } else { false } }, "\(told)")
            await InboxModel(store).refresh()
            await consent.load()
            #expect(consent.summary?.state == .withdrawalAcknowledged)
        }
    }

    /// Starts the app in a process of its own, which is killed when it has done the step.
    private func kill(at step: Step, _ phone: Phone, _ link: String) throws {
        let program = Bundle.main.bundleURL.appendingPathComponent("wallet-killed")
        let process = Process()
        process.executableURL = program
        process.arguments = [phone.folder.path, step.rawValue, link]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationReason == .uncaughtSignal, "\(step): ended with \(process.terminationStatus)")
    }
}

extension Phone {
    /// Starts the app, unlocks it, and locks it after that.
    @MainActor func started(_ act: (WalletModel, OpenStore) async throws -> Void) async throws {
        let (wallet, store) = try await startUnlocked()
        try await act(wallet, store)
        await wallet.lock()
    }
}
