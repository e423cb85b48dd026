// Making a wallet: a passphrase, and whether the phone's own lock opens it too.

import Foundation
import Kist
import Observation

/// The making of a wallet. The recovery kit comes next; see ``KitModel``.
@MainActor @Observable public final class CreateModel {
    public var passphrase = ""
    public var again = ""
    public var unlocksWithDevice = false
    /// The making.
    public let act: Act
    private let wallet: WalletModel

    public init(_ wallet: WalletModel) {
        self.wallet = wallet
        act = Act(wallet.words)
    }

    /// Whether the phone has a lock of its own to open the wallet by.
    public var offersDevice: Bool { wallet.device.canUnlock }

    /// Makes the store, opens it, and goes on to the recovery kit.
    public func create() async {
        guard !act.isRunning else { return }
        if let problem = Passphrase.problem(passphrase, again, wallet.words) {
            act.fail(problem)
            return
        }
        let (device, typed, withDevice) = (wallet.device, passphrase, unlocksWithDevice && offersDevice)
        let made: (Person, Bool)? = await act.run {
            let person = try await Person.create(in: device.store, platform: device.platform, passphrase: typed)
            guard withDevice else { return (person, false) }
            // The passphrase opens the store in any case, so that a key store that fails now keeps nobody out.
            return (person, (try? await person.enableDeviceUnlock()) != nil)
        }
        guard let (person, enabled) = made else { return }
        (passphrase, again) = ("", "")
        wallet.set { $0.unlocksWithDevice = enabled }
        wallet.opened(person)
        wallet.go(to: .kit)
    }
}
