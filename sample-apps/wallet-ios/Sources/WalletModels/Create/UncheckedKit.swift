// A recovery kit that the person hasn't shown that they have.

import Foundation
import Kist

/// The recovery kit between its making and the check. The core gives it once and keeps it nowhere; an app that is killed in
/// between would leave a backup that nobody can restore. So it lies in the person's own store, in the trash and therefore
/// out of sight, and is deleted with the check. Both wallets keep it in the same way.
struct UncheckedKit: Sendable {
    private static let schema = "urn:kist:wallet:unchecked-kit:1"
    let person: Person

    func keep(_ kit: RecoveryKit) async throws {
        let body = ["code": kit.code, "relay": kit.relay, "uri": kit.uri]
        let record = try await person.records.add(NewRecord(schema: Self.schema, encoding: body))
        try await person.curation.trash(record.id)
    }

    /// The kit that waits to be checked; nil without one.
    func find() async throws -> RecoveryKit? {
        guard let id = try await ids().first else { return nil }
        let body = try await person.records.get(id).body(as: [String: String].self)
        return RecoveryKit(code: body["code"] ?? "", relay: body["relay"] ?? "", uri: body["uri"] ?? "")
    }

    /// Deletes it for good.
    func forget() async throws {
        for id in try await ids() { try await person.records.delete(id) }
    }

    private func ids() async throws -> [String] {
        try await person.records.list(RecordFilter(schemas: [Self.schema], place: .trash)).map(\.id)
    }
}
