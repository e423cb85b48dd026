// Unlocking: by the phone's own lock, or by the passphrase, with a wait that grows with wrong ones.

import Foundation
import Kist
import Observation

/// The locked wallet.
@MainActor @Observable public final class UnlockModel {
    /// What the person types.
    public var passphrase = ""
    /// The unlocking.
    public let act: Act
    /// Wrong passphrases since the last right one.
    public private(set) var attempts: Attempts
    private let wallet: WalletModel

    /// How many wrong ones are free of a wait.
    private static let free = 4
    /// From how many on the person is told what they can do without it (A24).
    private static let many = 10

    public init(_ wallet: WalletModel) {
        self.wallet = wallet
        act = Act(wallet.words)
        attempts = wallet.device.attempts.read() ?? Attempts()
    }

    /// Whether the phone's own lock opens it.
    public var offersDevice: Bool { wallet.preferences.unlocksWithDevice && wallet.device.canUnlock }

    /// Seconds until a passphrase is taken again. A clock that was put back shortens nothing.
    public var waitSeconds: Int {
        guard attempts.wrong > Self.free else { return 0 }
        let wait = Self.wait(after: attempts.wrong)
        let passed = wallet.device.now().timeIntervalSince(attempts.last)
        return passed < 0 ? Int(wait) : max(0, Int((wait - passed).rounded(.up)))
    }

    /// Opens the store with what was typed.
    public func unlock() async {
        guard !act.isRunning else { return }
        guard !passphrase.isEmpty else {
            act.fail(Problem(own: "PassphraseEmpty", wallet.words))
            return
        }
        guard waitSeconds == 0 else {
            act.fail(
                Problem(own: "Wait", wallet.words, ["count": .number(Int64(waitSeconds))], wayForward: .tryAgain))
            return
        }
        let (device, typed) = (wallet.device, passphrase)
        let opened = await act.run {
            try await Person.open(in: device.store, platform: device.platform, passphrase: typed)
        }
        if let opened {
            note(Attempts())
            passphrase = ""
            wallet.opened(opened)
        } else if act.problem?.code == KistError.Code.keyMismatch.rawValue {
            var more = attempts
            more.wrong += 1
            more.last = device.now()
            note(more)
            if more.wrong >= Self.many {
                act.fail(Problem(own: "ManyWrongTries", wallet.words, ["count": .number(Int64(more.wrong))]))
            }
        }
    }

    /// Opens the store by the phone's own lock.
    public func unlockWithDevice() async {
        guard !act.isRunning else { return }
        let device = wallet.device
        let opened = await act.run { try await Person.openWithDevice(in: device.store, platform: device.platform) }
        guard let opened else { return }
        note(Attempts())
        wallet.opened(opened)
    }

    private func note(_ attempts: Attempts) {
        self.attempts = attempts
        wallet.device.attempts.write(attempts)
    }

    /// Half a minute after the fifth wrong one, twice as long after each more, an hour at most.
    private static func wait(after wrong: Int) -> TimeInterval {
        min(3600, 30 * pow(2, Double(wrong - free - 1)))
    }
}
