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
