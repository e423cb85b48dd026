// What the person does with records besides writing them: sources, marks, the trash, conflicts, forms, and what becomes
// of reminders, which Person lists.

import Foundation
import KistGenerated

/// Curation of a store's records. Members are JSON pointers, such as `/postal_code`; days are texts, such as `2027-03-31`.
public struct Curation: Sendable {
    let store: KistGenerated.Person

    /// The fields of a record, each with its source, date, verification, freshness and what breaks its schema.
    public func fields(of id: String) async throws(KistError) -> [FieldDetail] {
        try await cancellable { try await store.recordFields(id: id, cancel: $0) }
    }

    /// Everything in a record that breaks its schema: what the person kept all the same, and what came from elsewhere.
    public func violations(of id: String) async throws(KistError) -> [Violation] {
        try await cancellable { try await store.recordViolations(id: id, cancel: $0) }
    }

    /// Every revision of a record with what it changed, oldest first.
    public func changes(of id: String) async throws(KistError) -> [RecordChange] {
        try await cancellable { try await store.recordChanges(id: id, cancel: $0) }
    }

    /// The marks on a record: favourite, note, trash, and what replaces it.
    public func marks(of id: String) async throws(KistError) -> Marks {
        try await cancellable { try await store.recordMarks(id: id, cancel: $0) }
    }

    /// Makes a record a favourite, or no longer one.
    public func setFavourite(_ favourite: Bool, of id: String) async throws(KistError) {
        try await cancellable { try await store.setFavourite(id: id, favourite: favourite, cancel: $0) }
    }

    /// Sets the person's note on a record; an empty one removes it. `TooLarge` above 16 KiB.
    public func setNote(_ note: String, of id: String) async throws(KistError) {
        try await cancellable { try await store.setNote(id: id, note: note, cancel: $0) }
    }

    /// The person says that a member is still right, or the whole record where none is named.
    public func confirm(_ id: String, member: String? = nil) async throws(KistError) {
        try await cancellable { try await store.confirmRecord(id: id, member: member, cancel: $0) }
    }

    /// Records with a value that the person should confirm; the longest first.
    public func stale(limit: Int = 50) async throws(KistError) -> [StaleRecord] {
        try await cancellable { try await store.staleRecords(limit: UInt32(clamping: limit), cancel: $0) }
    }

    /// Puts a record into the trash: lists and searches leave it out until it is restored.
    public func trash(_ id: String) async throws(KistError) {
        try await cancellable { try await store.trashRecord(id: id, cancel: $0) }
    }

    /// Brings a record back that is in the trash, or replaced by another.
    public func restore(_ id: String) async throws(KistError) {
        try await cancellable { try await store.restoreRecord(id: id, cancel: $0) }
    }

    /// Deletes for good what is in the trash, or what has been there for so many days; gives how many records that were.
    @discardableResult
    public func emptyTrash(olderThanDays days: Int? = nil) async throws(KistError) -> Int {
        let days = days.map { UInt32(clamping: $0) }
        return Int(clamping: try await cancellable { try await store.emptyTrash(olderThanDays: days, cancel: $0) })
    }

    /// Everything that the person could settle, laid side by side.
    public func conflicts() async throws(KistError) -> [Conflict] {
        try await cancellable { try await store.conflicts(cancel: $0) }
    }

    /// Settles a conflict as the person chose. What was not chosen stays: out of sight, to be restored, or in the history.
    ///
    /// Errors: `NotFound` where it is not what it was when the person looked, `Malformed`.
    public func settle(_ conflict: Conflict, as choice: Settlement) async throws(KistError) {
        let sides = conflict.sides.map(\.id)
        try await cancellable { try await store.settle(sides: sides, choice: choice, cancel: $0) }
    }

    /// Puts off a reminder until a day.
    public func snooze(_ reminder: Reminder, until day: String) async throws(KistError) {
        try await cancellable {
            try await store.snoozeReminder(id: reminder.record, member: reminder.member, until: day, cancel: $0)
        }
    }

    /// Ends a reminder, until there is another date in the record.
    public func dismiss(_ reminder: Reminder) async throws(KistError) {
        try await cancellable {
            try await store.dismissReminder(id: reminder.record, member: reminder.member, cancel: $0)
        }
    }

    /// Fills a form with what the store has, and counts what needed no typing.
    public func fill(_ form: [FormField]) async throws(KistError) -> FilledForm {
        try await cancellable { try await store.fillForm(fields: form, cancel: $0) }
    }

    /// Keeps what the person answered where the store has something else or nothing; nothing is overwritten. Gives the
    /// records written.
    @discardableResult
    public func keep(_ answers: [FormAnswer], to form: [FormField]) async throws(KistError) -> [String] {
        try await cancellable { try await store.keepAnswers(fields: form, answers: answers, cancel: $0) }
    }
}

extension FieldDetail {
    /// The value as one of the app's own.
    public func value<Value: Decodable>(as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(value.utf8))
    }
}

extension FieldDetail: CustomStringConvertible {
    /// Without the value.
    public var description: String { "FieldDetail(\(member), …)" }
}

extension FormAnswer {
    /// An answer whose value is one of the app's own.
    public init(_ name: String, encoding value: some Encodable) throws {
        self.init(name: name, value: String(decoding: try JSONEncoder().encode(value), as: UTF8.self))
    }
}
