// A form made from a schema of records.

import Foundation
import Kist

/// A form: the members of a schema in its order, each with what can be typed into it.
public struct RecordForm: Sendable {
    /// What a field takes.
    public enum Kind: Hashable, Sendable {
        case text(longest: Int?)
        /// A text of several lines.
        case longText(longest: Int?)
        case date
        case time
        case email
        case integer
        case number
        case yesOrNo
        case choice([String])
        /// Texts, one a line.
        case list
    }

    /// One field.
    public struct Field: Hashable, Sendable, Identifiable {
        /// The place in the record, a JSON pointer.
        public let id: String
        /// The names on the way to it.
        let path: [String]
        public let kind: Kind
        public let required: Bool
        /// What the schema says of it, in English.
        public let help: String
    }

    /// The fields.
    public let fields: [Field]

    /// Reads a schema; one without members has an empty form.
    public init(schema json: String) {
        fields = JSONValue(json: json).map { Self.fields(of: $0, below: [], required: true) } ?? []
    }

    private static func fields(of schema: JSONValue, below path: [String], required: Bool) -> [Field] {
        guard case .object(let properties) = schema["properties"] else { return [] }
        let needed = Set(schema["required"].map(texts) ?? [])
        let stated = schema["x-kist-order"].map(texts) ?? []
        let rest = properties.keys.filter { !stated.contains($0) }
            .sorted { (needed.contains($1) ? 1 : 0, $0) < (needed.contains($0) ? 1 : 0, $1) }
        return (stated + rest).flatMap { name -> [Field] in
            guard let property = properties[name] else { return [] }
            let (place, isNeeded) = (path + [name], required && needed.contains(name))
            if property["type"] == .text("object") { return fields(of: property, below: place, required: isNeeded) }
            guard let kind = Kind(property) else { return [] }
            return [
                Field(
                    id: place.map { "/\($0)" }.joined(), path: place, kind: kind, required: isNeeded,
                    help: property["description"]?.plain ?? "")
            ]
        }
    }

    private static func texts(_ value: JSONValue) -> [String] {
        guard case .list(let items) = value else { return [] }
        return items.map(\.plain)
    }
}

extension RecordForm.Kind {
    /// Above this many letters, a field has several lines.
    private static let lineLength = 400

    fileprivate init?(_ property: JSONValue) {
        var longest: Int?
        if case .integer(let number) = property["maxLength"] { longest = Int(number) }
        if case .list(let options) = property["enum"] {
            self = .choice(options.map(\.plain))
            return
        }
        switch (property["type"]?.plain, property["format"]?.plain) {
        case ("string", "date"): self = .date
        case ("string", "time-local"): self = .time
        case ("string", "email"): self = .email
        case ("string", _): self = (longest ?? 0) > Self.lineLength ? .longText(longest: longest) : .text(longest: longest)
        case ("integer", _): self = .integer
        case ("number", _): self = .number
        case ("boolean", _): self = .yesOrNo
        case ("array", _):
            // A list of objects is edited nowhere and stays as it is.
            guard property["items"]?["type"] == .text("string") else { return nil }
            self = .list
        default: return nil
        }
    }

    /// What was typed as JSON; nil where it is none of the kind.
    func value(of typed: String) -> JSONValue? {
        switch self {
        case .text, .longText, .date, .email, .choice: .text(typed)
        case .time: .text(typed.count == 5 ? "\(typed):00" : typed)
        case .integer: Int64(typed).map(JSONValue.integer)
        case .number: Double(typed.replacingOccurrences(of: ",", with: ".")).map(JSONValue.number)
        case .yesOrNo: ["true": JSONValue.bool(true), "false": .bool(false)][typed]
        case .list:
            .list(
                typed.split(separator: "\n").map { .text($0.trimmingCharacters(in: .whitespaces)) }
                    .filter { $0 != .text("") })
        }
    }

    /// JSON as it is typed.
    func typed(_ value: JSONValue) -> String {
        switch (self, value) {
        case (.yesOrNo, .bool(let bool)): bool ? "true" : "false"
        case (.list, .list(let items)): items.map(\.plain).joined(separator: "\n")
        default: value.plain
        }
    }
}

extension JSONValue {
    /// The value at a place.
    func value(at path: ArraySlice<String>) -> JSONValue? {
        guard let name = path.first else { return self }
        return self[name]?.value(at: path.dropFirst())
    }

    /// The same with another value at a place, or without it. Objects on the way are made, and taken away when they are
    /// empty.
    func with(_ value: JSONValue?, at path: ArraySlice<String>) -> JSONValue? {
        guard let name = path.first else { return value }
        var members: [String: JSONValue] = [:]
        if case .object(let present) = self { members = present }
        members[name] = (members[name] ?? .object([:])).with(value, at: path.dropFirst())
        return members.isEmpty ? nil : .object(members)
    }
}
