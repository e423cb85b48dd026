// The sentences of the wallet: a file for each room and language, most of them shared with the other wallet.

import Foundation
import Kist

/// The sentences of one language.
///
/// `words("home.title")` is the sentence `title` of the room `home`; what every room says stands in `common`, and is asked
/// for without its name. A sentence has `{parameters}`, and one that is said of a number has a form for each kind of number
/// (`one`, `other` …), chosen by the parameter `count`. What a language doesn't have is said in English.
public struct Words: Sendable {
    /// A value for a parameter.
    public enum Value: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        case text(String)
        case number(Int64)
        case date(Date)
        /// A day, whatever its hour.
        case day(Date)

        public init(stringLiteral value: String) { self = .text(value) }
        public init(integerLiteral value: Int64) { self = .number(value) }
    }

    /// The language.
    public let language: Language
    private let rooms: [String: [String: Text]]
    private let english: [String: [String: Text]]
    private let core: Catalogue

    public init(_ language: Language) {
        self.language = language
        english = Self.rooms(of: .english)
        rooms = language == .english ? english : Self.rooms(of: language)
        core = Catalogue(language: language.rawValue) ?? .english
    }

    /// A sentence; its key where there is none, so that something is always said.
    public func callAsFunction(_ key: String, _ parameters: [String: Value] = [:]) -> String {
        for (rooms, language) in [(rooms, language), (english, .english)] {
            if let text = Self.find(key, in: rooms) { return text.filled(parameters, language, self) }
        }
        return key
    }

    /// Whether there is such a sentence: in the language itself, where `own`, else in English at least.
    public func has(_ key: String, own: Bool = false) -> Bool {
        Self.find(key, in: rooms) != nil || (!own && Self.find(key, in: english) != nil)
    }

    /// What to say of an error of the core.
    public func sentence(for error: KistError) -> String {
        inPlaceOfCore("errors", error.code.rawValue, error.parameters) ?? core.sentence(for: error)
    }

    /// What to point out about a request.
    public func sentence(for warning: RequestWarning) -> String { core.sentence(for: warning) }

    /// A word of the core's fixed vocabularies.
    public func word(_ section: String, _ word: String) -> String {
        inPlaceOfCore(section, word) ?? core.word(section, word)
    }

    /// One of several texts in different languages.
    public func choose(_ texts: [String: String]) -> String { texts[language.rawValue] ?? core.choose(texts) }

    /// What a kind of record is called.
    public func kind(_ schema: String) -> String { word("kinds", Self.name(of: schema)) }

    /// What a member of a record is called, by its JSON pointer or the path of a claim.
    public func field(_ member: String) -> String {
        let last = member.split(whereSeparator: { "/\"[],".contains($0) }).last.map(String.init) ?? member
        return word("fields", last)
    }

    /// The sentences of the core, for pages that it writes.
    public var catalogue: Catalogue { core }

    /// A day, as it is written in the language.
    public func day(_ date: Date) -> String {
        date.formatted(Date.FormatStyle(date: .long, time: .omitted, locale: language.locale))
    }

    /// A moment.
    public func moment(_ date: Date) -> String {
        date.formatted(Date.FormatStyle(date: .abbreviated, time: .shortened, locale: language.locale))
    }

    /// The name in `urn:kist:schema:NAME:1`; another URI as it is.
    static func name(of schema: String) -> String {
        let parts = schema.split(separator: ":")
        return parts.count == 5 && schema.hasPrefix("urn:kist:schema:") ? String(parts[3]) : schema
    }

    /// A part of life by its name in the core; what the person or another program named themselves stays as it is.
    public func area(_ name: String) -> String { has("areas.\(name)") ? self("areas.\(name)") : name }

    /// A length of time as ISO 8601 has it, in whole years, months, weeks and days: `P1Y6M`; what is none is given back.
    public func period(_ iso: String) -> String {
        let parts = iso.matches(of: /(\d+)([YMWD])/).compactMap { part in
            Int64(part.1).map { self("period.\(part.2)", ["count": .number($0)]) }
        }
        return parts.isEmpty ? iso : list(parts)
    }

    /// Several things in one sentence: `a, b and c`.
    public func list(_ things: [String]) -> String {
        guard let last = things.last, things.count > 1 else { return things.first ?? "" }
        let first = things.dropLast().joined(separator: self("list.between"))
        return self("list.last", ["first": .text(first), "last": .text(last)])
    }

    /// A size of a file, as `3.4 MB`.
    public func bytes(_ bytes: UInt64) -> String {
        let units: [(String, Double)] = [("gb", 1e9), ("mb", 1e6), ("kb", 1e3), ("b", 1)]
        let (unit, size) = units.first { Double(bytes) >= $0.1 } ?? ("b", 1)
        let number = (Double(bytes) / size).formatted(
            .number.precision(.fractionLength(0...(size == 1 ? 0 : 1))).locale(language.locale))
        return self("bytes.\(unit)", ["size": .text(number)])
    }

    /// What this language says in place of the core's catalogue, which hasn't got it: the room `core` has the core's keys,
    /// and a specific one goes before a general one.
    private func inPlaceOfCore(_ section: String, _ code: String, _ parameters: [ErrorParameter] = []) -> String? {
        guard let texts = rooms["core"] else { return nil }
        let specific = parameters.map { "\(code).\($0.name)=\($0.value.text)" } + parameters.map { "\(code).\($0.name)" }
        let values = parameters.map { parameter -> (String, Value) in
            if case .number(let seconds) = parameter.value, parameter.name == "at" || parameter.name.hasSuffix("_at") {
                return (parameter.name, .date(Date(timeIntervalSince1970: TimeInterval(seconds))))
            }
            return (parameter.name, .text(word("words", parameter.value.text)))
        }
        let named = Dictionary(values, uniquingKeysWith: { first, _ in first })
        return (specific + [code]).lazy.compactMap { texts["\(section).\($0)"] }
            .map { $0.filled(named, language, self) }.first
    }

    private static func find(_ key: String, in rooms: [String: [String: Text]]) -> Text? {
        let parts = key.split(separator: ".", maxSplits: 1).map(String.init)
        return (parts.count == 2 ? rooms[parts[0]]?[parts[1]] : nil) ?? rooms["common"]?[key]
    }

    /// The other wallet's sentences; this one's own beside them, and before them where both have one.
    private static func rooms(of language: Language) -> [String: [String: Text]] {
        ["Sentences", "OwnSentences"].reduce(into: [:]) { rooms, folder in
            let place = Bundle.module.resourceURL?.appendingPathComponent("\(folder)/\(language.rawValue)")
            let files = place.flatMap { try? FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil) }
            for file in files ?? [] {
                guard let json = try? Data(contentsOf: file),
                    let texts = try? JSONDecoder().decode([String: Text].self, from: json)
                else { continue }
                rooms[file.deletingPathExtension().lastPathComponent, default: [:]].merge(texts) { _, own in own }
            }
        }
    }
}

/// A text, or its forms by kind of number.
private enum Text: Decodable, Sendable {
    case plain(String)
    case plural([String: String])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .plain(text)
        } else {
            self = .plural(try container.decode([String: String].self))
        }
    }

    /// `language` is the one that the text is in.
    func filled(_ parameters: [String: Words.Value], _ language: Language, _ words: Words) -> String {
        let template: String
        switch self {
        case .plain(let text): template = text
        case .plural(let forms):
            var form = "other"
            if case .number(let number) = parameters["count"] { form = language.plural(number) }
            template = forms[form] ?? forms["other"] ?? ""
        }
        var filled = "", rest = Substring(template)
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let name = String(rest[rest.index(after: open)..<close])
            filled += rest[..<open] + (parameters[name].map { shown($0, words) } ?? "{\(name)}")
            rest = rest[rest.index(after: close)...]
        }
        return filled + rest
    }

    private func shown(_ value: Words.Value, _ words: Words) -> String {
        switch value {
        case .text(let text): text
        case .number(let number): number.formatted(.number.locale(words.language.locale))
        case .date(let date): words.moment(date)
        case .day(let date): words.day(date)
        }
    }
}
