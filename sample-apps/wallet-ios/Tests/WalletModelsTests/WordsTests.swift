// U1: what the wallet says stands in files, in English and in Welsh, and nowhere in the code.

import Foundation
import Kist
import Testing
import WalletModels

@Suite struct WordsTests {
    private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Sources").standardized

    /// The source files of models and views.
    private static func code() throws -> [(String, String)] {
        let found = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        return try found.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.map {
            ($0.lastPathComponent, try String(contentsOf: $0, encoding: .utf8))
        }
    }

    /// The keys of a language in one of the folders of sentences, with their rooms.
    private static func keys(_ folder: String, _ language: String) throws -> Set<String> {
        let place = sources.appendingPathComponent("WalletModels/\(folder)/\(language)")
        return try FileManager.default.contentsOfDirectory(at: place, includingPropertiesForKeys: nil).reduce(into: []) {
            keys, file in
            let texts = try JSONDecoder().decode([String: JSONValue].self, from: Data(contentsOf: file))
            keys.formUnion(texts.keys.map { "\(file.deletingPathExtension().lastPathComponent).\($0)" })
        }
    }

    @Test func u1_lengths_of_time_are_said_whole_and_what_is_none_stays_as_it_is() {
        let words = Words(.english)
        #expect(words.period("P1Y") == "1 year")
        #expect(words.period("P1Y6M") == "1 year and 6 months")
        #expect(words.period("for ever") == "for ever")
    }

    @Test(arguments: [Language.english, .welsh]) func u1_each_sentence_that_is_asked_for_is_there(language: Language) throws {
        let words = Words(language)
        var asked: Set<String> = []
        for (file, text) in try Self.code() {
            for match in text.matches(of: /words\(\s*"([A-Za-z_.]+)"/) { asked.insert(String(match.1)) }
            for match in text.matches(of: /words\([^"\n]*\? "([a-z_]+\.[\w.]+)" : "([a-z_]+\.[\w.]+)"/) {
                asked.formUnion([String(match.1), String(match.2)])
            }
            for match in text.matches(of: /self\("([a-z_]+\.[\w.]+)"/) { asked.insert(String(match.1)) }
            for match in text.matches(of: /own: "([A-Za-z.]+)"(?:, in: "([a-z]+)")?/) {
                asked.insert("\(match.2 ?? "problems").\(match.1)")
            }
            for key in asked { #expect(words.has(key, own: true), "\(language): \(key), said in \(file)") }
        }
        #expect(asked.count > 5)
    }

    @Test func u1_welsh_says_all_that_english_says() throws {
        for folder in ["Sentences", "OwnSentences"] {
            #expect(try Self.keys(folder, "cy") == Self.keys(folder, "en"))
        }
        // In the room `core`, Arabic has what the core's catalogues lack.
        let arabic = try Self.keys("Sentences", "ar").filter { !$0.hasPrefix("core.") }
        #expect(arabic.isSubset(of: try Self.keys("Sentences", "en")))
    }

    /// Where a sentence is asked for with parameters, it has all that it names.
    @Test(arguments: Language.allCases) func u1_each_sentence_has_the_parameters_that_it_names(language: Language) throws {
        let words = Words(language)
        var held = 0
        for (file, text) in try Self.code() {
            for match in text.matches(of: /words\(\s*"([A-Za-z_.]+)"\s*(\)|,\s*\[)/) {
                let isAlone = match.2 == ")"
                let given = isAlone ? "" : String(text[match.range.upperBound...].prefix { $0 != "]" })
                let names = given.matches(of: /"([a-z_]+)":/).map { String($0.1) }
                let values = Dictionary(names.map { ($0, Words.Value.number(2)) }, uniquingKeysWith: { $1 })
                let said = words(String(match.1), values)
                #expect(!said.contains("{"), "\(file): \(match.1) is said as: \(said)")
                held += 1
            }
        }
        #expect(held > 0)
    }

    @Test func u1_each_sentence_of_its_own_is_said() throws {
        let code = try Self.code().map(\.1).joined(separator: "\n")
        let built = code.matches(of: /"([a-z_]+\.[A-Za-z_.]*)\\\(/).map { String($0.1) }
        for key in try Self.keys("OwnSentences", "en") {
            let name = key.hasPrefix("problems.") ? String(key.dropFirst("problems.".count)) : key
            #expect(code.contains("\"\(name)\"") || built.contains { key.hasPrefix($0) }, "nobody says \(key)")
        }
    }

    @Test func u1_numbers_choose_the_form_of_a_sentence() {
        let (english, welsh) = (Words(.english), Words(.welsh))
        #expect(english("home.messages", ["count": 1]) == "1 message")
        #expect(english("home.messages", ["count": 2]) == "2 messages")
        #expect(welsh("home.messages", ["count": 2]) != english("home.messages", ["count": 2]))
        #expect(english.list(["a", "b", "c"]) == "a, b and c")
        #expect(english("act.cancel") == "Cancel" && english("nothing.here") == "nothing.here")
        #expect(Words(.arabic)("home.title") == english("home.title"), "what Arabic doesn't have is said in English")
    }

    @Test func u1_arabic_says_what_the_core_cannot() {
        let (arabic, english) = (Words(.arabic), Words(.english))
        let suspended = ErrorParameter(name: "reason", value: .word(word: "Suspended"))
        let refused = KistError.trust(
            Failure(code: "OrganisationNotTrusted", parameters: [suspended], retry: false))
        let plain = KistError.trust(Failure(code: "OrganisationNotTrusted", parameters: [], retry: false))
        #expect(arabic.sentence(for: refused) != english.sentence(for: refused))
        #expect(arabic.sentence(for: refused) != arabic.sentence(for: plain), "the specific one is said")
        #expect(arabic.kind(Schemas.name) != english.kind(Schemas.name))
        let rest = KistError.input(Failure(code: "NoBackup", parameters: [], retry: false))
        #expect(arabic.sentence(for: rest) == english.sentence(for: rest), "the rest is English")
    }

    @Test func u1_every_problem_has_a_sentence_and_an_act() {
        let words = Words(.english)
        for code in KistError.Code.allCases {
            let problem = Problem(.input(Failure(code: code.rawValue, parameters: [], retry: false)), words)
            #expect(!problem.sentence.isEmpty && problem.sentence != code.rawValue, "\(code)")
        }
    }

    /// The models stand on the SDK alone, and know no user interface.
    @Test func o3_the_models_import_the_public_sdk_and_no_user_interface() throws {
        let allowed: Set = ["Foundation", "Kist", "Observation"]
        let place = Self.sources.appendingPathComponent("WalletModels")
        let found = try #require(FileManager.default.enumerator(at: place, includingPropertiesForKeys: nil))
        for file in found.compactMap({ $0 as? URL }) where file.pathExtension == "swift" {
            let imports = try String(contentsOf: file, encoding: .utf8).matches(of: /(?m)^import (\w+)/).map { String($0.1) }
            #expect(Set(imports).isSubset(of: allowed), "\(file.lastPathComponent)")
        }
    }
}
