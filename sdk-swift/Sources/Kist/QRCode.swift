// QR codes: drawn as a picture's brightness, and read from it.

import Foundation
import KistGenerated

/// A picture by its brightness.
public struct LumaPicture: Hashable, Sendable {
    /// Pixels on a row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// A byte a pixel, row by row; 0 is black.
    public let pixels: Data

    public init(width: Int, height: Int, pixels: Data) {
        self.width = width
        self.height = height
        self.pixels = pixels
    }
}

/// QR codes.
public enum QRCode {
    /// Light modules around a code (ISO/IEC 18004).
    private static let quietZone = 4

    /// Draws a text as modules. `TooLarge` above 2331 bytes.
    public static func modules(of text: String) throws(KistError) -> QrModules {
        try immediate { try drawQr(text: text) }
    }

    /// Draws a text as a picture with its quiet zone, each module `scale` pixels wide.
    public static func picture(of text: String, scale: Int = 4) throws(KistError) -> LumaPicture {
        let code = try modules(of: text)
        let size = Int(code.size), side = (size + 2 * quietZone) * max(scale, 1)
        var pixels = Data(repeating: 255, count: side * side)
        for y in 0..<side {
            let row = y / scale - quietZone
            guard (0..<size).contains(row) else { continue }
            for x in 0..<side {
                let column = x / scale - quietZone
                if (0..<size).contains(column), code.modules[code.modules.startIndex + row * size + column] == 1 {
                    pixels[y * side + x] = 0
                }
            }
        }
        return LumaPicture(width: side, height: side, pixels: pixels)
    }

    /// The texts of all codes in a picture.
    ///
    /// Errors: `Malformed` where the size isn't the bytes', `TooLarge`.
    public static func read(_ picture: LumaPicture) throws(KistError) -> [String] {
        try immediate {
            try readQr(
                luma: picture.pixels, width: UInt32(clamping: picture.width), height: UInt32(clamping: picture.height))
        }
    }

    /// The one link in a picture that starts a handshake. `NotARequest` where there is none.
    public static func readRequest(_ picture: LumaPicture) throws(KistError) -> String {
        try immediate {
            try readRequestQr(
                luma: picture.pixels, width: UInt32(clamping: picture.width), height: UInt32(clamping: picture.height))
        }
    }
}
