// U1: what a person reads comes from a catalogue, in English and in Welsh.

import Kist
import Testing

@Suite struct CatalogueTests {
    static let languages = ["en", "cy"]

    private func error(_ code: String, _ parameters: [ErrorParameter] = []) -> KistError {
        .input(Failure(code: code, parameters: parameters, retry: false))
    }

    @Test(arguments: languages) func u1_each_code_has_a_sentence(language: String) throws {
        let catalogue = try #require(Catalogue(language: language))
        for code in KistError.Code.allCases.map(\.rawValue) {
            let sentence = catalogue.sentence("errors", code)
            #expect(sentence != code && !sentence.contains("{"), "\(language): \(code): \(sentence)")
        }
    }

    @Test(arguments: languages) func u1_a_sentence_names_what_it_is_about(language: String) throws {
        let catalogue = try #require(Catalogue(language: language))
        let group = ErrorParameter(name: "group", value: .number(number: 3))
        let plain = catalogue.sentence(for: error("RecoveryCodeMistyped"))
        let named = catalogue.sentence(for: error("RecoveryCodeMistyped", [group]))
        #expect(plain != named)
        #expect(named.contains("3"))
        #expect(!plain.contains("{") && !named.contains("{"))
    }

    @Test func u1_a_warning_says_what_it_is_about() {
        let details = #"{"code":"OverAsking","fields":[{"credential":"name","path":["given_name"]}]}"#
        let warning = RequestWarning(code: "OverAsking", fields: [#"name:["given_name"]"#], details: details)
        let sentence = Catalogue.english.sentence(for: warning)
        #expect(sentence.contains("Given name") && !sentence.contains("{"), "\(sentence)")
        let unknown = RequestWarning(code: "NeverHeardOf", fields: [], details: "no JSON")
        #expect(Catalogue.english.sentence(for: unknown) == "NeverHeardOf")
    }

    @Test func u1_a_text_in_the_readers_language_is_chosen() throws {
        let texts = ["en": "Care", "cy": "Gofal"]
        #expect(try #require(Catalogue(language: "cy")).choose(texts) == "Gofal")
        #expect(Catalogue.english.choose(texts) == "Care")
        #expect(Catalogue.english.choose(["fr": "Soins"]) == "Soins")
    }

    @Test func u1_an_unknown_language_has_no_catalogue() {
        #expect(Catalogue(language: "xx") == nil)
    }
}
