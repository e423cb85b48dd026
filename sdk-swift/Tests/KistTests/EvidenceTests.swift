// What stands to others: a signature over what happened, and a receipt in its parts.

import Foundation
import Kist
import KistWorld
import Testing

@Suite(.timeLimit(.minutes(5))) struct EvidenceTests {
    @Test func k5_a_person_signs_what_happened_so_far_with_the_devices_key() async throws {
        let folder = try Folder()
        let area = try SoftwareSecureArea(secret: Data(repeating: 7, count: 32))
        let alice = try await Person.create(
            in: folder.path("alice"), platform: platform("phone", secureArea: area), passphrase: passphrase)
        let nothing = await failure { () throws(KistError) in try await alice.history.checkpoint() }
        #expect(nothing?.code == .notFound, "nothing happened yet")
        try await alice.consents.pauseEverything()
        #expect(try await alice.history.verify().checkpoint == nil)
        let first = try await alice.history.checkpoint()
        #expect(first.sequence == 1)
        #expect(try await alice.history.verify().checkpoint == first)
        #expect(try await alice.history.checkpoint() == first, "it is signed already")

        try await alice.consents.resumeEverything()
        let second = try await alice.history.checkpoint()
        #expect(second.sequence == 2 && second.key == first.key)
        #expect(try await alice.history.verify().checkpoint == second)
    }

    @Test func k5_a_receipt_is_verified_from_its_parts_by_the_organisations_key_alone() async throws {
        let world = try await World()
        try await world.fill()
        let (alice, clinic) = (world.alice, world.clinic)
        let hosted = try await clinic.requests.create(asking(for: [part("name", Schemas.name, ["given_name"])]))
        let open = try await alice.requests.open(hosted.uri)
        let consent = try #require(try await alice.requests.answer(open.id, with: open.required)).id
        _ = try #require(try await clinic.requests.collect(hosted.id))
        try await alice.inbox.refresh()

        let proof = try await alice.consents.proof(of: consent)
        let whole = try #require(try JSONSerialization.jsonObject(with: proof) as? [String: Any])
        let (receipt, _) = try signed("receipt", in: whole)
        let (acceptance, hers) = try signed("acceptance", in: whole)
        let (offer, theirs) = try signed("offer", in: whole)
        let proven = try Receipt.verify(receipt, acceptance: acceptance, offer: offer, key: theirs)
        #expect(try proven == Receipt.verify(proof))
        let otherKey = await failure { () throws(KistError) in
            try Receipt.verify(receipt, acceptance: acceptance, offer: offer, key: hers)
        }
        #expect(otherKey?.code == .signatureInvalid)
        let swapped = await failure { () throws(KistError) in
            try Receipt.verify(acceptance, acceptance: acceptance, offer: offer, key: theirs)
        }
        #expect(swapped?.code == .malformed)
        world.relay.stop()
    }

    /// A part of a proof and the key that signed it, a JWK.
    private func signed(_ name: String, in proof: [String: Any]) throws -> (String, Data) {
        let part = try #require(proof[name] as? [String: Any])
        let key = try JSONSerialization.data(withJSONObject: try #require(part["key"]))
        return (try #require(part["jws"] as? String), key)
    }
}
