// The recovery kit: made with the backup, shown, printed, and checked by typing a part of it.

import Foundation
import Kist
import Observation

/// The screen of the recovery kit.
@MainActor @Observable public final class KitModel {
    public enum Step: Hashable, Sendable {
        /// There is no backup yet: on which relay.
        case relay
        /// The kit.
        case kit
        /// A part of it is asked for.
        case check
        /// The person has it.
        case done
    }

    public private(set) var step = Step.relay
    /// The relay that backups go to.
    public var relay: String
    /// Making the kit, and the first backup.
    public let act: Act
    /// The kit, until it was checked.
    public private(set) var kit: RecoveryKit?
    /// Which group of the code is asked for, counted from 1.
    public private(set) var askedGroup = 1
    /// What the person types of it.
    public var typed = ""
    private let store: OpenStore

    public init(_ store: OpenStore, _ wallet: WalletModel) {
        self.store = store
        act = Act(store.words)
        relay = wallet.device.relay ?? ""
    }

    /// The groups of the code.
    public var groups: [String] { kit?.code.split(separator: "-").map(String.init) ?? [] }

    /// Shows the kit that wasn't checked, where the app was killed meanwhile.
    public func load() async {
        let person = store.person
        let found: (RecoveryKit?, String?)? = await act.run {
            (try await UncheckedKit(person: person).find(), try await person.backup.status().relay)
        }
        guard let (kit, relay) = found else { return }
        self.kit = kit
        step = kit != nil ? .kit : relay != nil ? .done : .relay
    }

    /// Sets the backup up, which makes the kit.
    public func make() async {
        guard !act.isRunning else { return }
        let (person, relay) = (store.person, relay.trimmingCharacters(in: .whitespacesAndNewlines))
        guard !relay.isEmpty else {
            act.fail(Problem(own: "RelayEmpty", store.words))
            return
        }
        let made: RecoveryKit? = await act.run {
            try await person.setRelay(relay)
            let kit = try await person.backup.setUp(on: relay)
            try await UncheckedKit(person: person).keep(kit)
            return kit
        }
        guard let made else { return }
        kit = made
        step = .kit
    }

    /// What was typed, as the code is read: signs that look alike are one.
    private static func plain(_ typed: String) -> String {
        let alike: [Character: Character] = ["O": "0", "I": "1", "L": "1"]
        return String(typed.uppercased().filter { $0.isLetter || $0.isNumber }.map { alike[$0] ?? $0 })
    }

    /// The person says that they have it: asks for one of its groups.
    public func haveIt() {
        guard kit != nil else { return }
        askedGroup = Int.random(in: 1...max(groups.count, 1))
        typed = ""
        act.clear()
        step = .check
    }

    /// Back to the kit.
    public func showAgain() {
        act.clear()
        step = .kit
    }

    /// Holds what was typed against the kit. Where it is right, the kit is deleted here and the first backup made.
    public func check() async {
        guard groups.indices.contains(askedGroup - 1) else { return }
        guard Self.plain(typed) == Self.plain(groups[askedGroup - 1]) else {
            act.fail(Problem(own: "KitGroupDiffers", store.words, ["group": .number(Int64(askedGroup))]))
            return
        }
        let person = store.person
        let forgotten: Void? = await act.run { try await UncheckedKit(person: person).forget() }
        guard forgotten != nil else { return }
        kit = nil
        step = .done
        await act.run(work: { person.backup.run() })
    }
}
