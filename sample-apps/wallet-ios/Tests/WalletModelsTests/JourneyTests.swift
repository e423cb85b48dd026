// The journeys of the wallet, by its models alone: setting up, the clinic's desk, moving home. J1, J2, J3.

import Foundation
import Kist
import KistWorld
import Testing
import WalletModels
import WalletWorld

@MainActor @Suite(.timeLimit(.minutes(5))) struct JourneyTests {
    // MARK: J1

    @Test func j1_from_the_welcome_to_the_first_connection() async throws {
        let world = try await World()
        let phone = Phone(world.folder.path("new-phone"), relay: world.relay.url)
        let wallet = phone.start()
        #expect(wallet.screen == .welcome)
        await practises(wallet)
        let store = try await creates(wallet)
        try await hasTheKit(store, wallet)
        try await firstData(store, wallet)
        try await firstConnection(world, store, wallet)
    }

    /// A make-believe clinic: nothing is ticked that isn't required, and nothing is made of it.
    private func practises(_ wallet: WalletModel) async {
        wallet.begin(.practice)
        #expect(wallet.screen == .practice)
        let practice = PracticeModel(wallet.words)
        await practice.scan()
        let optional = practice.request.parts.flatMap(\.fields).filter { !$0.required }
        #expect(!optional.isEmpty && optional.allSatisfy { !practice.request.isChosen($0) })
        #expect(optional.contains { !$0.overAsking.isEmpty })
        await practice.answer()
        #expect(practice.step == .receipt)
        practice.withdraw()
        #expect(practice.step == .withdrawn)
        #expect((try? Person.exists(in: wallet.device.store)) == false)
        wallet.begin(.create)
    }

    private func creates(_ wallet: WalletModel) async throws -> OpenStore {
        let create = CreateModel(wallet)
        create.passphrase = "too short"
        await create.create()
        #expect(create.act.problem?.code == "PassphraseShort")
        (create.passphrase, create.again) = (passphrase, "another passphrase")
        await create.create()
        #expect(create.act.problem?.code == "PassphrasesDiffer")
        create.again = passphrase
        await create.create()
        #expect(create.act.problem == nil && create.passphrase.isEmpty)
        #expect(wallet.screen == .at(.kit))
        return try #require(wallet.store)
    }

    /// The kit is checked by a part of it; an app that is killed before that still shows it.
    private func hasTheKit(_ store: OpenStore, _ wallet: WalletModel) async throws {
        let first = KitModel(store, wallet)
        await first.load()
        #expect(first.step == .relay)
        await first.make()
        #expect(first.step == .kit && first.groups.count == 7)

        let kit = KitModel(store, wallet)
        await kit.load()
        #expect(kit.groups == first.groups)
        kit.haveIt()
        kit.typed = "nonsense"
        await kit.check()
        #expect(kit.step == .check && kit.act.problem?.code == "KitGroupDiffers")
        kit.typed = kit.groups[kit.askedGroup - 1].lowercased()
        await kit.check()
        #expect(kit.step == .done && kit.kit == nil && kit.act.problem == nil)
        let backup = BackupModel(store)
        await backup.load()
        #expect(backup.status.value?.lastBackupAt != nil && !backup.isKitUnchecked)
        await backup.rehearse()
        #expect(backup.rehearsal?.sequence == 1)
        wallet.start(at: .home)
    }

    /// A form with a field that is missing, and a file of which one thing is left out.
    private func firstData(_ store: OpenStore, _ wallet: WalletModel) async throws {
        let kinds = KindsModel(store)
        await kinds.load()
        #expect(kinds.areas.value?.flatMap(\.kinds).contains { $0.uri == Schemas.address } == true)
        let edit = EditModel(store, .new(schema: Schemas.address))
        await edit.load()
        let fields = try #require(edit.form.value).fields
        edit.type("12 Wrenfield Lane", into: try #require(fields.first { $0.id == "/street_address" }))
        await edit.save()
        #expect(edit.problems.keys.sorted() == ["/locality"] && edit.saved == nil)
        edit.type("Edinburgh", into: try #require(fields.first { $0.id == "/locality" }))
        await edit.save()
        let saved = try #require(edit.saved)
        let record = RecordModel(store, id: saved)
        await record.load()
        #expect(record.content.value?.fields.map(\.member).sorted() == ["/locality", "/street_address"])
        #expect(record.content.value?.record.provenance.source == .selfAsserted)

        let imports = ImportsModel(store)
        await imports.read(Data(card.utf8), named: "me.vcf")
        #expect(imports.plan?.records.count == 3 && imports.count == 3)
        let phone = try #require(imports.plan?.records.firstIndex { $0.schema == Schemas.phone })
        imports.setTaken(false, at: phone)
        #expect(imports.count == 2)
        await imports.take()
        #expect(imports.report?.added.count == 2)

        let search = SearchModel(store)
        await search.type("canaryw")
        #expect(search.hits.value?.count == 1)
        let home = HomeModel(store)
        await home.load()
        #expect(home.content.value?.areas.isEmpty == false && home.content.value?.needsKit == false)
    }

    /// A letter of the clinic, its request, and an answer.
    private func firstConnection(_ world: World, _ store: OpenStore, _ wallet: WalletModel) async throws {
        let settings = SettingsModel(store, wallet)
        await settings.believe(try await world.framework.publish(validDays: 30))
        #expect(settings.content.value?.frameworks.map(\.label) == ["Harbour Trust"])
        let asked = asking(for: [part("name", Schemas.name, ["given_name", "family_name"])])
        let letter = try await world.clinic.invitations.letter(InvitationSpec(requests: [asked], days: 30))

        let connections = ConnectionsModel(store)
        (connections.given, connections.letterRelay) = (letter.code, letter.relay)
        await connections.introduce()
        let contact = try #require(connections.found.first)
        #expect(contact.organisation == "Riverside Clinic" && contact.byLetter)
        await connections.contact(contact, for: try #require(contact.uses.first))
        #expect(connections.content.value?.organisations.first?.state == .waiting)

        guard case .knocked(_, _, let hosted, _) = try await world.clinic.refreshInbox().last else {
            Issue.record("nobody knocked")
            return
        }
        let inbox = InboxModel(store)
        await inbox.refresh()
        let came = try #require(inbox.content.value?.requests.first)
        let request = RequestModel(store, wallet, id: came.id)
        await request.load()
        #expect(request.canAnswer)
        await request.answer()
        #expect(try await world.clinic.requests.collect(hosted, waiting: .seconds(5)) != nil)
        await inbox.refresh()
        await connections.load()
        #expect(connections.content.value?.organisations.first?.state == .open)
        #expect(connections.content.value?.organisations.first?.consents.map(\.state) == [.inForce])
    }

    private let card = """
        BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Alice Canarywood\r\nN:Canarywood;Alice;;;\r\nBDAY:19840321\r\n\
        TEL;TYPE=cell:07700 900461\r\nEND:VCARD\r\n
        """

    // MARK: J2

    @Test func j2_at_the_clinics_desk() async throws {
        let world = try await World()
        try await world.fill()
        try await world.alice.close()
        let (wallet, store) = try await Phone(world.folder.url).startUnlocked()
        let hosted = try await world.request()

        wallet.go(to: .scan)
        await ScanModel(store, wallet).choose(try QRCode.picture(of: hosted.uri))
        guard case .at(.request(let id)) = wallet.screen else {
            Issue.record("not at the request: \(wallet.screen)")
            return
        }
        let consent = try await decides(RequestModel(store, wallet, id: id))
        let answer = try #require(try await world.clinic.requests.collect(hosted.id, waiting: .seconds(5)))
        #expect(answer.agreement == consent)
        let given = try answer.fields.map { try $0.value(as: String.self) }
        #expect(Set(given) == ["Alice", "Canarywood", "1984-03-21", "12 Wrenfield Lane", "Edinburgh", "EH6 6AB"])

        wallet.replace(with: .receipt(consent: consent))
        let receipt = ReceiptModel(store, consent: consent)
        await receipt.load()
        #expect(!receipt.isSigned)
        await receipt.refresh()
        #expect(receipt.isSigned)
        await receipt.makePage()
        #expect(receipt.page?.contains("Riverside Clinic") == true)
        try await receives(world, store, under: consent)
        try await takesItBack(world, store, consent)

        let history = HistoryModel(store)
        await history.load()
        #expect(history.shown.first?.kind == "WithdrawalAcknowledged")
        let said = history.shown.map(store.words.happened)
        #expect(said.first == "Riverside Clinic knows that you took it back", "\(said)")
        #expect(said.contains("Riverside Clinic sent you: Vaccination"), "\(said)")
        #expect(said.allSatisfy { !$0.contains("{") && !$0.hasPrefix("history.") })
        await history.verify()
        #expect(history.verified?.entries == UInt64(history.shown.count))
        let place = try String(contentsOf: Phone(world.folder.url).place, encoding: .utf8)
        for word in ["Canarywood", "Wrenfield", "07700", "1984-03-21", "Riverside"] {
            #expect(!place.contains(word), "where the app was left says nothing of the person")
        }
    }

    /// Who, why, what; nothing optional is ticked; what she ticks and unticks isn't given.
    private func decides(_ request: RequestModel) async throws -> String {
        await request.load()
        let evaluation = try #require(request.evaluation)
        #expect(evaluation.asker.organisation.name == "Riverside Clinic")
        #expect(evaluation.asker.framework == "Harbour Trust")
        let parts = request.parts
        #expect(parts.map(\.isRequired) == [true, true, true, false], "what is required comes first")
        let optional = try #require(parts.last?.fields.first)
        #expect(!request.isChosen(optional), "K3: nothing optional is ticked")
        #expect(request.match(of: optional)?.values.map { JSONValue.plain($0.value) } == ["07700 900461"])
        request.setChosen(true, optional)
        #expect(request.isChosen(optional))
        request.setChosen(false, optional)
        let required = try #require(parts.first?.fields.first)
        request.setChosen(false, required)
        #expect(request.isChosen(required), "what is required goes only with a refusal")
        #expect(request.canAnswer)
        await request.answer()
        guard case .agreed(let consent) = request.outcome else {
            throw WorldError(description: "\(String(describing: request.sending.problem))")
        }
        return consent
    }

    private func receives(_ world: World, _ store: OpenStore, under consent: String) async throws {
        _ = try await world.deliverVaccination(under: consent)
        let home = HomeModel(store)
        await home.refresh()
        let new = try #require(home.content.value?.new.first)
        let record = RecordModel(store, id: new.id)
        await record.load()
        #expect(record.content.value?.record.provenance.verifiedBy == "Riverside Clinic")
        #expect(record.content.value?.fields.allSatisfy { $0.freshness == .fresh } == true)
    }

    private func takesItBack(_ world: World, _ store: OpenStore, _ id: String) async throws {
        let consent = ConsentModel(store, id: id)
        await consent.load()
        await consent.withdraw()
        #expect(consent.summary?.state == .withdrawn && consent.summary?.withdrawal?.state == .sent)
        let told = try await world.clinic.refreshInbox()
        #expect(told.contains { if case .withdrawn(id, _) = $0 { true } else { false } }, "\(told)")
        await InboxModel(store).refresh()
        await consent.load()
        #expect(consent.summary?.state == .withdrawalAcknowledged)
    }

    // MARK: J3

    @Test func j3_an_address_changed_once_reaches_everybody_and_a_second_form_needs_no_typing() async throws {
        let world = try await World()
        try await world.fill()
        let asks = [Schemas.address: ["street_address", "locality"]]
        let council = try await world.admit(Member("Harbour Council", "GB-COH-00002001", asks: asks))
        let power = try await world.admit(Member("Island Power", "GB-COH-00005001", asks: asks))
        try await world.takeNewestList()
        let home = [part("home", Schemas.address, ["street_address", "locality"])]
        let standing = Rights(read: true, deliver: false, update: true)
        var agreements: [(Organisation, String)] = []
        for organisation in [world.clinic, council] {
            agreements.append((organisation, try await world.share(with: organisation, home, rights: standing)))
        }
        try await world.alice.close()
        let (wallet, store) = try await Phone(world.folder.url).startUnlocked()

        let search = SearchModel(store)
        await search.type("wrenfield")
        let edit = EditModel(store, .record(try #require(search.hits.value?.first).record.id))
        await edit.load()
        let street = try #require(edit.form.value?.fields.first { $0.id == "/street_address" })
        #expect(edit.typed[street.id] == "12 Wrenfield Lane")
        edit.type("1 Pier Road", into: street)
        await edit.save()
        #expect(edit.saved != nil)
        await HomeModel(store).refresh()
        for (organisation, agreement) in agreements {
            try await organisation.refreshInbox()
            let received = try await organisation.agreements.get(agreement).received
            #expect(try received.map { try $0.value(as: String.self) }.contains("1 Pier Road"))
        }

        // Another organisation's form: every answer is there, and nothing has to be typed.
        let hosted = try await power.requests.create(asking(for: home))
        await ScanModel(store, wallet).open(hosted.uri)
        guard case .at(.request(let id)) = wallet.screen else {
            Issue.record("not at the request: \(wallet.screen)")
            return
        }
        let request = RequestModel(store, wallet, id: id)
        await request.load()
        #expect(request.canAnswer)
        await request.answer()
        let answer = try #require(try await power.requests.collect(hosted.id, waiting: .seconds(5)))
        #expect(try answer.fields.map { try $0.value(as: String.self) }.sorted() == ["1 Pier Road", "Edinburgh"])
    }
}
