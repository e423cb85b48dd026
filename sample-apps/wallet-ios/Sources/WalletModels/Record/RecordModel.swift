// One record: each field with where it came from and how fresh it is, what changed, its files.

import Foundation
import Kist
import Observation

/// What the screen of a record shows.
public struct RecordContent: Sendable {
    public let record: Record
    public let fields: [FieldDetail]
    public let changes: [RecordChange]
    public let marks: Marks
    /// Where it contradicts another record, or another device's version of it.
    public let conflicts: [Conflict]
}

/// The screen of a record.
@MainActor @Observable public final class RecordModel {
    public let id: String
    public let content: Loader<RecordContent>
    /// What is done with it.
    public let act: Act
    /// A file that is looked at.
    public private(set) var preview: FilePreview?
    /// Whether the record is gone from here: deleted, or in the trash.
    public private(set) var isGone = false
    private let store: OpenStore
    private let person: Person

    public init(_ store: OpenStore, id: String) {
        (self.store, self.id, person) = (store, id, store.person)
        act = Act(store.words)
        let person = store.person
        content = Loader(store.words) {
            let curation = person.curation
            return RecordContent(
                record: try await person.records.get(id), fields: try await curation.fields(of: id),
                changes: try await curation.changes(of: id), marks: try await curation.marks(of: id),
                conflicts: try await curation.conflicts().filter { $0.sides.contains { $0.id.record == id } })
        }
    }

    public func load() async { await content.load() }

    /// The person says that a field is still right, or the whole record.
    public func confirm(_ member: String? = nil) async {
        await change { try await $0.curation.confirm($1, member: member) }
    }

    public func setFavourite(_ favourite: Bool) async {
        await change { try await $0.curation.setFavourite(favourite, of: $1) }
    }

    public func setNote(_ note: String) async { await change { try await $0.curation.setNote(note, of: $1) } }

    /// Puts it into the trash, from where it can be brought back.
    public func trash() async {
        let (person, id) = (person, id)
        let done: Void? = await act.run { try await person.curation.trash(id) }
        if done != nil { isGone = true }
    }

    /// Looks at a file: a small one is shown, of a large one its name and size.
    public func look(at file: StoredFile) async {
        let person = person
        let isShown = file.size <= FilePreview.largest && FilePreview.isShown(file.mediaType)
        let bytes: Data?? = await act.run { isShown ? try await person.files.read(file.id) : nil }
        if let bytes { preview = FilePreview(file: file, bytes: bytes) }
    }

    /// Writes a file to where the person wants it.
    public func save(_ file: StoredFile, to url: URL) async {
        let person = person
        await act.run(work: { person.files.save(file.id, to: url) })
    }

    public func closePreview() { preview = nil }

    private func change(_ call: @escaping @Sendable (Person, String) async throws -> Void) async {
        let (person, id) = (person, id)
        let done: Void? = await act.run { try await call(person, id) }
        if done != nil { await content.load() }
    }
}

/// A file that is looked at.
public struct FilePreview: Sendable {
    /// The largest file that is shown.
    static let largest: UInt64 = 16 << 20

    public let file: StoredFile
    /// Its bytes, where it is of a kind that is shown.
    public let bytes: Data?

    static func isShown(_ mediaType: String) -> Bool {
        mediaType.hasPrefix("image/") || mediaType == "application/pdf" || mediaType == "text/plain"
    }
}

/// Things that could be settled, side by side.
@MainActor @Observable public final class ConflictsModel {
    public let conflicts: Loader<[Conflict]>
    public let act: Act
    private let person: Person

    public init(_ store: OpenStore) {
        let person = store.person
        self.person = person
        act = Act(store.words)
        conflicts = Loader(store.words) { try await person.curation.conflicts() }
    }

    public func load() async { await conflicts.load() }

    /// Settles one as the person chose. What was not chosen can be brought back.
    public func settle(_ conflict: Conflict, as choice: Settlement) async {
        let person = person
        await act.run { try await person.curation.settle(conflict, as: choice) }
        await conflicts.load()
    }
}
