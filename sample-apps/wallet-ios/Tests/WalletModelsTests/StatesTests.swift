// Every state of a screen: empty, loading with progress and cancel, failed with a way forward, offline, locked.

import Foundation
import Kist
import KistWorld
import Testing
import WalletModels
import WalletWorld

@MainActor @Suite(.timeLimit(.minutes(5))) struct StatesTests {
    @Test func s5_offline_what_is_on_the_phone_is_shown_and_a_decision_is_sent_later() async throws {
        let world = try await World()
        try await world.fill()
        let name = [part("name", Schemas.name, ["given_name", "family_name"])]
        _ = try await world.share(with: world.clinic, name)
        try await world.alice.close()
        let (wallet, store) = try await Phone(world.folder.url).startUnlocked()
        let hosted = try await world.request()
        let id = try await scan(hosted.uri, wallet, store)
        world.relay.stop()

        let scanning = ScanModel(store, wallet)
        await scanning.open(hosted.uri)
        #expect(scanning.act.problem?.isOffline == true)
        let home = HomeModel(store)
        await home.refresh()
        #expect(home.refreshing.problem == nil || home.refreshing.problem?.isOffline == true)
        #expect(home.content.value?.areas.isEmpty == false, "what is on the phone")
        #expect(home.content.value?.requests.map(\.id) == [id])

        let request = RequestModel(store, wallet, id: id)
        await request.load()
        #expect(!request.canAnswer, "it asks for more than the last time: what is required of that isn't ticked either")
        for field in request.parts.flatMap(\.fields) { request.setChosen(true, field) }
        #expect(request.canAnswer)
        await request.answer()
        guard case .agreed(let consent) = request.outcome else {
            Issue.record("\(String(describing: request.sending.problem))")
            return
        }
        let receipt = ReceiptModel(store, consent: consent)
        await receipt.refresh()
        #expect(receipt.consent.value?.summary.state == .awaitingSend && !receipt.isSigned)

        let relay = try world.relay.restarted { _ in }
        await receipt.refresh()
        #expect(try await world.clinic.requests.collect(hosted.id, waiting: .seconds(5)) != nil)
        await receipt.refresh()
        #expect(receipt.isSigned)
        relay.stop()
    }

    @Test func s5_offline_a_first_answer_is_not_given_and_what_was_ticked_stays() async throws {
        let world = try await World()
        try await world.fill()
        try await world.alice.close()
        let (wallet, store) = try await Phone(world.folder.url).startUnlocked()
        let hosted = try await world.request()
        let request = RequestModel(store, wallet, id: try await scan(hosted.uri, wallet, store))
        await request.load()
        let optional = try #require(request.parts.last?.fields.first)
        request.setChosen(true, optional)
        world.relay.stop()
        await request.answer()
        #expect(request.outcome == nil)
        #expect(request.sending.problem?.isOffline == true && request.sending.problem?.wayForward == .tryAgain)
        #expect(request.isChosen(optional) && request.canAnswer)
        let relay = try world.relay.restarted { _ in }
        await request.answer()
        #expect(request.outcome != nil && request.sending.problem == nil)
        relay.stop()
    }

    /// Scans a request; gives its id.
    private func scan(_ link: String, _ wallet: WalletModel, _ store: OpenStore) async throws -> String {
        await ScanModel(store, wallet).open(link)
        guard case .request(let id) = wallet.path.last else { throw WorldError(description: "no request") }
        return id
    }

    @Test func s5_a_screen_looks_anew_when_another_has_refreshed_the_inbox() async throws {
        let world = try await World()
        try await world.fill()
        let name = [part("name", Schemas.name, ["given_name", "family_name"])]
        let agreement = try await world.share(with: world.clinic, name)
        try await world.alice.close()
        let (_, store) = try await Phone(world.folder.url).startUnlocked()
        let consent = ConsentModel(store, id: agreement)
        let looking = Task { await store.looking { await consent.load() } }
        while consent.summary == nil { await Task.yield() }

        try await store.person.consents.withdraw(agreement)
        try await world.clinic.refreshInbox()
        #expect(consent.summary?.state == .inForce, "nothing was looked at meanwhile")
        await HomeModel(store).refresh()
        while consent.summary?.state != .withdrawalAcknowledged { await Task.yield() }
        looking.cancel()
        await looking.value
    }

    @Test func s5_an_empty_wallet_says_so_everywhere() async throws {
        let folder = try Folder()
        try await folder.alice().close()
        let (_, store) = try await Phone(folder.url).startUnlocked()
        let home = HomeModel(store)
        #expect({ if case .loading = home.content.state { true } else { false } }(), "nothing was loaded yet")
        await home.load()
        #expect(home.content.value?.isEmpty == true && home.content.value?.needsKit == true)
        let (inbox, consents, rights) = (InboxModel(store), ConsentsModel(store), RightsModel(store))
        let (connections, conflicts, rules) = (ConnectionsModel(store), ConflictsModel(store), RulesModel(store))
        await inbox.load()
        await consents.load()
        await rights.load()
        await connections.load()
        await conflicts.load()
        await rules.load()
        #expect(inbox.content.value?.isEmpty == true && consents.groups.isEmpty && rights.content.value?.isEmpty == true)
        #expect(connections.content.value?.isEmpty == true && conflicts.conflicts.state.isEmpty && rules.rules.state.isEmpty)
        let devices = DevicesModel(store)
        await devices.load()
        guard case .failed(let problem) = devices.devices.state else {
            Issue.record("there is no backup, and so no device")
            return
        }
        #expect(problem.code == "NoBackup" && !problem.sentence.isEmpty)
    }

    @Test func u1_long_work_tells_its_progress_and_is_cancelled() async throws {
        let world = try await World()
        try await world.fill()
        try await world.alice.close()
        let (wallet, store) = try await Phone(world.folder.url, relay: world.relay.url).startUnlocked()
        let kit = KitModel(store, wallet)
        await kit.load()
        await kit.make()
        world.relay.stun()
        let backup = BackupModel(store)
        let running = Task { await backup.run() }
        while !backup.act.isRunning { await Task.yield() }
        backup.act.cancel()
        await running.value
        #expect(!backup.act.isRunning && backup.act.problem == nil, "what was cancelled hasn't failed")
        world.relay.wake()
        await backup.run()
        #expect(backup.act.problem == nil && backup.status.value?.lastBackupAt != nil)

        let imports = ImportsModel(store)
        let notes = (0..<2000).map { #"{"text":"note \#($0)"}"# }.joined(separator: "\n")
        await imports.read(Data(notes.utf8), named: "notes.json")
        #expect((imports.plan?.records.count ?? 0) + (imports.plan?.leftOut.count ?? 0) > 0)
    }

    @Test func d1_a_long_list_is_read_page_by_page() async throws {
        let folder = try Folder()
        let alice = try await folder.alice()
        let notes = try (0..<120).map { try NewRecord(schema: Schemas.note, encoding: ["text": "note \($0)"]) }
        try await alice.records.add(notes)
        let area = try #require(try await alice.records.facets().areas.first).value
        try await alice.close()
        let (_, store) = try await Phone(folder.url).startUnlocked()
        let model = AreaModel(store, area: area)
        await model.load()
        #expect(model.records.count == 100 && model.hasMore)
        await model.loadMore()
        #expect(Set(model.records.map(\.id)).count == 120 && !model.hasMore)
    }

    @Test func a24_wrong_passphrases_wait_longer_each_time_and_a_restart_shortens_nothing() async throws {
        let folder = try Folder()
        try await folder.alice().close()
        let phone = Phone(folder.url, clock: Clock(isStopped: true))
        var unlock = UnlockModel(phone.start())
        await unlock.unlock()
        #expect(unlock.act.problem?.code == "PassphraseEmpty")
        var waits: [Int] = []
        for _ in 1...10 {
            unlock.passphrase = "not the passphrase"
            phone.clock.put(on: TimeInterval(unlock.waitSeconds))
            await unlock.unlock()
            #expect(unlock.act.problem?.wayForward == .typeAgain)
            waits.append(unlock.waitSeconds)
        }
        #expect(unlock.act.problem?.code == "ManyWrongTries")
        #expect(waits == [0, 0, 0, 15, 30, 60, 120, 240, 300, 300])

        phone.clock.put(on: -3600)
        unlock = UnlockModel(phone.start())
        #expect(unlock.waitSeconds == 300, "neither a restart nor another clock shortens it, or makes it longer")
        unlock.passphrase = passphrase
        await unlock.unlock()
        #expect(unlock.act.problem?.code == "Wait" && unlock.attempts.wrong == 10)
        phone.clock.put(on: 301)
        await unlock.unlock()
        #expect(unlock.act.problem == nil && unlock.attempts.wrong == 0)
    }

    @Test func a24_a_passphrase_that_could_not_be_tried_is_none_that_was_wrong() async throws {
        let folder = try Folder()
        try await folder.alice().close()
        let phone = Phone(folder.url)
        let store = try await Person.open(in: phone.store, platform: platform("Alice's phone"), passphrase: passphrase)
        let unlock = UnlockModel(phone.start())
        unlock.passphrase = passphrase
        await unlock.unlock()
        #expect(unlock.act.problem?.code == "InUse" && unlock.attempts == Attempts())
        #expect(UnlockModel(phone.start()).attempts == Attempts())
        try await store.close()
    }

    @Test func s5_locked_it_shows_nothing_and_comes_back_to_the_same_place() async throws {
        let folder = try Folder()
        try await folder.alice().close()
        let phone = Phone(folder.url)
        let (wallet, _) = try await phone.startUnlocked()
        wallet.start(at: .consents)
        wallet.left()
        #expect(wallet.isCovered, "nothing is seen in the app switcher")
        phone.clock.put(on: 30)
        await wallet.returned()
        #expect(!wallet.isCovered && wallet.screen == .at(.consents))
        wallet.left()
        phone.clock.put(on: 61)
        await wallet.returned()
        #expect(wallet.screen == .unlock && wallet.store == nil)
        let unlock = UnlockModel(wallet)
        unlock.passphrase = passphrase
        await unlock.unlock()
        #expect(wallet.screen == .at(.consents))
        await wallet.lock()
    }

    @Test func s5_the_phones_own_lock_opens_the_wallet() async throws {
        let folder = try Folder()
        let area = try SoftwareSecureArea(secret: Data(repeating: 7, count: 32))
        let phone = Phone(folder.url, secureArea: area)
        let wallet = phone.start()
        let create = CreateModel(wallet)
        (create.passphrase, create.again, create.unlocksWithDevice) = (passphrase, passphrase, true)
        await create.create()
        await wallet.lock()
        let next = phone.start()
        let unlock = UnlockModel(next)
        #expect(unlock.offersDevice)
        await unlock.unlockWithDevice()
        #expect(next.screen == .at(.kit), "where it was left")
        await next.lock()
    }

    @Test func s5_a_link_waits_until_the_wallet_is_open() async throws {
        let world = try await World()
        try await world.fill()
        try await world.alice.close()
        let hosted = try await world.request()
        let wallet = Phone(world.folder.url).start()
        wallet.follow(hosted.uri)
        #expect(wallet.screen == .unlock)
        let unlock = UnlockModel(wallet)
        unlock.passphrase = passphrase
        await unlock.unlock()
        #expect(wallet.screen == .at(.scan))
        let scan = ScanModel(try #require(wallet.store), wallet)
        await scan.followLink()
        guard case .at(.request) = wallet.screen else {
            Issue.record("not at the request: \(wallet.screen)")
            return
        }
        await wallet.lock()
    }
}
