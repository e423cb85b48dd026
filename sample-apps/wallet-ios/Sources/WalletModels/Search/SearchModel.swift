// Search as one types, and lists of records.

import Foundation
import Kist
import Observation

/// The search.
@MainActor @Observable public final class SearchModel {
    /// What is typed.
    public private(set) var text = ""
    /// What was found, the best first; nothing is loaded before something was typed.
    public private(set) var hits: Loadable<[SearchHit]> = .ready([])
    private let store: OpenStore
    @ObservationIgnored private var running: Task<Result<[SearchHit], KistError>, Never>?

    public init(_ store: OpenStore) { self.store = store }

    /// Another text: finds what has all its words, the last as the beginning of a word. A search that runs is stopped.
    public func type(_ text: String) async {
        self.text = text
        running?.cancel()
        guard !text.allSatisfy(\.isWhitespace) else {
            hits = .ready([])
            return
        }
        if hits.value == nil { hits = .loading(nil) }
        let person = store.person
        let task = Task { () -> Result<[SearchHit], KistError> in
            do throws(KistError) {
                return .success(try await person.records.search(text))
            } catch {
                return .failure(error)
            }
        }
        running = task
        let outcome = await task.value
        guard self.text == text else { return }
        switch outcome {
        case .success(let found): hits = .ready(found)
        case .failure(.cancelled): break
        case .failure(let error): hits = .failed(Problem(error, store.words))
        }
    }
}

/// The records of a part of life, page by page.
@MainActor @Observable public final class AreaModel {
    public let first: Loader<RecordPage>
    /// Reading on.
    public let act: Act
    private var further: [RecordPage] = []
    private let person: Person
    private let filter: RecordFilter

    private static let pageLength = 100

    public init(_ store: OpenStore, area: String) {
        let (person, filter) = (store.person, RecordFilter(area: area))
        (self.person, self.filter) = (person, filter)
        act = Act(store.words)
        first = Loader(store.words) { try await person.records.page(filter, limit: Self.pageLength) }
    }

    /// What was read so far.
    public var records: [RecordSummary] { (first.value?.records ?? []) + further.flatMap(\.records) }

    /// Whether there is more to read.
    public var hasMore: Bool { next != nil }

    private var next: String? { (further.last ?? first.value)?.next }

    /// Shows the first page.
    public func load() async {
        further = []
        await first.load()
    }

    /// Reads the next page.
    public func loadMore() async {
        guard let next, !act.isRunning else { return }
        let (person, filter) = (person, filter)
        if let page = await act.run({ try await person.records.page(filter, after: next, limit: Self.pageLength) }) {
            further.append(page)
        }
    }
}
