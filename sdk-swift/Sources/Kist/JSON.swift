// Free JSON, which the core gives and takes as text, as Swift's own values.

import Foundation
import KistGenerated

extension NewRecord {
    /// A record whose body is a value of the app's own; it encodes to a JSON object.
    public init(schema: String, encoding body: some Encodable, tags: [String] = [], files: [String] = []) throws {
        let json = String(decoding: try JSONEncoder().encode(body), as: UTF8.self)
        self.init(schema: schema, body: json, tags: tags, files: files)
    }
}

extension Record {
    /// The body as a value of the app's own.
    public func body<Body: Decodable>(as type: Body.Type) throws -> Body {
        try JSONDecoder().decode(type, from: Data(body.utf8))
    }
}

extension FieldValue {
    /// The value as one of the app's own.
    public func value<Value: Decodable>(as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(value.utf8))
    }
}

extension ReceivedField {
    /// The value as one of the app's own.
    public func value<Value: Decodable>(as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(value.utf8))
    }
}

extension ReceivedField: CustomStringConvertible {
    /// Without the value.
    public var description: String { "ReceivedField(\(field), …)" }
}

extension SessionCode: CustomStringConvertible {
    /// Without the code.
    public var description: String { "SessionCode(…)" }
}

extension FieldMatch: CustomStringConvertible {
    /// Without the values.
    public var description: String { "FieldMatch(\(candidate), …)" }
}

extension FieldValue: CustomStringConvertible {
    /// Without the value.
    public var description: String { "FieldValue(\(path), …)" }
}
