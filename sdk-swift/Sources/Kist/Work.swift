// Work that takes long: its progress as a sequence, and what it comes to.

import KistGenerated

/// Work that has begun. It is the sequence of its own progress, which ends when the work does; ``value`` is its
/// outcome.
///
///     let work = person.backup.run()
///     for await step in work { show(step.done, of: step.total) }
///     let report = try await work.value
///
/// Like a Task it goes on whether anyone waits or not. It is cancelled by ``cancel()``, and when the Task that iterates
/// over it or waits for its value is. Progress is for one iteration; steps that nobody took in time are left out, but
/// never the last.
public struct Work<Value: Sendable>: AsyncSequence, Sendable {
    public typealias Element = WorkProgress

    private let steps: AsyncStream<WorkProgress>
    private let task: Task<Result<Value, KistError>, Never>

    init(_ call: @escaping @Sendable (any ProgressListener, CancelHandle) async throws -> Value) {
        let (steps, told) = AsyncStream.makeStream(of: WorkProgress.self, bufferingPolicy: .bufferingNewest(1))
        self.steps = steps
        task = Task {
            defer { told.finish() }
            do throws(KistError) {
                return .success(try await cancellable { try await call(Listener(told: told), $0) })
            } catch {
                return .failure(error)
            }
        }
    }

    /// What the work comes to.
    public var value: Value {
        get async throws(KistError) {
            let outcome = await withTaskCancellationHandler {
                await task.value
            } onCancel: {
                task.cancel()
            }
            return try outcome.get()
        }
    }

    /// Cancels it; ``value`` throws ``KistError/cancelled`` when the work has stopped. Nothing is left half-done.
    public func cancel() { task.cancel() }

    public func makeAsyncIterator() -> Iterator { Iterator(steps: steps.makeAsyncIterator(), cancel: cancel) }

    /// Gives the work's progress, step by step.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate var steps: AsyncStream<WorkProgress>.Iterator
        fileprivate let cancel: @Sendable () -> Void

        public mutating func next() async -> WorkProgress? {
            let step = await steps.next()
            if Task.isCancelled { cancel() }
            return step
        }
    }
}

/// Hands the core's steps on to the sequence.
private final class Listener: ProgressListener {
    private let told: AsyncStream<WorkProgress>.Continuation

    init(told: AsyncStream<WorkProgress>.Continuation) { self.told = told }

    func progressed(progress: WorkProgress) { told.yield(progress) }
}
