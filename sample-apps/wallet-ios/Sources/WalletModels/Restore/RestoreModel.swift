// Bringing everything back on a new phone.

import Foundation
import Kist
import Observation

/// The restoring of a backup.
@MainActor @Observable public final class RestoreModel {
    /// What the relay has, where nobody can prove that it is the newest.
    public struct Found: Hashable, Sendable {
        public let sequence: UInt64
        public let deviceName: String
        public let madeAt: Date
    }

    public var code = ""
    public var relay: String
    public var passphrase = ""
    public var again = ""
    /// The restoring, with its progress.
    public let act: Act
    /// What was found and waits for the person to say that it is their newest.
    public private(set) var found: Found?
    /// What came back.
    public private(set) var report: RestoreReport?
    private let wallet: WalletModel
    private var person: Person?

    public init(_ wallet: WalletModel) {
        self.wallet = wallet
        act = Act(wallet.words)
        relay = wallet.device.relay ?? ""
    }

    /// Names a mistyped group while the person types; nil where all is well, or the code isn't whole yet.
    public var codeProblem: Problem? {
        let groups = code.split(separator: "-", omittingEmptySubsequences: true)
        guard groups.count >= 7 else { return nil }
        do throws(KistError) {
            try Backup.check(recoveryCode: code)
            return nil
        } catch {
            return Problem(error, wallet.words)
        }
    }

    /// A picture of the kit was taken.
    public func scanned(_ picture: LumaPicture) {
        do throws(KistError) {
            guard let text = try QRCode.read(picture).first else {
                act.fail(Problem(own: "NoKitInPicture", wallet.words, wayForward: .scanAgain))
                return
            }
            act.clear()
            code = text
        } catch {
            act.fail(Problem(error, wallet.words))
        }
    }

    /// Looks for the backup and brings it back, where it can be proven to be the newest.
    public func restore() async { await restore(.unknown) }

    /// The person says that what was found is their newest.
    public func confirm() async {
        guard let found else { return }
        await restore(.confirmed(sequence: found.sequence))
    }

    private func restore(_ freshness: Freshness) async {
        guard !act.isRunning else { return }
        if let problem = Passphrase.problem(passphrase, again, wallet.words) {
            act.fail(problem)
            return
        }
        let (device, typed) = (wallet.device, passphrase)
        let relay = relay.trimmingCharacters(in: .whitespacesAndNewlines)
        let input = RecoveryInput(code: code, relay: relay.isEmpty ? nil : relay)
        let restored = await act.run(work: {
            Person.restore(
                in: device.store, platform: device.platform, from: input, passphrase: typed, freshness: freshness)
        })
        if let restored {
            (found, report, person) = (nil, restored.report, restored.person)
            (code, passphrase, again) = ("", "", "")
        } else if let error = act.error, error.code == .freshnessUnproven {
            found = Found(error)
            act.clear()
        }
    }

    /// Opens the wallet that came back.
    public func finish() {
        guard let person else { return }
        wallet.opened(person)
    }
}

extension RestoreModel.Found {
    fileprivate init?(_ error: KistError) {
        guard case .number(let sequence) = error[parameter: "sequence"],
            case .number(let madeAt) = error[parameter: "made_at"]
        else { return nil }
        self.init(
            sequence: UInt64(clamping: sequence), deviceName: error[parameter: "device_name"]?.text ?? "",
            madeAt: Date(timeIntervalSince1970: TimeInterval(madeAt)))
    }
}
