// What a person keeps: records and files.

import Foundation
import KistGenerated

/// The types of record that Kist knows, the commonest of them; ``Records/schemas()`` has them all. Others are taken as
/// they are.
public enum Schemas {
    public static let name = "urn:kist:schema:name:1"
    public static let birth = "urn:kist:schema:birth:1"
    public static let address = "urn:kist:schema:address:1"
    public static let phone = "urn:kist:schema:phone:1"
    public static let email = "urn:kist:schema:email:1"
    public static let contact = "urn:kist:schema:contact:1"
    public static let document = "urn:kist:schema:document:1"
    public static let vaccination = "urn:kist:schema:vaccination:1"
    public static let note = "urn:kist:schema:note:1"
}

/// The records of a store.
public struct Records: Sendable {
    let store: KistGenerated.Person

    /// Adds records, all or none.
    ///
    /// Errors: `RecordInvalid` with the field and the rule, `Malformed`, `TooLarge`, `StorageFull`.
    @discardableResult
    public func add(_ records: [NewRecord]) async throws(KistError) -> [Record] {
        try await cancellable { try await store.addRecords(drafts: records, cancel: $0) }
    }

    /// Adds a record.
    @discardableResult
    public func add(_ record: NewRecord) async throws(KistError) -> Record {
        guard let added = try await add([record]).first else { throw .internal }
        return added
    }

    /// Corrects a record: a new revision, typed by the person. Earlier ones are kept. The body is a JSON object; one that
    /// breaks its schema is refused, unless the person keeps it.
    @discardableResult
    public func correct(
        _ id: String, body: String, keepViolations: Bool = false
    ) async throws(KistError) -> Record {
        try await edit(id, RecordEdit(body: body, keepViolations: keepViolations))
    }

    /// Writes what the person changed about a record, its labels and files included, as one new revision; an edit that
    /// changes nothing writes none. Labels and files leave what it says, and whose word that is, as they are.
    ///
    /// Errors: `DeliveredFiles` where somebody delivered the record and its files would be others than came with it.
    @discardableResult
    public func edit(_ id: String, _ edit: RecordEdit) async throws(KistError) -> Record {
        try await cancellable { try await store.editRecord(id: id, edit: edit, cancel: $0) }
    }

    /// A record at its current revision.
    public func get(_ id: String) async throws(KistError) -> Record {
        try await cancellable { try await store.record(id: id, cancel: $0) }
    }

    /// All revisions of a record, oldest first.
    public func revisions(of id: String) async throws(KistError) -> [Record] {
        try await cancellable { try await store.recordRevisions(id: id, cancel: $0) }
    }

    /// Records that the filter lets through, the last written first.
    public func list(_ filter: RecordFilter = RecordFilter()) async throws(KistError) -> [RecordSummary] {
        try await cancellable { try await store.listRecords(filter: filter, cancel: $0) }
    }

    /// One page of ``list(_:)``, of `limit` records: the first, or the one that a page before it named as its `next`. A long
    /// list is read page by page; what is written meanwhile stands on a first page that is asked anew.
    public func page(
        _ filter: RecordFilter = RecordFilter(), after page: String? = nil, limit: Int = 100
    ) async throws(KistError) -> RecordPage {
        try await cancellable {
            try await store.listRecordsPage(filter: filter, page: page, limit: UInt32(clamping: limit), cancel: $0)
        }
    }

    /// How many records in sight there are of each part of life, schema, label and source: what a filter can ask for.
    public func facets() async throws(KistError) -> Facets {
        try await cancellable { try await store.recordFacets(cancel: $0) }
    }

    /// Finds records that have every word of the text, the last as the beginning of a word. Best first.
    public func search(
        _ text: String, filter: RecordFilter = RecordFilter(), limit: Int = 50
    ) async throws(KistError) -> [SearchHit] {
        try await cancellable {
            try await store.searchRecords(text: text, filter: filter, limit: UInt32(clamping: limit), cancel: $0)
        }
    }

    /// Deletes a record with all its revisions and its files.
    public func delete(_ id: String) async throws(KistError) {
        try await cancellable { try await store.deleteRecord(id: id, cancel: $0) }
    }

    /// Reads a file or folder of another program; nothing is written until the preview is taken.
    public func previewImport(of source: URL, how: ImportHow = ImportHow()) async throws(KistError) -> ImportPreview {
        let core = try await cancellable { try await store.previewImport(path: source.path, how: how, cancel: $0) }
        return ImportPreview(core: core)
    }

    /// Reads bytes that the app has, with their file's name.
    public func previewImport(
        of data: Data, named name: String? = nil, how: ImportHow = ImportHow()
    ) async throws(KistError) -> ImportPreview {
        let core = try await cancellable {
            try await store.previewImportOfBytes(name: name, bytes: data, how: how, cancel: $0)
        }
        return ImportPreview(core: core)
    }

    /// Imports a file of vCards at once: what the store doesn't have yet.
    @discardableResult
    public func importVCard(_ data: Data, owner: CardOwner) async throws(KistError) -> ImportReport {
        try await cancellable { try await store.importVcard(bytes: data, owner: owner, cancel: $0) }
    }

    /// Imports a JSON object, an array of them, or one a line, each a record of the schema, at once.
    @discardableResult
    public func importJSON(_ data: Data, schema: String? = nil) async throws(KistError) -> ImportReport {
        try await cancellable { try await store.importJson(bytes: data, schema: schema, cancel: $0) }
    }

    /// The types of record that this build knows.
    public func schemas() throws(KistError) -> [SchemaInfo] {
        try immediate { try store.schemas() }
    }
}

/// An import that was read and waits for the person's choice.
public struct ImportPreview: Sendable {
    let core: KistGenerated.ImportPreview

    /// What would be taken and what not.
    public func plan() throws(KistError) -> ImportPlan {
        try immediate { try core.plan() }
    }

    /// Takes the records but for those at the places `without` of the plan, once; with `again` those too that are there
    /// already. Cancelled, the batch under way is rolled back; importing the same source again takes what is missing.
    public func take(without: [Int] = [], again: Bool = false) -> Work<ImportReport> {
        let places = without.map { UInt64($0) }
        return Work { [core] in
            try await core.take(without: places, again: again, listener: $0, cancel: $1)
        }
    }
}

/// The files of a store.
public struct Files: Sendable {
    let store: KistGenerated.Person

    /// Takes in a file of up to 4 GiB as a document. What `details` doesn't say is told by the file: its name, its time, and
    /// the media type by its first bytes. Cancelled, it keeps nothing.
    ///
    /// Errors: `NotFound`, `TooLarge`, `StorageFull`, `Storage`.
    public func attach(contentsOf file: URL, details: FileDetails = FileDetails()) -> Work<Record> {
        Work { [store] in
            try await store.attachFile(path: file.path, details: details, listener: $0, cancel: $1)
        }
    }

    /// Takes in bytes as a document.
    @discardableResult
    public func attach(
        _ data: Data, named name: String, details: FileDetails = FileDetails()
    ) async throws(KistError) -> Record {
        let details = FileDetails(
            mediaType: details.mediaType, name: name, modifiedMs: details.modifiedMs, thumbnail: details.thumbnail)
        return try await cancellable { try await store.attachBytes(bytes: data, details: details, cancel: $0) }
    }

    /// Writes a file to disk: whole and verified, or not at all.
    ///
    /// Errors: `NotFound`, `Corrupt` for a damaged chunk, `StorageFull`, `Storage`.
    public func save(_ id: String, to file: URL) -> Work<Void> {
        Work { [store] in try await store.saveFile(id: id, path: file.path, listener: $0, cancel: $1) }
    }

    /// A small file's bytes. `TooLarge` above 16 MiB: save it instead, or read ranges.
    public func read(_ id: String) async throws(KistError) -> Data {
        try await cancellable { try await store.readFile(id: id, cancel: $0) }
    }

    /// `length` bytes from `offset` on, or as many as there are. Only what they lie in is read; 16 MiB at most at once.
    public func read(_ id: String, offset: UInt64, length: UInt64) async throws(KistError) -> Data {
        try await cancellable { try await store.readFileRange(id: id, offset: offset, length: length, cancel: $0) }
    }

    /// The small picture of a file, where it has one.
    public func thumbnail(of id: String) async throws(KistError) -> Thumbnail? {
        try await cancellable { try await store.fileThumbnail(id: id, cancel: $0) }
    }

    /// Sets the small picture of a file, at most 64 KiB, in place of the one that it has.
    public func setThumbnail(_ thumbnail: Thumbnail, of id: String) async throws(KistError) {
        try await cancellable { try await store.setFileThumbnail(id: id, thumbnail: thumbnail, cancel: $0) }
    }

    /// Every file with the records that have it, in the order in which they came.
    public func list() async throws(KistError) -> [FileUse] {
        try await cancellable { try await store.listFiles(cancel: $0) }
    }

    /// What all files take.
    public func space() async throws(KistError) -> FileSpace {
        try await cancellable { try await store.fileSpace(cancel: $0) }
    }
}
