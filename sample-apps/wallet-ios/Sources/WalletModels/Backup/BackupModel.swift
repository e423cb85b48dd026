// The backup: when the last one was, and that it can be restored. KitModel sets it up.

import Foundation
import Kist
import Observation

/// The screen of the backup.
@MainActor @Observable public final class BackupModel {
    public let status: Loader<BackupStatus>
    /// A backup or a test, with its progress.
    public let act: Act
    /// Whether the person hasn't shown yet that they have the recovery kit.
    public private(set) var isKitUnchecked = false
    /// What the last test found.
    public private(set) var rehearsal: RehearsalReport?
    private let person: Person

    public init(_ store: OpenStore) {
        person = store.person
        act = Act(store.words)
        let person = store.person
        status = Loader(store.words) { try await person.backup.status() }
    }

    public func load() async {
        await status.load()
        isKitUnchecked = (try? await UncheckedKit(person: person).find()) != nil
    }

    /// Backs up what changed. Cancelled, it goes on there the next time.
    public func run() async {
        let person = person
        await act.run(work: { person.backup.run() })
        await status.load()
    }

    /// Restores the backup into a folder apart, looks at it, and throws it away.
    public func rehearse() async {
        let person = person
        rehearsal = await act.run(work: { person.backup.rehearse() })
    }
}
