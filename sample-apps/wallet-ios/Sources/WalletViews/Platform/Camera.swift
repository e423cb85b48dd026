// The camera: what it sees on the screen, and its frames by their brightness.

#if canImport(SwiftUI) && canImport(UIKit)
import AVFoundation
import Kist
import SwiftUI

/// The camera's picture. Each frame that comes while none is looked at is given to `seen`.
struct CameraView: UIViewRepresentable {
    let seen: @MainActor (LumaPicture) async -> Void

    func makeUIView(context: Context) -> Preview {
        let view = Preview()
        view.previewLayer.session = context.coordinator.session
        view.previewLayer.videoGravity = .resizeAspectFill
        context.coordinator.start()
        return view
    }

    func updateUIView(_ view: Preview, context: Context) {}

    static func dismantleUIView(_ view: Preview, coordinator: Camera) { coordinator.stop() }

    func makeCoordinator() -> Camera { Camera(seen: seen) }

    final class Preview: UIView {
        override static var layerClass: AnyClass { AVCaptureVideoPreviewLayer.self }
        var previewLayer: AVCaptureVideoPreviewLayer { layer as! AVCaptureVideoPreviewLayer } // layerClass says so
    }
}

/// The camera's session. All of it happens on its own queue, but for what is given to the screen.
final class Camera: NSObject, AVCaptureVideoDataOutputSampleBufferDelegate, @unchecked Sendable {
    let session = AVCaptureSession()
    private let queue = DispatchQueue(label: "org.kist.wallet.camera")
    private let seen: @MainActor (LumaPicture) async -> Void
    private var isLooking = false

    init(seen: @escaping @MainActor (LumaPicture) async -> Void) { self.seen = seen }

    /// Whether the person lets the app use the camera; asks where they weren't asked yet.
    static func isAllowed() async -> Bool { await AVCaptureDevice.requestAccess(for: .video) }

    func start() {
        queue.async { [self] in
            if session.inputs.isEmpty { configure() }
            session.startRunning()
        }
    }

    func stop() { queue.async { [self] in session.stopRunning() } }

    private func configure() {
        guard let device = AVCaptureDevice.default(for: .video), let input = try? AVCaptureDeviceInput(device: device)
        else { return }
        let output = AVCaptureVideoDataOutput()
        output.videoSettings = [
            kCVPixelBufferPixelFormatTypeKey as String: kCVPixelFormatType_420YpCbCr8BiPlanarFullRange
        ]
        output.alwaysDiscardsLateVideoFrames = true
        output.setSampleBufferDelegate(self, queue: queue)
        if session.canAddInput(input) { session.addInput(input) }
        if session.canAddOutput(output) { session.addOutput(output) }
    }

    func captureOutput(
        _ output: AVCaptureOutput, didOutput buffer: CMSampleBuffer, from connection: AVCaptureConnection
    ) {
        guard !isLooking, let picture = LumaPicture(buffer) else { return }
        isLooking = true
        Task { @MainActor in
            await seen(picture)
            queue.async { [self] in isLooking = false }
        }
    }
}

extension LumaPicture {
    /// A frame's brightness, which is its first plane.
    fileprivate init?(_ buffer: CMSampleBuffer) {
        guard let frame = CMSampleBufferGetImageBuffer(buffer) else { return nil }
        CVPixelBufferLockBaseAddress(frame, .readOnly)
        defer { CVPixelBufferUnlockBaseAddress(frame, .readOnly) }
        guard let base = CVPixelBufferGetBaseAddressOfPlane(frame, 0) else { return nil }
        let (width, height) = (CVPixelBufferGetWidthOfPlane(frame, 0), CVPixelBufferGetHeightOfPlane(frame, 0))
        let stride = CVPixelBufferGetBytesPerRowOfPlane(frame, 0)
        var pixels = Data(capacity: width * height)
        for row in 0..<height { pixels.append(Data(bytes: base + row * stride, count: width)) }
        self.init(width: width, height: height, pixels: pixels)
    }
}
#endif
