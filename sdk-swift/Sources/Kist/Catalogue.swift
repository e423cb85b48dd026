// The sentences: one file a language, the same that the command line and the Kotlin SDK hold.

import Foundation
import KistGenerated

/// The sentences of one language.
///
/// A catalogue has sections; a section has sentences by key. A key is a code, or `code.parameter` where a sentence
/// needs that parameter, or `code.parameter=value` where one value has a sentence of its own. The most specific one
/// whose `{placeholders}` are all among the parameters is said.
public struct Catalogue: Sendable {
    /// The language's tag (BCP 47).
    public let language: String
    private let sections: [String: [String: String]]

    /// The catalogue of a language, where there is one.
    public init?(language: String) {
        let file = Bundle.module.url(forResource: language, withExtension: "json", subdirectory: "Catalogues")
        guard let file, let json = try? Data(contentsOf: file),
            let sections = try? JSONDecoder().decode([String: [String: String]].self, from: json)
        else { return nil }
        self.language = language
        self.sections = sections
    }

    private init() { (language, sections) = ("en", [:]) }

    /// The English one, which is whole.
    public static let english = Catalogue(language: "en") ?? Catalogue()

    /// In the first of the person's languages that there is a catalogue for.
    public static let preferred: Catalogue = {
        let tags = Locale.preferredLanguages.compactMap { $0.split(separator: "-").first.map(String.init) }
        return tags.lazy.compactMap(Catalogue.init(language:)).first ?? english
    }()

    /// What to say of an error.
    public func sentence(for error: KistError) -> String {
        sentence("errors", error.code.rawValue, error.parameters)
    }

    /// What to point out about a request.
    public func sentence(for warning: RequestWarning) -> String {
        let details = try? JSONDecoder().decode([String: Detail].self, from: Data(warning.details.utf8))
        let parameters = (details ?? [:]).sorted { $0.key < $1.key }.compactMap { name, detail in
            value(of: detail).map { ErrorParameter(name: name, value: $0) }
        }
        return sentence("warnings", warning.code, parameters)
    }

    /// A sentence; its key where there is none, so that something is always said.
    public func sentence(_ section: String, _ key: String, _ parameters: [ErrorParameter] = []) -> String {
        let specific = parameters.map { "\(key).\($0.name)=\($0.value.text)" } + parameters.map { "\(key).\($0.name)" }
        for candidate in specific + [key] {
            if let template = sections[section]?[candidate], let filled = fill(template, parameters) { return filled }
        }
        return key
    }

    /// A word of a fixed vocabulary; the word itself where it is unknown here.
    public func word(_ section: String, _ word: String) -> String { sections[section]?[word] ?? word }

    /// The words of an archive's pages.
    var pageWords: [String: String] {
        var words = sections["archive"] ?? [:]
        words["language"] = language
        for (kind, word) in sections["kinds"] ?? [:] { words["kind.urn:kist:schema:\(kind):1"] = word }
        for (field, word) in sections["fields"] ?? [:] { words["field.\(field)"] = word }
        return words
    }

    /// The words of a report's page.
    var reportWords: [String: String] {
        var words = pageWords
        for section in ["words", "legal_bases"] {
            for (key, word) in sections[section] ?? [:] where key.hasPrefix("eu-gdpr:") { words["report.\(key)"] = word }
        }
        for (key, word) in sections["report"] ?? [:] { words["report.\(key)"] = word }
        return words
    }

    /// The words of a receipt's page.
    var receiptWords: [String: String] {
        var words = sections["receipt"] ?? [:]
        words["language"] = language
        for (section, prefix) in [("fields", "field"), ("rights", "right"), ("legal_bases", "legal_basis")] {
            for (key, word) in sections[section] ?? [:] { words["\(prefix).\(key)"] = word }
        }
        return words
    }

    /// One of several texts in different languages: this one's, else English, else any.
    public func choose(_ texts: [String: String]) -> String {
        texts[language] ?? texts["en"] ?? texts.min { $0.key < $1.key }?.value ?? ""
    }

    /// The template with its placeholders filled; nil where one has no value.
    private func fill(_ template: String, _ parameters: [ErrorParameter]) -> String? {
        var filled = "", rest = Substring(template)
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else { return nil }
            let name = rest[rest.index(after: open)..<close]
            guard let parameter = parameters.first(where: { $0.name == name }) else { return nil }
            filled += rest[..<open] + shown(parameter)
            rest = rest[rest.index(after: close)...]
        }
        return filled + rest
    }

    /// Parameters whose values are words of a fixed vocabulary, which the section `words` has.
    private static let vocabularies: Set = [
        "what", "part", "reason", "state", "rule", "right", "from", "to", "kind",
    ]

    private func shown(_ parameter: ErrorParameter) -> String {
        switch (parameter.name, parameter.value) {
        case (let name, .number(let seconds)) where name == "at" || name.hasSuffix("_at"):
            moment(Date(unixSeconds: seconds))
        case (let name, .number(let milliseconds)) where name.hasSuffix("_ms"):
            moment(Date(unixMilliseconds: milliseconds))
        case (let name, .word(let word)) where Self.vocabularies.contains(name): self.word("words", word)
        case (_, let value): value.text
        }
    }

    private func moment(_ date: Date) -> String {
        date.formatted(
            Date.FormatStyle(date: .abbreviated, time: .shortened, locale: Locale(identifier: language)))
    }

    /// What a sentence says of a detail: a party by its name, a text in this language, fields by their labels.
    private func value(of detail: Detail) -> ParameterValue? {
        switch detail {
        case .number(let number): .number(number: number)
        case .text(let text): .word(word: text)
        case .object(let members):
            if case .text(let name) = members["name"] {
                .word(word: name)
            } else {
                .word(word: choose(members.compactMapValues(\.text)))
            }
        case .list(let items):
            .word(word: items.compactMap(fieldName).map { word("fields", $0) }.joined(separator: ", "))
        case .other: nil
        }
    }

    /// The last name of a field's path.
    private func fieldName(_ detail: Detail) -> String? {
        switch detail {
        case .text(let name): name
        case .list(let path): path.compactMap(\.text).last
        case .object(let members): members["path"].flatMap(fieldName)
        case .number, .other: nil
        }
    }
}

/// A member of what is known of a warning: free JSON.
private enum Detail: Decodable {
    case number(Int64)
    case text(String)
    case object([String: Detail])
    case list([Detail])
    case other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let members = try? container.decode([String: Detail].self) {
            self = .object(members)
        } else if let items = try? container.decode([Detail].self) {
            self = .list(items)
        } else {
            self = .other
        }
    }

    var text: String? {
        if case .text(let text) = self { text } else { nil }
    }
}
