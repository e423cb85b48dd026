// Settings: language, lock, relay, whom to believe, the developer's mode, and leaving with everything.

import Foundation
import Kist
import Observation

/// The screen of settings.
@MainActor @Observable public final class SettingsModel {
    /// What is set in the store.
    public struct Content: Sendable {
        public let relay: String?
        public let developerMode: Bool
        /// The frameworks that the person believes.
        public let frameworks: [AnchorInfo]
    }

    public let content: Loader<Content>
    public let act: Act
    /// What an export came to; its code is shown this once.
    public private(set) var exported: ExportReport?
    private let wallet: WalletModel
    private let person: Person

    public init(_ store: OpenStore, _ wallet: WalletModel) {
        (self.wallet, person) = (wallet, store.person)
        act = Act(store.words)
        let person = store.person
        content = Loader(store.words) {
            Content(
                relay: try await person.relay(), developerMode: try await person.developerMode(),
                frameworks: try await person.trust.anchors())
        }
    }

    public func load() async { await content.load() }

    public var preferences: Preferences { wallet.preferences }

    public func setLanguage(_ language: Language?) { wallet.set { $0.language = language } }

    public func setLockAfter(minutes: Int) { wallet.set { $0.lockAfterMinutes = minutes } }

    /// Whether the phone's own lock opens the wallet. Switched off, this app doesn't use it any more.
    public func setUnlocksWithDevice(_ on: Bool) async {
        let person = person
        if on {
            let done: Void? = await act.run { try await person.enableDeviceUnlock() }
            guard done != nil else { return }
        }
        wallet.set { $0.unlocksWithDevice = on }
    }

    /// Replaces the passphrase.
    public func changePassphrase(to passphrase: String, again: String) async {
        if let problem = Passphrase.problem(passphrase, again, wallet.words) {
            act.fail(problem)
            return
        }
        await change { try await $0.changePassphrase(to: passphrase) }
    }

    public func setRelay(_ relay: String) async { await change { try await $0.setRelay(relay) } }

    public func setDeveloperMode(_ on: Bool) async { await change { try await $0.setDeveloperMode(on) } }

    /// Believes a framework from now on, by the file that its operator hands out.
    public func believe(_ bundle: String) async { await change { _ = try await $0.trust.addAnchor(bundle) } }

    /// Fetches a framework's newest list.
    public func refresh(_ framework: AnchorInfo) async {
        await change { _ = try await $0.trust.refresh(framework.label) }
    }

    /// Believes a framework no longer.
    public func remove(_ framework: AnchorInfo) async {
        await change { try await $0.trust.removeAnchor(framework.label) }
    }

    /// Writes everything into a file.
    public func export(to archive: URL) async {
        let (person, catalogue) = (person, wallet.words.catalogue)
        exported = await act.run(work: { person.export(to: archive, sealedState: true, catalogue: catalogue) })
    }

    private func change(_ call: @escaping @Sendable (Person) async throws -> Void) async {
        let person = person
        await act.run { try await call(person) }
        await content.load()
    }
}

/// The person's rules.
@MainActor @Observable public final class RulesModel {
    public let rules: Loader<[KeptRule]>
    public let act: Act
    private let person: Person

    public init(_ store: OpenStore) {
        let person = store.person
        self.person = person
        act = Act(store.words)
        rules = Loader(store.words) { try await person.rules.list() }
    }

    public func load() async { await rules.load() }

    public func add(_ rule: Rule) async {
        let person = person
        await act.run { try await person.rules.add(rule) }
        await rules.load()
    }

    public func remove(_ rule: KeptRule) async {
        let person = person
        await act.run { try await person.rules.remove(rule.id) }
        await rules.load()
    }
}
