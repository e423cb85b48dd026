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

    /// From how many on the person is told what they can do without it (A24).
    private static let many = 10

    public init(_ wallet: WalletModel) {
        self.wallet = wallet
        act = Act(wallet.words)
        attempts = wallet.device.attempts.read() ?? Attempts()
        heedClock()
    }

    /// Whether the phone's own lock opens it.
    public var offersDevice: Bool { wallet.preferences.unlocksWithDevice && wallet.device.canUnlock }

    /// Seconds until a passphrase is taken again.
    public var waitSeconds: Int { attempts.secondsLeft(at: wallet.device.now()) }

    /// Opens the store with what was typed.
    public func unlock() async {
        guard !act.isRunning else { return }
        guard !passphrase.isEmpty else {
            act.fail(Problem(own: "PassphraseEmpty", wallet.words))
            return
        }
        heedClock()
        guard waitSeconds == 0 else {
            act.fail(
                Problem(own: "Wait", wallet.words, ["count": .number(Int64(waitSeconds))], wayForward: .tryAgain))
            return
        }
        let (device, typed, before) = (wallet.device, passphrase, attempts)
        // It counts as wrong before it is tried, so that killing the app in time takes none back.
        note(Attempts(wrong: before.wrong + 1, last: device.now()))
        let opened = await act.run {
            try await Person.open(in: device.store, platform: device.platform, passphrase: typed)
        }
        if let opened {
            note(Attempts())
            passphrase = ""
            wallet.opened(opened)
        } else if act.problem?.code != KistError.Code.keyMismatch.rawValue {
            note(before)
        } else if attempts.wrong >= Self.many {
            act.fail(Problem(own: "ManyWrongTries", wallet.words, ["count": .number(Int64(attempts.wrong))]))
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

    /// A clock that was set back begins the wait anew, and makes it no longer.
    private func heedClock() {
        let now = wallet.device.now()
        if attempts.last > now { note(Attempts(wrong: attempts.wrong, last: now)) }
    }
}

extension Attempts {
    /// How many wrong ones are free of a wait.
    private static let free = 3
    private static let first: TimeInterval = 15
    private static let longest: TimeInterval = 300

    /// How long there is to wait before the next: none at first, then twice as long each time, and not for ever (A24).
    fileprivate func secondsLeft(at now: Date) -> Int {
        guard wrong > Self.free else { return 0 }
        let wait = min(Self.longest, Self.first * pow(2, Double(wrong - Self.free - 1)))
        return max(0, Int((wait - now.timeIntervalSince(last)).rounded(.up)))
    }
}
