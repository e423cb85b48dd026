// Scanning: camera, picture, paste, tag.

#if canImport(SwiftUI)
import Kist
import PhotosUI
import SwiftUI
import WalletModels

struct ScanView: View {
    @State private var model: ScanModel
    @State private var usesCamera = false
    @State private var isCameraRefused = false
    @Environment(\.words) private var words
    #if canImport(CoreNFC)
    @State private var tags = TagReader()
    #endif

    init(_ store: OpenStore, _ wallet: WalletModel) { _model = State(initialValue: ScanModel(store, wallet)) }

    var body: some View {
        Form {
            Text(words("scan.text"))
            if model.act.isRunning { Working(model.act) }
            if let problem = model.act.problem { ProblemRow(problem) }
            #if canImport(UIKit)
            camera
            PictureButton(words("scan.picture")) { await model.choose($0) } unreadable: { model.unreadablePicture() }
            #endif
            #if canImport(CoreNFC)
            if TagReader.isAvailable {
                ActButton(words("scan.tag")) {
                    if let link = await tags.link(words("scan.tag.hold")) { await model.open(link) }
                }
            }
            #endif
            Section(words("scan.link.heading")) {
                TextField(words("scan.link"), text: $model.text, axis: .vertical).autocorrectionDisabled()
                PasteButton(payloadType: String.self) { texts in
                    Task { @MainActor in
                        model.text = texts.first ?? ""
                        await model.openText()
                    }
                }
                ActButton(words("scan.link.open")) { await model.openText() }
            }
        }
        .navigationTitle(words("scan.title"))
        .task { await model.followLink() }
    }

    #if canImport(UIKit)
    @ViewBuilder private var camera: some View {
        if usesCamera {
            CameraView { await model.frame($0) }
                .frame(height: 320)
                .accessibilityElement()
                .accessibilityLabel(words("scan.camera.seen"))
                .accessibilityHint(words("scan.camera.looking"))
            Button(words("scan.camera.stop")) { usesCamera = false }
        } else {
            ActButton(words("scan.camera")) {
                usesCamera = await Camera.isAllowed()
                isCameraRefused = !usesCamera
            }
            if isCameraRefused { Text(words("problems.CameraFails")) }
        }
    }
    #endif
}

#if canImport(UIKit)
/// Chooses a picture from the person's library.
struct PictureButton: View {
    let title: String
    let chosen: (LumaPicture) async -> Void
    let unreadable: () -> Void
    @State private var item: PhotosPickerItem?

    init(
        _ title: String, chosen: @escaping (LumaPicture) async -> Void, unreadable: @escaping () -> Void = {}
    ) {
        (self.title, self.chosen, self.unreadable) = (title, chosen, unreadable)
    }

    var body: some View {
        PhotosPicker(title, selection: $item, matching: .images)
            .onChange(of: item) { _, item in
                guard let item else { return }
                Task {
                    let data = try? await item.loadTransferable(type: Data.self)
                    if let picture = data.flatMap(LumaPicture.init(image:)) {
                        await chosen(picture)
                    } else {
                        unreadable()
                    }
                    self.item = nil
                }
            }
    }
}
#endif
#endif
