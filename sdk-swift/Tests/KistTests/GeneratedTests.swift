// Where the layer meets the generated code: the list of codes, errors of either side.

import Foundation
import KistGenerated
import Testing

@testable import Kist
import KistWorld

@Suite struct GeneratedTests {
    @Test func u1_codes_are_those_that_the_core_exports() throws {
        let exported = try errorCodes().map(\.code)
        #expect(Set(exported).count == exported.count)
        #expect(Set(exported) == Set(Kist.KistError.Code.allCases.map(\.rawValue)))
    }

    @Test func u1_cancellation_has_one_face() {
        #expect(Kist.KistError(CancellationError()) == .cancelled)
        #expect(Kist.KistError(KistGenerated.KistError.Cancelled) == .cancelled)
        #expect(CancellationError().isCancellation && Kist.KistError.cancelled.isCancellation)
        #expect(!Kist.KistError.internal.isCancellation)
    }

    /// Below the typed protocol: an error that the bridge doesn't know.
    @Test func s1_a_foreign_error_of_a_port_is_survived() async throws {
        let folder = try Folder()
        let usual = platform("phone").generated
        let generated = KistGenerated.Platform(
            deviceName: "phone", secureArea: ForeignArea(), kdfCost: usual.kdfCost,
            tlsAuthorities: usual.tlsAuthorities)
        let refused = await failure { () throws(Kist.KistError) in
            try await cancellable {
                try await createPerson(
                    folder: folder.path("alice").path, platform: generated, passphrase: passphrase, cancel: $0)
            }
        }
        #expect(refused?.code == .platformKey)
        #expect(refused?[parameter: "state"] == .word(word: "Unavailable"))
    }
}

/// A port that throws what isn't the bridge's.
private final class ForeignArea: KistGenerated.SecureArea {
    struct NotOurs: Error {}

    func seal(secret: Data) throws -> Data { throw NotOurs() }
    func open(sealed: Data) throws -> Data { throw NotOurs() }
    func signingKey(name: String) throws -> Data { throw NotOurs() }
    func sign(name: String, message: Data) throws -> Data { throw NotOurs() }
}
