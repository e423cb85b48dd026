// What a screen shows: it loads, is ready, or failed; and what is done from it.

import Kist
import Observation

/// The state of what a screen shows.
public enum Loadable<Value> {
    /// It comes; how far it is, where that is known.
    case loading(WorkProgress?)
    /// It is there.
    case ready(Value)
    /// It didn't come.
    case failed(Problem)

    /// What is there.
    public var value: Value? {
        if case .ready(let value) = self { value } else { nil }
    }
}

extension Loadable where Value: Collection {
    /// Whether it came, and there is nothing.
    public var isEmpty: Bool { value?.isEmpty == true }
}

/// Something that the person does and that takes a while: one at a time, with its progress, to be cancelled.
@MainActor @Observable public final class Act {
    /// Whether it runs.
    public private(set) var isRunning = false
    /// How far it is, where that is known.
    public private(set) var progress: WorkProgress?
    /// Why it failed, until it is tried again. What was cancelled hasn't failed.
    public private(set) var problem: Problem?
    /// The error behind the problem, where it is one of the core's.
    public private(set) var error: KistError?
    private let words: Words
    @ObservationIgnored private var cancelRunning: (() -> Void)?

    public init(_ words: Words) { self.words = words }

    /// Runs a call of the SDK; nil where it failed, was cancelled, or something else runs.
    @discardableResult
    public func run<Value: Sendable>(_ call: @escaping @Sendable () async throws -> Value) async -> Value? {
        guard !isRunning else { return nil }
        (isRunning, progress, problem, error) = (true, nil, nil, nil)
        let task = Task { () -> Result<Value, KistError> in
            do { return .success(try await call()) } catch { return .failure(KistError(error)) }
        }
        cancelRunning = { task.cancel() }
        let outcome = await withTaskCancellationHandler { await task.value } onCancel: { task.cancel() }
        (isRunning, progress, cancelRunning) = (false, nil, nil)
        switch outcome {
        case .success(let value): return value
        case .failure(.cancelled): return nil
        case .failure(let error):
            problem = Problem(error, words)
            self.error = error
            return nil
        }
    }

    /// Runs long work, and tells its progress.
    @discardableResult
    public func run<Value: Sendable>(work begin: @escaping @Sendable () -> Work<Value>) async -> Value? {
        await run {
            let work = begin()
            for await step in work { await self.tell(step) }
            return try await work.value
        }
    }

    /// Stops what runs. Nothing is left half-done.
    public func cancel() { cancelRunning?() }

    /// Says that something can't be done.
    public func fail(_ problem: Problem) { self.problem = problem }

    /// Takes the problem off the screen.
    public func clear() { (problem, error) = (nil, nil) }

    private func tell(_ step: WorkProgress) { if isRunning { progress = step } }
}

/// What a screen shows, and the way in which it is fetched. What was shown stays on the screen while it is fetched again,
/// and when that fails.
@MainActor @Observable public final class Loader<Value> {
    /// The fetching.
    public let act: Act
    /// What came last.
    public fileprivate(set) var value: Value?
    @ObservationIgnored fileprivate let fetch: @Sendable () async throws -> Value

    public init(_ words: Words, _ fetch: @escaping @Sendable () async throws -> Value) {
        act = Act(words)
        self.fetch = fetch
    }

    /// What to show.
    public var state: Loadable<Value> {
        if let value { return .ready(value) }
        if let problem = act.problem { return .failed(problem) }
        return .loading(act.progress)
    }

}

extension Loader where Value: Sendable {
    /// Fetches it, again.
    public func load() async {
        if let fetched = await act.run(fetch) { value = fetched }
    }
}
