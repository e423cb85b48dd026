// One consent: what was agreed, and what the person can do about it.

import Foundation
import Kist
import Observation

/// What the screen of a consent shows.
public struct ConsentContent: Sendable {
    public let consent: ConsentDetail
    /// What the organisation asked to read by it.
    public let reads: [ReadInfo]
}

/// The screen of a consent.
@MainActor @Observable public final class ConsentModel {
    public let id: String
    public let content: Loader<ConsentContent>
    public let act: Act
    /// The fields that the person takes out.
    public private(set) var takenOut: Set<String> = []
    /// The earlier end.
    public var endsAt: Date?
    private let store: OpenStore
    private let person: Person

    public init(_ store: OpenStore, id: String) {
        (self.store, self.id, person) = (store, id, store.person)
        act = Act(store.words)
        let person = store.person
        content = Loader(store.words) {
            ConsentContent(
                consent: try await person.consents.get(id), reads: try await person.consents.reads(under: id))
        }
    }

    public func load() async { await content.load() }

    public var summary: ConsentSummary? { content.value?.consent.summary }

    /// The request by which the organisation asks to renew it.
    public var renewal: String? { summary?.renewal }

    /// Withdraws. It holds at once; the organisation is told now, or as soon as it can be.
    public func withdraw() async { await change { _ = try await $0.withdraw($1) } }

    /// Asks the organisation again to acknowledge.
    public func remind() async { await change { _ = try await $0.remind($1) } }

    public func pause() async { await change { _ = try await $0.pause($1) } }

    public func resume() async { await change { _ = try await $0.resume($1) } }

    /// Whether a field can be taken out: it isn't one without which there is no agreement.
    public func canTakeOut(_ field: GivenField) -> Bool { !field.required }

    public func setTakenOut(_ takenOut: Bool, _ field: String) {
        if takenOut { self.takenOut.insert(field) } else { self.takenOut.remove(field) }
    }

    /// Takes out what was chosen, and ends the consent at the earlier moment.
    public func narrow() async {
        guard !takenOut.isEmpty || endsAt != nil else { return }
        let narrowing = Narrowing(
            fields: takenOut.sorted(), endsAt: endsAt.map { Int64($0.timeIntervalSince1970.rounded(.down)) })
        await change { _ = try await $0.narrow($1, by: narrowing) }
        if act.problem == nil { (takenOut, endsAt) = ([], nil) }
    }

    /// The signed proof of it, for anybody.
    public func proof() async -> Data? {
        let (person, id) = (person, id)
        return await act.run { try await person.consents.proof(of: id) }
    }

    private func change(_ call: @escaping @Sendable (Consents, String) async throws -> Void) async {
        let (consents, id) = (person.consents, id)
        await act.run { try await call(consents, id) }
        await content.load()
    }
}
