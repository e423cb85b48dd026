// The files of a record that is being written.

import Foundation
import Kist
import Observation

/// Takes files into the store for a record, and away from it.
@MainActor @Observable public final class Attachments {
    /// A file of the record. One that was taken in for it and isn't saved yet is a document of its own until then.
    public struct Attached: Hashable, Sendable, Identifiable {
        public let file: StoredFile
        let document: String?

        public var id: String { file.id }
    }

    public private(set) var files: [Attached] = []
    /// The taking in, with its progress.
    public let act: Act
    private let person: Person
    /// The files that the record has, as it is saved.
    private var saved: [StoredFile] = []

    init(_ store: OpenStore) {
        person = store.person
        act = Act(store.words)
    }

    /// Begins with the files that a record has.
    func begin(with saved: [StoredFile]) {
        self.saved = saved
        files = saved.map { Attached(file: $0, document: nil) }
    }

    /// Takes a file in.
    public func add(_ file: URL) async {
        let person = person
        guard let document = await act.run(work: { person.files.attach(contentsOf: file) }) else { return }
        files += document.files.map { Attached(file: $0, document: document.id) }
    }

    /// Takes a file away again.
    public func remove(_ attached: Attached) async {
        files.removeAll { $0 == attached }
        await delete([attached])
    }

    /// Files that were taken in, by their ids.
    var added: [String] { files.filter { $0.document != nil }.map(\.id) }

    /// Files that were taken away, by their ids.
    var removed: [String] {
        let left = Set(files.map(\.id))
        return saved.map(\.id).filter { !left.contains($0) }
    }

    /// It is over: the record has the files, or won't. The documents by which they came go.
    func clear() async {
        let attached = files
        begin(with: [])
        await delete(attached)
    }

    private func delete(_ attached: [Attached]) async {
        let (person, documents) = (person, attached.compactMap(\.document))
        await act.run { for document in documents { try await person.records.delete(document) } }
    }
}
