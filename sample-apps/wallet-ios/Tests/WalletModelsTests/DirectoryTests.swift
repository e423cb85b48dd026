// Organisations that are found in a framework's directory, by its address. H2.

import Foundation
import Kist
import KistWorld
import Testing
import WalletModels
import WalletWorld

@MainActor @Suite(.timeLimit(.minutes(5))) struct DirectoryTests {
    @Test func h2_an_organisation_is_found_in_a_directory_by_its_address_and_contacted() async throws {
        let (world, server) = (try await World(), try LocalServer())
        try await world.alice.close()
        let (_, store) = try await Phone(world.folder.url).startUnlocked()
        let model = DirectoryModel(store)
        await model.load()
        #expect(model.content.value?.believesOne == true && model.shown.isEmpty)
        await model.fetch()
        #expect(model.act.problem?.code == "DirectoryAddressEmpty")
        model.address = "\(server.url)/nowhere.json"
        await model.fetch()
        #expect(model.act.problem?.code == "DirectoryMissing" && model.address == "\(server.url)/nowhere.json")
        model.address = server.publish("no directory", at: "/text")
        await model.fetch()
        #expect(model.act.problem?.code == "DirectoryUnreadable")

        model.address = " \(server.publish(try await directory(world.clinic), at: "/directory.json")) "
        await model.fetch()
        #expect(model.act.problem == nil && model.fetched == 1 && model.address.isEmpty)
        let clinic = try #require(model.shown.first)
        #expect(clinic.contact.organisation == "Riverside Clinic" && !clinic.isKnown)
        await model.contact(clinic.contact, for: try #require(clinic.contact.uses.first))
        #expect(model.shown.first?.isKnown == true)
        let told = try await world.clinic.refreshInbox()
        #expect(told.contains { if case .knocked = $0 { true } else { false } }, "\(told)")
    }

    @Test func h2_a_directory_is_followed_looked_through_by_name_and_there_without_a_network() async throws {
        let world = try await World()
        var server: LocalServer? = try LocalServer()
        let council = try await world.admit(
            Member("Harbour Council", "GB-COH-00002001", asks: [Schemas.name: ["given_name"]]))
        try await world.takeNewestList()
        let address = try #require(server?.publish(try await directory(world.clinic), at: "/directory.json"))
        _ = try await world.alice.connections.fetchDirectory(at: address)
        try await world.alice.close()
        _ = server?.publish(try await directory(world.clinic, council), at: "/directory.json")
        let (_, store) = try await Phone(world.folder.url).startUnlocked()
        let model = DirectoryModel(store)
        await model.refresh()
        #expect(model.act.problem == nil)
        #expect(Set(model.shown.map(\.contact.organisation)) == ["Riverside Clinic", "Harbour Council"])
        model.sought = " river"
        #expect(model.shown.map(\.contact.organisation) == ["Riverside Clinic"])
        model.sought = "museum"
        #expect(model.shown.isEmpty)
        server = nil
        await model.refresh()
        #expect(model.act.problem?.code == "DirectoryUnreachable" && model.act.problem?.isOffline == true)
        model.sought = ""
        #expect(model.shown.count == 2, "what was fetched is there")
    }

    @Test func h2_without_a_framework_nobody_is_listed() async throws {
        let folder = try Folder()
        try await folder.alice().close()
        let (_, store) = try await Phone(folder.url).startUnlocked()
        let model = DirectoryModel(store)
        await model.load()
        #expect(model.content.value?.believesOne == false && model.shown.isEmpty)
    }

    /// The directory that has an invitation of each.
    private func directory(_ members: Organisation...) async throws -> String {
        let asked = asking(for: [part("name", Schemas.name, ["given_name"])])
        var invitations: [String] = []
        for member in members {
            invitations.append(try await member.invitations.publish(InvitationSpec(requests: [asked], days: 30)).invitation)
        }
        return try Framework.directory(of: invitations)
    }
}
