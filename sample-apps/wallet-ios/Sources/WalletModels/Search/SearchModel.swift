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

/// The records of a part of life.
@MainActor @Observable public final class AreaModel {
    public let records: Loader<[RecordSummary]>

    public init(_ store: OpenStore, area: String) {
        let person = store.person
        records = Loader(store.words) { try await person.records.list(RecordFilter(area: area)) }
    }

    public func load() async { await records.load() }
}
