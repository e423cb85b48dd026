// A make-believe clinic: a request, an answer and a withdrawal that never leave the phone.

import Foundation
import Kist

/// The desk of a clinic that isn't there. Nothing is stored, and nothing is sent.
struct PracticeDesk: RequestDesk {
    static let request = "practice"
    static let consent = "practice-consent"
    let words: Words
    let now: Date

    func get(_ id: String) async throws -> OpenRequest {
        let fields = [
            field("name", Schemas.name, "given_name", required: true),
            field("name", Schemas.name, "family_name", required: true),
            field("birth", Schemas.birth, "birthdate", required: true),
            field("phone", Schemas.phone, "phone_number", required: false),
            field("condition", "urn:kist:schema:condition:1", "condition", required: false, overAsking: true),
        ]
        return OpenRequest(
            id: id,
            evaluation: Evaluation(
                asker: asker, purposes: [purpose], agreement: terms, fields: fields, alternatives: [], answerable: true,
                warnings: [], verdict: .ask),
            required: fields.filter(\.required).compactMap { field in
                field.field.map { FieldChoice(field: $0, candidate: field.credential) }
            },
            expiresAt: Int64(end.timeIntervalSince1970), session: nil)
    }

    func choices(_ id: String, options: [OptionChoice]) async throws -> [FieldChoice] { try await get(id).required }

    func answer(
        _ id: String, _ fields: [FieldChoice], _ language: Language, rememberUntil: Date?
    ) async throws -> ConsentSummary? {
        ConsentSummary(
            id: Self.consent, organisation: text("clinic"), organisationId: "", purpose: inItsLanguage("purpose"),
            fields: fields.map(\.field), state: .inForce, agreedAt: Int64(now.timeIntervalSince1970), expiresAt: nil,
            withdrawnAt: nil, acknowledgedAt: nil, paused: nil, withdrawal: nil, given: [], areas: [], expiresSoon: false,
            replaces: nil, replacedBy: nil, renewal: nil)
    }

    func answerRemembered(_ id: String) async throws -> ConsentSummary? { nil }

    func refuse(_ id: String) async throws {}

    func sessionCode(_ id: String) async throws -> SessionCode? { nil }

    private var end: Date { now.addingTimeInterval(24 * 3600) }

    private func text(_ key: String) -> String { words("practice.\(key)") }

    private func inItsLanguage(_ key: String) -> [String: String] { [words.language.rawValue: text(key)] }

    private var asker: Asker {
        Asker(
            organisation: Party(id: "", name: text("clinic")), country: "GB", onBehalfOf: nil,
            framework: text("framework"), activeSince: Int64(now.timeIntervalSince1970), contacts: [],
            supervisoryAuthority: "", supervisoryAuthorityUri: "")
    }

    private var purpose: StatedPurpose {
        StatedPurpose(
            intendedUse: "visit", code: "dpv:ServiceProvision", text: inItsLanguage("purpose"),
            legalBasis: "eu-gdpr:A9-2-a", retention: "P2Y",
            keptAfterWithdrawal: [])
    }

    private var terms: OfferedTerms {
        OfferedTerms(
            rights: Rights(read: true, deliver: true, update: false), validity: .standing, recipients: [],
            storage: ["GB"], privacyNotice: "", termsUri: "", withdrawalUri: nil,
            expiresAt: Int64(end.timeIntervalSince1970))
    }

    private func field(
        _ credential: String, _ schema: String, _ claim: String, required: Bool, overAsking: Bool = false
    ) -> FieldEvaluation {
        let path = #"["\#(claim)"]"#
        let match = FieldMatch(
            candidate: credential,
            values: [FieldValue(path: path, value: JSONValue.text(text("value_\(claim)")).json)], issuer: .selfAsserted,
            asOf: Int64(now.timeIntervalSince1970), expiresAt: nil, ageDays: 0, expired: false)
        return FieldEvaluation(
            field: "\(credential):\(path)", credential: credential, types: [schema], path: path, required: required,
            purpose: nil, values: [], overAsking: overAsking ? ["NotRegistered"] : [], matches: [match], missing: false,
            sharedBeforeMs: nil, linking: nil, sensitive: overAsking, instead: [], withheldBy: nil,
            chosenByDefault: required)
    }
}
