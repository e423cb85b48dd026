// A store whose files somebody has changed: it is said, nothing of it is believed, and there is a way on. K5.

import Foundation
import Kist
import KistWorld
import Testing
import WalletModels
import WalletWorld

@MainActor @Suite(.timeLimit(.minutes(5))) struct DamageTests {
    @Test func k5_a_store_that_was_tampered_with_is_not_opened_and_is_restored_from_its_backup() async throws {
        let world = try await World()
        try await world.fill()
        let kit = try await world.alice.backup.setUp(on: world.relay.url)
        _ = try await world.alice.backup.run().value
        try await world.alice.close()
        let phone = Phone(world.folder.url)
        try phone.damage(from: 0)
        let damaged = try Data(contentsOf: phone.file)

        let wallet = phone.start()
        let unlock = UnlockModel(wallet)
        unlock.passphrase = passphrase
        await unlock.unlock()
        #expect(unlock.act.problem?.isDamage == true && unlock.attempts.wrong == 0)
        wallet.seeDamage()
        #expect(wallet.screen == .damaged)
        let model = DamagedModel(wallet)
        await model.restore()
        #expect(model.act.problem == nil && wallet.screen == .restore)
        let restore = RestoreModel(wallet)
        restore.code = kit.uri
        (restore.passphrase, restore.again) = (passphrase, passphrase)
        await restore.restore()
        await restore.confirm()
        #expect(restore.report?.records == 4, "\(String(describing: restore.act.problem))")
        restore.finish()
        #expect(wallet.screen == .at(.home))
        await wallet.lock()

        let names = try FileManager.default.contentsOfDirectory(atPath: phone.folder.path)
        let aside = try #require(names.first { $0.hasPrefix("alice-damaged-") })
        let kept = try Data(contentsOf: phone.folder.appendingPathComponent("\(aside)/vault/store.kist"))
        #expect(kept == damaged, "what is damaged is kept as it is")
    }

    @Test func k5_damage_that_shows_only_when_it_is_read_leads_to_the_same_place() async throws {
        let folder = try Folder()
        let alice = try await folder.alice()
        let notes = try (0..<200).map {
            try NewRecord(schema: Schemas.note, encoding: ["text": String(repeating: "Note \($0) ", count: 20)])
        }
        try await alice.records.add(notes)
        try await alice.close()
        let phone = Phone(folder.url)
        try phone.damage(from: 0.5)
        let (wallet, store) = try await phone.startUnlocked()
        let home = HomeModel(store)
        await home.load()
        guard case .failed(let problem) = home.content.state else {
            Issue.record("the damage wasn't seen")
            return
        }
        #expect(problem.isDamage && problem.wayForward == .restore)
        wallet.seeDamage()
        let model = DamagedModel(wallet)
        model.leave()
        #expect(wallet.screen == .at(.home))
        wallet.seeDamage()
        await model.restore()
        #expect(wallet.screen == .restore && wallet.store == nil)
        #expect(try !Person.exists(in: phone.store))
        wallet.begin(.welcome)
        #expect(wallet.screen == .welcome)
    }
}

extension Phone {
    fileprivate var file: URL { store.appendingPathComponent("vault/store.kist") }

    /// Changes a byte of each page from this part of the file on; never of the first.
    fileprivate func damage(from part: Double) throws {
        let page = 4096
        var bytes = try Data(contentsOf: file)
        for number in max(1, Int(Double(bytes.count / page) * part))..<(bytes.count / page) { bytes[number * page + 100] &+= 1 }
        try bytes.write(to: file)
    }
}
