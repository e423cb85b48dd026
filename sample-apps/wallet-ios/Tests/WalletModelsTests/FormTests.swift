// Forms that schemas make, and records that keep what no form knows. D1.

import Foundation
import Kist
import KistWorld
import Testing
import WalletModels
import WalletWorld

@MainActor @Suite(.timeLimit(.minutes(2))) struct FormTests {
    @Test func d4_every_schema_has_a_form_with_what_it_requires_first() async throws {
        let folder = try Folder()
        try await folder.alice().close()
        let (_, store) = try await Phone(folder.url).startUnlocked()
        for schema in try store.person.records.schemas() {
            let form = RecordForm(schema: schema.schema)
            #expect(!form.fields.isEmpty, "\(schema.uri)")
            #expect(Set(form.fields.map(\.id)).count == form.fields.count, "\(schema.uri)")
        }
    }

    @Test func d1_what_a_form_does_not_know_stays_in_the_record() async throws {
        let folder = try Folder()
        try await folder.alice().close()
        let (_, store) = try await Phone(folder.url).startUnlocked()
        let body = #"{"street_address":"12 Bute Street","locality":"Cardiff","what3words":["a","b"],"kind":"home"}"#
        let record = try await store.person.records.add(
            NewRecord(schema: Schemas.address, body: body, tags: [], files: []))
        let edit = EditModel(store, .record(record.id))
        await edit.load()
        let fields = try #require(edit.form.value).fields
        edit.type("Newport", into: try #require(fields.first { $0.id == "/locality" }))
        edit.type("", into: try #require(fields.first { $0.id == "/kind" }))
        await edit.save()
        let saved = try await store.person.records.get(try #require(edit.saved))
        #expect(
            JSONValue(json: saved.body)
                == JSONValue(json: #"{"street_address":"12 Bute Street","locality":"Newport","what3words":["a","b"]}"#))
        #expect(saved.id == record.id && saved.revision == record.revision + 1)
    }

    @Test func d1_a_record_that_is_there_is_given_other_labels_and_files_in_one_version() async throws {
        let folder = try Folder()
        let alice = try await folder.alice()
        let plan = try await alice.files.attach(Data("a plan".utf8), named: "plan.txt")
        // A number where a text belongs: the person kept it so.
        let body = #"{"street_address":"7 Larch Lane","locality":7}"#
        let record = try await alice.records.add(
            NewRecord(
                schema: Schemas.address, body: body, tags: ["house"], files: plan.files.map(\.id), keepViolations: true))
        try await alice.records.delete(plan.id)
        try await alice.close()
        let (_, store) = try await Phone(folder.url).startUnlocked()
        let edit = EditModel(store, .record(record.id))
        await edit.load()
        #expect(edit.labels == "house" && edit.area == record.area && edit.areas.contains("home"))
        edit.labels = " family, Orkney,, family "
        edit.area = "home"
        await edit.attachments.remove(try #require(edit.attachments.files.first))
        let lease = folder.path("lease.txt")
        try Data("a lease".utf8).write(to: lease)
        await edit.attachments.add(lease)
        #expect(edit.attachments.files.map(\.file.name) == ["lease.txt"])
        await edit.save()
        #expect(edit.saving.problem == nil && edit.problems.isEmpty, "what it says isn't held against anything")

        let saved = try await store.person.records.get(try #require(edit.saved))
        #expect(saved.revision == record.revision + 1 && saved.body == record.body)
        #expect(saved.area == "home" && saved.tags == ["family", "Orkney"] && saved.files.map(\.name) == ["lease.txt"])
        #expect(try await store.person.records.list().map(\.id) == [record.id], "no document is left behind")
    }

    @Test func d1_files_taken_in_for_a_record_go_when_it_is_not_saved_and_an_edit_without_a_change_writes_nothing() async throws {
        let folder = try Folder()
        try await folder.alice().close()
        let (_, store) = try await Phone(folder.url).startUnlocked()
        let record = try await store.person.records.add(
            NewRecord(schema: Schemas.note, body: #"{"text":"A note"}"#, tags: ["one, with a comma"]))
        let edit = EditModel(store, .record(record.id))
        await edit.load()
        let file = folder.path("file.txt")
        try Data("of no use".utf8).write(to: file)
        await edit.attachments.add(file)
        await edit.giveUp()
        #expect(try await store.person.records.list().map(\.id) == [record.id])
        await edit.save()
        #expect(edit.saved == record.id)
        #expect(try await store.person.records.get(record.id).revision == record.revision)
        await edit.attachments.add(folder.path("nowhere.txt"))
        #expect(edit.attachments.act.problem?.code == "NotFound")
    }

    @Test func d1_the_files_of_a_delivered_record_are_its_senders() async throws {
        let world = try await World()
        try await world.fill()
        let agreement = try await world.share(with: world.clinic, [part("name", Schemas.name, ["given_name"])])
        _ = try await world.deliverVaccination(under: agreement)
        try await world.alice.inbox.refresh()
        let delivered = try #require(
            try await world.alice.records.list(RecordFilter(schemas: [Schemas.vaccination])).first)
        try await world.alice.close()
        let (_, store) = try await Phone(world.folder.url).startUnlocked()
        let edit = EditModel(store, .record(delivered.id))
        await edit.load()
        #expect(edit.sender == "Riverside Clinic")
        edit.labels = "jabs"
        await edit.save()
        let saved = try await store.person.records.get(delivered.id)
        #expect(saved.tags == ["jabs"] && saved.provenance.verifiedBy == "Riverside Clinic", "still their word")
    }

    @Test func d1_money_and_numbers_are_typed_as_people_write_them() throws {
        let schema = """
            {"type":"object","required":["price"],"properties":{
              "price":{"type":"object","required":["amount","currency"],"properties":{
                "amount":{"type":"string","format":"decimal"},"currency":{"type":"string","maxLength":3}}},
              "weight":{"type":"number"},"at":{"type":"string","format":"time-local"},
              "names":{"type":"array","items":{"type":"string"}},"deep":{"type":"array","items":{"type":"object"}}}}
            """
        let form = RecordForm(schema: schema)
        #expect(form.fields.map(\.id) == ["/price/amount", "/price/currency", "/at", "/names", "/weight"])
        #expect(form.fields.map(\.required) == [true, true, false, false, false])
    }
}
