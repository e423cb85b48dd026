// A store that is damaged: put aside whole, to make room for one that is restored.

import Foundation
import Observation

/// The screen of a damaged store. It is reached from the locked wallet, and from within where the store opens all the same.
@MainActor @Observable public final class DamagedModel {
    public let act: Act
    private let wallet: WalletModel

    public init(_ wallet: WalletModel) {
        self.wallet = wallet
        act = Act(wallet.words)
    }

    /// Puts the damaged store aside, and goes to where it is restored.
    public func restore() async {
        act.clear()
        do {
            try await wallet.setAside()
        } catch {
            act.fail(Problem(own: "FileUnreadable", wallet.words, wayForward: .tryAgain))
        }
    }

    /// Leaves everything as it is.
    public func leave() { wallet.leaveDamage() }
}
