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

/// What the person does that takes a while: one thing after the other, with its progress, to be cancelled. What is asked for
/// while another runs waits its turn, and isn't lost.
@MainActor @Observable public final class Act {
    /// How far what runs is, where that is known.
    public private(set) var progress: WorkProgress?
    /// Why the last one failed, until the next runs. What was cancelled hasn't failed.
    public private(set) var problem: Problem?
    /// The error behind the problem, where it is one of the core's.
    public private(set) var error: KistError?
    private let words: Words
    /// What takes back each that isn't over, by its turn.
    private var turns: [Int: @Sendable () -> Void] = [:]
    @ObservationIgnored private var lastTurn = 0
    /// Ends with the one that was asked for last.
    @ObservationIgnored private var last: Task<Void, Never>?

    public init(_ words: Words) { self.words = words }

    /// Whether something runs or waits.
    public var isRunning: Bool { !turns.isEmpty }

    /// Runs a call of the SDK when all that was asked for before is over; nil where it failed or was cancelled.
    @discardableResult
    public func run<Value: Sendable>(_ call: @escaping @Sendable () async throws -> Value) async -> Value? {
        let before = last
        lastTurn += 1
        let turn = lastTurn
        let task = Task { () -> Value? in
            await before?.value
            defer { turns[turn] = nil }
            return await perform(call)
        }
        turns[turn] = { task.cancel() }
        last = Task { _ = await task.value }
        return await withTaskCancellationHandler { await task.value } onCancel: { task.cancel() }
    }

    private func perform<Value: Sendable>(_ call: @Sendable () async throws -> Value) async -> Value? {
        guard !Task.isCancelled else { return nil }
        clear()
        defer { progress = nil }
        do {
            return try await call()
        } catch {
            let error = KistError(error)
            if error != .cancelled { (problem, self.error) = (Problem(error, words), error) }
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

    /// Stops what runs, and takes back what waits. Nothing is left half-done.
    public func cancel() { turns.values.forEach { $0() } }

    /// Says that something can't be done.
    public func fail(_ problem: Problem) { self.problem = problem }

    /// Takes the problem off the screen.
    public func clear() { (problem, error) = (nil, nil) }

    private func tell(_ step: WorkProgress) { progress = step }
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
