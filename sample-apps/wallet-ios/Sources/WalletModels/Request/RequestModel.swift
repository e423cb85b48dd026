// A request: who asks, why, for what, and the person's choice.

import Foundation
import Kist
import Observation

/// What of a request is given together: the fields of one thing that is asked for.
public struct RequestPart: Sendable, Identifiable {
    /// Its name in the request.
    public let id: String
    /// The kind of record that it is of.
    public let schema: String
    public let fields: [FieldEvaluation]

    /// Whether there is no answer without some of it.
    public var isRequired: Bool { fields.contains(where: \.required) }
}

/// The screen of a request.
@MainActor @Observable public final class RequestModel {
    /// What came of it.
    public enum Outcome: Hashable, Sendable {
        /// An agreement: the id of the consent.
        case agreed(String)
        /// Given once, without an agreement.
        case given
        case refused
    }

    public let id: String
    public let request: Loader<OpenRequest>
    /// The sending.
    public let sending: Act
    /// What is given: the candidate by field.
    public private(set) var chosen: [String: String] = [:]
    /// How long the same question gets the same answer.
    public private(set) var remember = Remember.no
    /// Of several organisations that ask together, this one gets nothing.
    public private(set) var isLeftOut = false
    public private(set) var outcome: Outcome?
    /// Those among whom the organisation asks.
    public private(set) var cluster: ClusterView?
    /// What has to be brought to the session that the request belongs to.
    public private(set) var sessionCode: SessionCode?
    private let desk: any RequestDesk
    private let words: Words
    private let now: @Sendable () -> Date
    @ObservationIgnored private let keepDraft: (RequestDraft?) -> Void
    @ObservationIgnored private var draft: RequestDraft?
    private var options: [UInt32: UInt32] = [:]

    /// `keepDraft` is told what is chosen, so that a killed app comes back to it.
    public init(
        desk: any RequestDesk, id: String, words: Words, now: @escaping @Sendable () -> Date = { Date() },
        draft: RequestDraft? = nil, keepDraft: @escaping (RequestDraft?) -> Void = { _ in }
    ) {
        (self.desk, self.id, self.words, self.now) = (desk, id, words, now)
        (self.draft, self.keepDraft) = (draft, keepDraft)
        sending = Act(words)
        request = Loader(words) { try await desk.get(id) }
    }

    /// A request in the open store, as the wallet shows it.
    public convenience init(_ store: OpenStore, _ wallet: WalletModel, id: String) {
        self.init(
            desk: StoreDesk(store.person), id: id, words: store.words, now: store.now, draft: wallet.draft(of: id),
            keepDraft: { [weak wallet] in wallet?.keep($0, of: id) })
    }

    /// Shows the request as it stands now, and whether others ask together with this one.
    public func load() async {
        await look()
        let (desk, id) = (desk, id)
        cluster = (try? await desk.cluster(of: id)) ?? nil
    }

    /// What is required is chosen, and nothing else; what was chosen before, the app being killed, is chosen again as far as it
    /// is still offered.
    func look() async {
        await request.load()
        guard let open = request.value, chosen.isEmpty else { return }
        chosen = Self.chosen(open.required)
        guard let left = draft else { return }
        for (field, candidate) in left.chosen where offers(field, candidate) { chosen[field] = candidate }
        (isLeftOut, remember) = (left.isLeftOut, left.remember)
        draft = nil
    }

    // MARK: What is shown

    public var evaluation: Evaluation? { request.value?.evaluation }

    /// The parts, what is required first.
    public var parts: [RequestPart] {
        var parts: [RequestPart] = []
        for field in evaluation?.fields ?? [] {
            if let last = parts.firstIndex(where: { $0.id == field.credential }) {
                parts[last] = RequestPart(
                    id: field.credential, schema: parts[last].schema, fields: parts[last].fields + [field])
            } else {
                parts.append(RequestPart(id: field.credential, schema: field.types.first ?? "", fields: [field]))
            }
        }
        return parts.filter(\.isRequired) + parts.filter { !$0.isRequired }
    }

    /// Whether its time is over.
    public var isExpired: Bool { request.value.map { $0.expiryDate <= now() } ?? false }

    /// Whether it can be answered with what is chosen.
    public var canAnswer: Bool {
        guard let evaluation, outcome == nil, !isExpired, !sending.isRunning else { return false }
        return evaluation.answerable && evaluation.fields.allSatisfy { !$0.required || isChosen($0) }
    }

    /// Whether the answer can be remembered: it comes with an agreement, and nothing of it is out of the ordinary.
    public var canRemember: Bool {
        guard let evaluation, evaluation.agreement != nil, !evaluation.asker.framework.isEmpty else { return false }
        let ordinary: Set = ["LessWouldDo", "LinksYou", "SensitiveFields"]
        return evaluation.fields.allSatisfy(\.overAsking.isEmpty)
            && evaluation.warnings.allSatisfy { ordinary.contains($0.code) }
    }

    /// What is given, as the store takes it.
    public var decision: [FieldChoice] {
        chosen.sorted { $0.key < $1.key }.map { FieldChoice(field: $0.key, candidate: $0.value) }
    }

    /// Whether a field is given.
    public func isChosen(_ field: FieldEvaluation) -> Bool { field.field.map { chosen[$0] != nil } ?? false }

    /// The match of a field that is given, or would be.
    public func match(of field: FieldEvaluation) -> FieldMatch? {
        let candidate = field.field.flatMap { chosen[$0] } ?? candidate(of: field.credential)
        return field.matches.first { $0.candidate == candidate } ?? field.matches.first
    }

    // MARK: What is chosen

    /// Whether a field is given in any case, but where the whole is refused. What is required and yet more than the
    /// organisation registered, or asked for the last time, isn't: the person ticks it, or there is no answer.
    public func isFixed(_ field: FieldEvaluation) -> Bool {
        request.value?.required.contains { $0.field == field.field } ?? false
    }

    /// Gives a field, or leaves it out.
    public func setChosen(_ given: Bool, _ field: FieldEvaluation) {
        guard let id = field.field, !isFixed(field), field.withheldBy == nil else { return }
        chosen[id] = given ? match(of: field)?.candidate : nil
        keepChoice()
    }

    /// Gives this one of several organisations nothing, or takes that back.
    public func setLeftOut(_ leftOut: Bool) {
        isLeftOut = leftOut
        keepChoice()
    }

    public func setRemember(_ remember: Remember) {
        self.remember = remember
        keepChoice()
    }

    /// Answers a part from another record: all that is given of it comes from there.
    public func answer(_ part: RequestPart, from candidate: String) {
        for field in part.fields where field.matches.contains(where: { $0.candidate == candidate }) {
            if let id = field.field, chosen[id] != nil { chosen[id] = candidate }
        }
        keepChoice()
    }

    /// Takes another of several things that the organisation takes.
    public func take(option: Int, at place: Int) async {
        var options = options
        options[UInt32(place)] = UInt32(option)
        let (desk, id) = (desk, id)
        let choice = options.map { OptionChoice(place: $0.key, option: $0.value) }
        guard let fields = await sending.run({ try await desk.choices(id, options: choice) }) else { return }
        self.options = options
        chosen = Self.chosen(fields)
        keepChoice()
    }

    // MARK: The decision

    /// Gives what is chosen. Where the network fails, the decision is kept and sent later.
    public func answer() async {
        let (desk, id, language, fields) = (desk, id, words.language, decision)
        let until = canRemember ? remember.days.map { now().addingTimeInterval(TimeInterval($0) * 24 * 3600) } : nil
        await decide { try await desk.answer(id, fields, language, rememberUntil: until) }
    }

    /// Gives the answer that the person had remembered.
    public func answerRemembered() async {
        let (desk, id) = (desk, id)
        await decide { try await desk.answerRemembered(id) }
    }

    /// Refuses. The organisation is told nothing.
    public func refuse() async {
        let (desk, id) = (desk, id)
        guard !isDeciding else { return }
        let done: Void? = await sending.run { try await desk.refuse(id) }
        guard done != nil else { return }
        outcome = .refused
        keepDraft(nil)
    }

    /// There is one decision on a request: another press of the button is none.
    private var isDeciding: Bool { outcome != nil || sending.isRunning }

    private func decide(_ call: @escaping @Sendable () async throws -> ConsentSummary?) async {
        guard !isDeciding else { return }
        let answered: ConsentSummary?? = await sending.run(call)
        guard let consent = answered else {
            // Why it can't be answered may be new, such as an organisation that was suspended meanwhile.
            if sending.problem?.isOffline == false { await request.load() }
            return
        }
        outcome = consent.map { .agreed($0.id) } ?? .given
        keepDraft(nil)
        let (desk, id) = (desk, id)
        sessionCode = (try? await desk.sessionCode(id)) ?? nil
    }

    private func keepChoice() {
        var draft = RequestDraft(request: id, chosen: chosen)
        (draft.isLeftOut, draft.remember) = (isLeftOut, remember)
        keepDraft(draft)
    }

    private func candidate(of credential: String) -> String? {
        evaluation?.fields.lazy.filter { $0.credential == credential }.compactMap { $0.field.flatMap { self.chosen[$0] } }
            .first
    }

    private func offers(_ field: String, _ candidate: String) -> Bool {
        evaluation?.fields.contains { offered in
            offered.field == field && offered.withheldBy == nil
                && offered.matches.contains { $0.candidate == candidate }
        } ?? false
    }

    private static func chosen(_ fields: [FieldChoice]) -> [String: String] {
        Dictionary(fields.map { ($0.field, $0.candidate) }, uniquingKeysWith: { first, _ in first })
    }
}
