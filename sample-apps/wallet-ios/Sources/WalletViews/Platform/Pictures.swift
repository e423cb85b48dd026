// Pictures by their brightness, for the core's reader of codes; and codes as pictures.

#if canImport(SwiftUI) && canImport(UIKit)
import CoreGraphics
import Kist
import UIKit

extension LumaPicture {
    /// The longest side that is read: larger pictures are made smaller.
    private static let longest = 2048

    /// A picture that the person chose; nil for bytes that are none.
    init?(image data: Data) {
        guard let image = UIImage(data: data)?.cgImage else { return nil }
        let scale = min(1, Double(Self.longest) / Double(max(image.width, image.height, 1)))
        let (width, height) = (Int(Double(image.width) * scale), Int(Double(image.height) * scale))
        guard width > 0, height > 0 else { return nil }
        var pixels = Data(count: width * height)
        let isDrawn = pixels.withUnsafeMutableBytes { bytes in
            guard
                let context = CGContext(
                    data: bytes.baseAddress, width: width, height: height, bitsPerComponent: 8, bytesPerRow: width,
                    space: CGColorSpaceCreateDeviceGray(), bitmapInfo: CGImageAlphaInfo.none.rawValue)
            else { return false }
            context.setFillColor(gray: 1, alpha: 1)
            context.fill(CGRect(x: 0, y: 0, width: width, height: height))
            context.draw(image, in: CGRect(x: 0, y: 0, width: width, height: height))
            return true
        }
        guard isDrawn else { return nil }
        self.init(width: width, height: height, pixels: pixels)
    }

    /// The picture, to be shown.
    var image: CGImage? {
        guard let provider = CGDataProvider(data: pixels as CFData) else { return nil }
        return CGImage(
            width: width, height: height, bitsPerComponent: 8, bitsPerPixel: 8, bytesPerRow: width,
            space: CGColorSpaceCreateDeviceGray(), bitmapInfo: CGBitmapInfo(rawValue: CGImageAlphaInfo.none.rawValue),
            provider: provider, decode: nil, shouldInterpolate: false, intent: .defaultIntent)
    }
}
#endif
