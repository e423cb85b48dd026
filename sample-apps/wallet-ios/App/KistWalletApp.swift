// The app.

import SwiftUI
import WalletModels
import WalletViews

@main struct KistWalletApp: App {
    @State private var wallet = WalletModel(.thisPhone())

    var body: some Scene {
        WindowGroup { WalletView(wallet) }.refreshing(wallet)
    }
}
