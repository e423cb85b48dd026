// This phone, as the wallet's models know it.

#if canImport(SwiftUI) && canImport(UIKit)
import Foundation
import Kist
import UIKit
import WalletModels

extension Device {
    /// This phone: keys in the Secure Enclave, wrong passphrases in the key chain, and files that can't be opened while the
    /// phone is locked; those that are open then serve the refresh in the background.
    @MainActor public static func thisPhone(relay: String? = nil) -> Device {
        let support = URL.applicationSupportDirectory.appending(path: "kist", directoryHint: .isDirectory)
        try? FileManager.default.createDirectory(
            at: support, withIntermediateDirectories: true, attributes: [.protectionKey: FileProtectionType.completeUnlessOpen])
        // Kist has a backup of its own; the phone's would put an older store back.
        var folder = support
        var values = URLResourceValues()
        values.isExcludedFromBackup = true
        try? folder.setResourceValues(values)

        let attempts = KeyChainItem("attempts")
        let platform = Platform(
            deviceName: UIDevice.current.name, secureArea: SecureEnclaveArea(), smallState: KeyChainState())
        return Device(
            store: support.appending(path: "person"), platform: platform,
            place: .file(support.appending(path: "place.json")),
            preferences: .file(support.appending(path: "preferences.json")),
            attempts: Kept(read: { try? attempts.read() }, write: { try? attempts.write($0) }), relay: relay)
    }
}
#endif
