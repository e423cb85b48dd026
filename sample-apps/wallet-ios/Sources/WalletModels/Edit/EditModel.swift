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
    /// The part of life that it is found in.
    public var area = ""
    /// Words of the person's own to find it by, with commas between, as they are typed.
    public var labels = ""
    /// The parts of life to choose from.
    public private(set) var areas: [String] = []
    public let attachments: Attachments
    /// Who sent the record: its files are theirs, and stay.
    public private(set) var sender: String?
    /// The record that was saved.
    public private(set) var saved: String?
    private let store: OpenStore
    private let subject: Subject
    /// The record as it was: members that no form knows stay in it.
    private var body = JSONValue.object([:])
    /// What the form was begun with.
    private var begun: [String: String] = [:]
    private var (begunArea, begunTags) = ("", [String]())

    public init(_ store: OpenStore, _ subject: Subject) {
        (self.store, self.subject) = (store, subject)
        saving = Act(store.words)
        attachments = Attachments(store)
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
        let read: (Record?, [SchemaInfo])? = await saving.run {
            let schemas = try person.records.schemas()
            guard case .record(let id) = subject else { return (nil, schemas) }
            return (try await person.records.get(id), schemas)
        }
        guard let (record, schemas) = read else { return }
        if case .new(let uri) = subject { schema = uri }
        if let record { begin(with: record) }
        if area.isEmpty { area = schemas.first { $0.uri == schema }?.area ?? "" }
        (begunArea, begunTags) = (area, tags)
        areas = Set(schemas.map(\.area) + [area]).sorted()
        await form.load()
        for field in form.value?.fields ?? [] {
            typed[field.id] = body.value(at: field.path[...]).map(field.kind.typed)
        }
        begun = typed
    }

    private func begin(with record: Record) {
        (schema, area) = (record.schema, record.area)
        body = JSONValue(json: record.body) ?? .object([:])
        labels = record.tags.joined(separator: ", ")
        attachments.begin(with: record.files)
        if record.provenance.source == .delivered { sender = record.provenance.from }
    }

    /// Something was typed. It is kept whatever it is, and told where it can't be saved.
    public func type(_ text: String, into field: RecordForm.Field) {
        typed[field.id] = text
        problems[field.id] = problem(of: text, in: field)
    }

    /// Saves it. `anyway`: also where it breaks the rules of its kind.
    public func save(anyway: Bool = false) async {
        guard let form = form.value, !saving.isRunning else { return }
        // Labels and files can be changed although the record itself breaks a rule of its kind.
        problems = [:]
        for field in form.fields where isOther {
            problems[field.id] = problem(of: typed[field.id] ?? "", in: field, whole: !anyway)
        }
        guard problems.isEmpty else {
            saving.fail(Problem(own: "FormIncomplete", store.words, ["count": .number(Int64(problems.count))]))
            return
        }
        let (person, subject, json, files) = (store.person, subject, filled(form).json, attachments.added)
        let draft = NewRecord(
            schema: schema, body: json, area: area.isEmpty ? nil : area, tags: tags, files: files, keepViolations: anyway)
        // What is other than in the record: all of it becomes one version.
        let edit = RecordEdit(
            body: isOther ? json : nil, area: area == begunArea ? nil : area, tags: tags == begunTags ? nil : tags,
            attach: files, detach: attachments.removed, keepViolations: anyway)
        saved = await saving.run {
            switch subject {
            case .new: try await person.records.add(draft).id
            case .record(let id): try await person.records.edit(id, edit).id
            }
        }
        if saved != nil { await attachments.clear() }
        if let problem = saving.problem, let member = problem.member {
            problems[member.hasPrefix("/") ? member : "/\(member)"] = problem
        }
    }

    /// The person goes without saving: what was taken in for it goes too.
    public func giveUp() async { if saved == nil { await attachments.clear() } }

    /// The labels, each by itself.
    private var tags: [String] {
        var tags: [String] = []
        for word in labels.split(separator: ",").map({ $0.trimmingCharacters(in: .whitespaces) })
        where !word.isEmpty && !tags.contains(word) { tags.append(word) }
        return tags
    }

    /// Whether the record says something else than it did; a new one does.
    private var isOther: Bool {
        guard case .record = subject else { return true }
        return (form.value?.fields ?? []).contains { (typed[$0.id] ?? "") != (begun[$0.id] ?? "") }
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
