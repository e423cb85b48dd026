// What people scan, paste and type that isn't what it should be: each a sentence with a way forward, and nothing lost.

import Foundation
import Kist
import KistWorld
import Testing
import WalletModels
import WalletWorld

@MainActor @Suite(.timeLimit(.minutes(5))) struct BadInputTests {
    @Test func a29_a_code_for_linking_a_device_is_named_and_nothing_is_given() async throws {
        let folder = try Folder()
        try await folder.alice().close()
        let (wallet, store) = try await Phone(folder.url).startUnlocked()
        wallet.go(to: .scan)
        let scan = ScanModel(store, wallet)
        await scan.choose(try QRCode.picture(of: "kist-device:abc"))
        let problem = try #require(scan.act.problem)
        #expect(problem.code == "WrongPurpose" && problem.wayForward == .scanAgain)
        #expect(problem.sentence.contains("another device"), "\(problem.sentence)")
        #expect(wallet.screen == .at(.scan))
        #expect(try await store.person.consents.list().isEmpty)
    }

    @Test func h1_a_picture_without_a_code_and_a_text_that_is_no_request_are_told() async throws {
        let folder = try Folder()
        try await folder.alice().close()
        let (wallet, store) = try await Phone(folder.url).startUnlocked()
        let scan = ScanModel(store, wallet)
        await scan.choose(LumaPicture(width: 64, height: 64, pixels: Data(repeating: 255, count: 64 * 64)))
        #expect(scan.act.problem?.code == "NotARequest" && scan.act.problem?.wayForward == .scanAgain)
        scan.text = "https://example.org/"
        await scan.openText()
        #expect(scan.act.problem?.code == "NotARequest")
        #expect(scan.text == "https://example.org/", "what was typed stays")
        scan.text = String(repeating: "a", count: 1 << 20)
        await scan.openText()
        #expect(scan.act.problem != nil && scan.text.count == 1 << 20)
        scan.unreadablePicture()
        #expect(scan.act.problem?.code == "ImageUnreadable")
        await scan.frame(LumaPicture(width: 64, height: 64, pixels: Data(repeating: 255, count: 64 * 64)))
        #expect(scan.act.problem?.code == "ImageUnreadable", "a frame of the camera without a code is nothing")
    }

    @Test func h1_a_request_that_has_expired_says_so_and_is_answered_no_more() async throws {
        let world = try await World()
        try await world.fill()
        try await world.alice.close()
        let phone = Phone(world.folder.url)
        let (wallet, store) = try await phone.startUnlocked()
        let hosted = try await world.request()
        await ScanModel(store, wallet).open(hosted.uri)
        guard case .request(let id) = wallet.path.last else {
            Issue.record("no request")
            return
        }
        let request = RequestModel(store, wallet, id: id)
        await request.load()
        #expect(request.canAnswer)
        phone.clock.put(on: 601)
        #expect(request.isExpired && !request.canAnswer)
        try await world.clinic.requests.close(hosted.id)
        let scan = ScanModel(store, wallet)
        await scan.open(hosted.uri)
        #expect(scan.act.problem.map { !$0.sentence.isEmpty } == true)
    }

    @Test func a22_an_organisation_that_is_suspended_while_its_request_is_open_gets_nothing() async throws {
        let world = try await World()
        try await world.fill()
        try await world.alice.close()
        let (wallet, store) = try await Phone(world.folder.url).startUnlocked()
        let hosted = try await world.request()
        await ScanModel(store, wallet).open(hosted.uri)
        guard case .request(let id) = wallet.path.last else {
            Issue.record("no request")
            return
        }
        let request = RequestModel(store, wallet, id: id)
        await request.load()
        try await world.framework.suspend("GB-COH-01234567")
        struct Bundle: Decodable { let list: String }
        let published = try await world.framework.publish(validDays: 30)
        let bundle = try JSONDecoder().decode(Bundle.self, from: Data(published.utf8))
        try await store.person.trust.update("Harbour Trust", to: bundle.list)

        await request.answer()
        #expect(request.outcome == nil)
        #expect(request.sending.problem?.code == "OrganisationNotTrusted")
        #expect(request.sending.problem?.wayForward == .askThem)
        #expect(try await store.person.consents.list().isEmpty)
        await request.refuse()
        #expect(request.outcome == .refused)
    }

    @Test func d1_a_megabyte_in_a_field_is_kept_on_the_screen_and_told() async throws {
        let folder = try Folder()
        try await folder.alice().close()
        let (_, store) = try await Phone(folder.url).startUnlocked()
        let edit = EditModel(store, .new(schema: Schemas.address))
        await edit.load()
        let fields = try #require(edit.form.value).fields
        let street = try #require(fields.first { $0.id == "/street_address" })
        edit.type(String(repeating: "x", count: 1 << 20), into: street)
        #expect(edit.problems[street.id]?.code == "rule.Long")
        edit.type("Edinburgh", into: try #require(fields.first { $0.id == "/locality" }))
        await edit.save()
        #expect(edit.saved == nil && edit.typed[street.id]?.count == 1 << 20)
        edit.type("12 Bute Street", into: street)
        await edit.save()
        #expect(edit.saved != nil && edit.problems.isEmpty)
    }

    @Test func a3_a_restore_asks_whether_it_is_the_newest_and_names_a_mistyped_group() async throws {
        let world = try await World()
        try await world.fill()
        let kit = try await world.alice.backup.setUp(on: world.relay.url)
        _ = try await world.alice.backup.run().value
        try await world.alice.close()
        let wallet = Phone(world.folder.path("new-phone")).start()
        wallet.begin(.restore)
        let restore = RestoreModel(wallet)
        restore.code = String(kit.code.dropLast()) + (kit.code.last == "0" ? "2" : "0")
        #expect(restore.codeProblem?.code == "RecoveryCodeMistyped")
        restore.scanned(try QRCode.picture(of: kit.uri))
        #expect(restore.code == kit.uri)
        (restore.passphrase, restore.again) = (passphrase, passphrase)
        await restore.restore()
        #expect(restore.found?.deviceName == "Alice's phone" && restore.report == nil)
        #expect(wallet.screen == .restore)
        await restore.confirm()
        #expect(restore.report?.records == 4, "\(String(describing: restore.act.problem))")
        restore.finish()
        #expect(wallet.screen == .at(.home))
        await wallet.lock()
    }
}
