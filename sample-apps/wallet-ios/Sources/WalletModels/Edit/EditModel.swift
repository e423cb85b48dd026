// Adding and editing a record by the form that its schema makes.

import Foundation
import Kist
import Observation

/// The form of a record, with what is typed.
@MainActor @Observable public final class EditModel {
    public enum Subject: Hashable, Sendable {
        /// A new record of a schema.
        case new(schema: String)
        /// A record that is there.
        case record(String)
    }

    /// The form, once it is there.
    public let form: Loader<RecordForm>
    /// The saving.
    public let saving: Act
    /// What is typed, by field.
    public private(set) var typed: [String: String] = [:]
    /// What is wrong, by field.
    public private(set) var problems: [String: Problem] = [:]
    /// The kind of record.
    public private(set) var schema = ""
    /// The record that was saved.
    public private(set) var saved: String?
    private let store: OpenStore
    private let subject: Subject
    /// The record as it was: members that no form knows stay in it.
    private var body = JSONValue.object([:])

    public init(_ store: OpenStore, _ subject: Subject) {
        (self.store, self.subject) = (store, subject)
        saving = Act(store.words)
        let person = store.person
        form = Loader(store.words) {
            let schema: String
            switch subject {
            case .new(let uri): schema = uri
            case .record(let id): schema = try await person.records.get(id).schema
            }
            return RecordForm(schema: try person.records.schemas().first { $0.uri == schema }?.schema ?? "{}")
        }
    }

    /// Makes the form, with what the record has.
    public func load() async {
        let (person, subject) = (store.person, subject)
        let read: (String, String)? = await saving.run {
            switch subject {
            case .new(let uri): return (uri, "{}")
            case .record(let id):
                let record = try await person.records.get(id)
                return (record.schema, record.body)
            }
        }
        guard let (schema, json) = read else { return }
        self.schema = schema
        body = JSONValue(json: json) ?? .object([:])
        await form.load()
        for field in form.value?.fields ?? [] {
            typed[field.id] = body.value(at: field.path[...]).map(field.kind.typed)
        }
    }

    /// Something was typed. It is kept whatever it is, and told where it can't be saved.
    public func type(_ text: String, into field: RecordForm.Field) {
        typed[field.id] = text
        problems[field.id] = problem(of: text, in: field)
    }

    /// Saves it. `anyway`: also where it breaks the rules of its kind.
    public func save(anyway: Bool = false) async {
        guard let form = form.value, !saving.isRunning else { return }
        for field in form.fields { problems[field.id] = problem(of: typed[field.id] ?? "", in: field, whole: !anyway) }
        guard problems.isEmpty else {
            saving.fail(Problem(own: "FormIncomplete", store.words, ["count": .number(Int64(problems.count))]))
            return
        }
        let (person, subject, json) = (store.person, subject, filled(form).json)
        saved = await saving.run {
            switch subject {
            case .new(let schema):
                let draft = NewRecord(schema: schema, body: json, tags: [], files: [], keepViolations: anyway)
                return try await person.records.add(draft).id
            case .record(let id):
                return try await person.records.correct(id, body: json, keepViolations: anyway).id
            }
        }
        if let problem = saving.problem, let member = problem.member {
            problems[member.hasPrefix("/") ? member : "/\(member)"] = problem
        }
    }

    /// The record as it was, with what is typed.
    private func filled(_ form: RecordForm) -> JSONValue {
        form.fields.reduce(body) { body, field in
            let text = typed[field.id] ?? ""
            let value = text.isEmpty ? nil : field.kind.value(of: text)
            return body.with(value, at: field.path[...]) ?? .object([:])
        }
    }

    private func problem(of text: String, in field: RecordForm.Field, whole: Bool = false) -> Problem? {
        if text.isEmpty {
            return whole && field.required ? Problem(own: "rule.Required", in: "edit", store.words, member: field.id) : nil
        }
        switch field.kind {
        case .text(let longest?), .longText(let longest?):
            guard text.count > longest else { return nil }
            let (length, most) = (Int64(text.count), Int64(longest))
            return Problem(
                own: "rule.Long", in: "edit", store.words, ["length": .number(length), "most": .number(most)],
                member: field.id)
        case .integer, .number:
            guard field.kind.value(of: text) == nil else { return nil }
            return Problem(own: "rule.Number", in: "edit", store.words, member: field.id)
        default: return nil
        }
    }
}

/// The kinds of record that can be added, by part of life.
@MainActor @Observable public final class KindsModel {
    /// The kinds of a part of life.
    public struct Area: Sendable, Identifiable {
        public let id: String
        public let kinds: [SchemaInfo]
    }

    public let areas: Loader<[Area]>

    public init(_ store: OpenStore) {
        let (person, words) = (store.person, store.words)
        areas = Loader(words) {
            Dictionary(grouping: try person.records.schemas(), by: \.area).map { area, kinds in
                Area(id: area, kinds: kinds.sorted { words.kind($0.uri) < words.kind($1.uri) })
            }.sorted { $0.id < $1.id }
        }
    }

    public func load() async { await areas.load() }
}
