// What a person does with records besides writing them.

import Foundation
import Kist
import KistWorld
import Testing

@Suite(.timeLimit(.minutes(2))) struct CurationTests {
    private func address(_ street: String, postcode: String? = nil) throws -> NewRecord {
        var members = ["street_address": street, "locality": "Cardiff", "kind": "home"]
        members["postal_code"] = postcode
        return try NewRecord(schema: Schemas.address, encoding: members)
    }

    @Test func d2_two_addresses_differ_and_are_settled_by_choice() async throws {
        let folder = try Folder()
        let alice = try await folder.alice()
        let bute = try await alice.records.add(address("12 Bute Street"))
        let castle = try await alice.records.add(address("3 Castle Street", postcode: "CF10 1BT"))
        let conflict = try #require(try await alice.curation.conflicts().first)
        #expect(conflict.kind == .differing)
        #expect(conflict.sides.map(\.id.record) == [bute.id, castle.id])
        let street = try #require(conflict.members.first { $0.member == "/street_address" })
        #expect(!street.same)
        #expect(try street.fields[1]?.value(as: String.self) == "3 Castle Street")

        let choice = MemberChoice(member: "/postal_code", side: conflict.sides[1].id)
        try await alice.curation.settle(conflict, as: .merge(into: conflict.sides[0].id, members: [choice]))
        #expect(try await alice.curation.conflicts().isEmpty)
        #expect(try await alice.records.list().map(\.id) == [bute.id])
        #expect(try await alice.curation.marks(of: castle.id).replacedBy == bute.id)
        let postcode = try await alice.curation.fields(of: bute.id).first { $0.member == "/postal_code" }
        #expect(try postcode?.value(as: String.self) == "CF10 1BT")
        #expect(postcode?.freshness == .fresh)
        let replaced = try await alice.records.list(RecordFilter(place: .replaced))
        #expect(replaced.map(\.id) == [castle.id])
    }

    @Test func d5_what_expires_is_reminded_of_and_the_trash_gives_back() async throws {
        let folder = try Folder()
        let alice = try await folder.alice()
        let expires = String(Date(timeIntervalSinceNow: 60 * 24 * 3600).ISO8601Format().prefix(10))
        let members = ["number": "123456789", "country": "GB", "expires": expires]
        let passport = try await alice.records.add(
            NewRecord(schema: "urn:kist:schema:passport:1", encoding: members))
        guard case .record(let reminder) = try await alice.reminders().first else {
            Issue.record("not reminded")
            return
        }
        #expect(reminder.record == passport.id && reminder.date == expires)
        try await alice.curation.snooze(reminder, until: expires)
        #expect(try await alice.reminders().isEmpty)
        #expect(try await alice.reminders(daysAhead: 90).count == 1)

        let facets = try await alice.records.facets()
        #expect(facets.areas.map(\.records) == [1] && facets.schemas.map(\.value) == [passport.schema])
        #expect(facets.selfAsserted == 1 && facets.organisations.isEmpty)
        let page = try await alice.records.page(limit: 1)
        #expect(page.records.map(\.id) == [passport.id])
        #expect(try await alice.records.page(after: page.next, limit: 1).records.isEmpty)

        try await alice.curation.setFavourite(true, of: passport.id)
        try await alice.curation.trash(passport.id)
        #expect(try await alice.records.list().isEmpty)
        try await alice.curation.restore(passport.id)
        #expect(try await alice.records.list(RecordFilter(favourites: true)).count == 1)
    }

    @Test func d1_labels_and_files_change_in_one_version() async throws {
        let folder = try Folder()
        let alice = try await folder.alice()
        let bute = try await alice.records.add(address("12 Bute Street"))
        let photo = try await alice.files.attach(Data("photo".utf8), named: "photo.png")
        let edit = RecordEdit(tags: ["old", "family"], attach: photo.files.map(\.id))
        let edited = try await alice.records.edit(bute.id, edit)
        try await alice.records.delete(photo.id)
        #expect(try await alice.records.get(bute.id).files.map(\.name) == ["photo.png"])
        try await alice.records.edit(
            bute.id, RecordEdit(area: "home", tags: ["old"], detach: edited.files.map(\.id)))
        let changes = try await alice.curation.changes(of: bute.id)
        #expect(changes[1].tagsAdded == ["old", "family"] && changes[1].filesAdded.map(\.name) == ["photo.png"])
        #expect(changes[2].areaBefore == "identity" && changes[2].tagsRemoved == ["family"])
        #expect(changes[2].filesRemoved.map(\.name) == ["photo.png"] && changes[2].changes.isEmpty)
        #expect(try await alice.records.facets().tags == [Facet(value: "old", records: 1)])
    }

    @Test func o5_a_form_is_filled_from_the_store() async throws {
        let folder = try Folder()
        let alice = try await folder.alice()
        try await alice.records.add(address("12 Bute Street"))
        let form = [
            FormField(name: "street", wants: "urn:kist:schema:address:1#/street_address", required: true),
            FormField(name: "email", wants: "oidc:email", required: true),
        ]
        let filled = try await alice.curation.fill(form)
        #expect(try filled.fields[0].value?.field.value(as: String.self) == "12 Bute Street")
        #expect(filled.missing == ["email"])
        #expect(filled.filled == 1 && filled.keystrokes == 14)
        try await alice.curation.keep([FormAnswer("email", encoding: "alice@example.org")], to: form)
        #expect(try await alice.curation.fill(form).missing.isEmpty)
    }
}
