// What Alice does in many stories, in one call each.

import Foundation
import Kist

extension World {
    /// Alice gives what is required and no more; gives the agreement.
    public func share(
        with organisation: Organisation, _ fields: [FieldSpec], rights: Rights? = nil
    ) async throws -> String {
        let hosted = try await organisation.requests.create(asking(for: fields, rights: rights))
        let open = try await alice.requests.open(hosted.uri)
        try await alice.requests.answer(open.id, with: open.required)
        let answer = try await organisation.requests.collect(hosted.id, waiting: .seconds(5))
        try await alice.inbox.refresh()
        guard let agreement = answer?.agreement else { throw WorldError(description: "no agreement came") }
        return agreement
    }

    /// The operator publishes, and Alice's phone takes it in.
    public func takeNewestList() async throws {
        struct Bundle: Decodable { let list: String }
        let published = try await framework.publish(validDays: 30)
        let bundle = try JSONDecoder().decode(Bundle.self, from: Data(published.utf8))
        try await alice.trust.update("Harbour Trust", to: bundle.list)
    }
}
