// Pictures as files: the portable grey map of Netpbm, in its binary form.

import Foundation
import Kist
import Testing

extension LumaPicture {
    /// Writes it as a file.
    func writePGM(to file: URL) throws {
        try (Data("P5\n\(width) \(height)\n255\n".utf8) + pixels).write(to: file)
    }

    /// Reads a file that ``writePGM(to:)`` wrote.
    init(pgm file: URL) throws {
        let bytes = try Data(contentsOf: file)
        let lines = bytes.split(separator: 10, maxSplits: 3, omittingEmptySubsequences: false)
        try #require(lines.count == 4 && lines[0] == Data("P5".utf8))
        let size = String(decoding: lines[1], as: UTF8.self).split(separator: " ").compactMap { Int($0) }
        try #require(size.count == 2)
        self.init(width: size[0], height: size[1], pixels: Data(lines[3]))
    }
}
