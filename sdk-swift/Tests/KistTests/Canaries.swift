// What no file may hold, and what a call fails with.

import Foundation
import Kist
import Testing

/// Words of Alice's data that nobody but she and the clinic may see.
let canaries = ["Canarywood", "Wrenfield Lane", "07700 900461", "1984-03-21", "Comirnaty-QX7"]

/// What a call failed with, if it did.
func failure<Value>(of call: () async throws(KistError) -> Value) async -> KistError? {
    do {
        _ = try await call()
        return nil
    } catch {
        return error
    }
}

/// Every regular file below a folder.
func files(below folder: URL) throws -> [URL] {
    let found = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    return found.compactMap { $0 as? URL }.filter { !$0.hasDirectoryPath }
}

/// Records an issue where any of Alice's words lies in a file below a folder.
func expectNothingReadable(below folder: URL) throws {
    let all = try files(below: folder)
    #expect(!all.isEmpty)
    for file in all {
        let bytes = try Data(contentsOf: file)
        for canary in canaries {
            #expect(bytes.range(of: Data(canary.utf8)) == nil, "\(canary) lies readable in \(file.lastPathComponent)")
        }
    }
}
