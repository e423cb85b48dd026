// What the bridge promises, whatever the API above it is.

import Foundation
import KistGenerated
import Testing

@testable import Kist

private struct NotOurs: Error {}

private final class Key: PlatformKey, Sendable {
    let answer: @Sendable (Data) throws -> Data

    init(_ answer: @escaping @Sendable (Data) throws -> Data) { self.answer = answer }

    func unwrapKey(sealed: Data) async throws -> Data { try answer(sealed) }
}

/// Hands on each step of progress.
private final class Heard: ProgressListener, Sendable {
    let steps: AsyncStream<WorkProgress>
    private let continuation: AsyncStream<WorkProgress>.Continuation

    init() { (steps, continuation) = AsyncStream.makeStream() }

    func progressed(progress: WorkProgress) throws { continuation.yield(progress) }

    func finish() { continuation.finish() }
}

@Suite(.timeLimit(.minutes(1))) struct BridgeTests {
    private func probe() throws -> Probe { try Probe(key: Key { Data($0.reversed()) }) }

    @Test func s1_a_call_reaches_the_platform_key_and_tells_progress() async throws {
        let heard = Heard()
        let opened = try await probe().unwrapKey(sealed: Data([1, 2, 3]), listener: heard, cancel: CancelHandle())
        #expect(opened == Data([3, 2, 1]))
        var steps = heard.steps.makeAsyncIterator()
        #expect(await steps.next() == WorkProgress(done: 1, total: 2))
        #expect(await steps.next() == WorkProgress(done: 2, total: 2))
    }

    @Test func s1_an_error_of_the_platform_comes_back_as_itself() async throws {
        let probe = try Probe(key: Key { _ in throw KistError.PlatformKeyUnavailable(status: -7) })
        await #expect(throws: KistError.PlatformKeyUnavailable(status: -7)) {
            try await probe.unwrapKey(sealed: Data([1]), listener: Heard(), cancel: CancelHandle())
        }
    }

    @Test func s1_a_foreign_error_and_a_panic_are_survived() async throws {
        let probe = try Probe(key: Key { _ in throw NotOurs() })
        await #expect(throws: KistError.Internal) {
            try await probe.unwrapKey(sealed: Data([1]), listener: Heard(), cancel: CancelHandle())
        }
        await #expect(throws: KistError.Internal) { try await probe.panics(cancel: CancelHandle()) }
    }

    @Test func s1_cancelling_a_task_stops_the_work_in_rust() async throws {
        let probe = try probe()
        let heard = Heard()
        let task = Task { try await cancellable { try await probe.wait(listener: heard, cancel: $0) } }
        var steps = heard.steps.makeAsyncIterator()
        _ = await steps.next()
        task.cancel()
        await #expect(throws: KistError.Cancelled) { try await task.value }
        #expect(try probe.dropped() == 1)
    }

    @Test func s1_a_call_in_a_cancelled_task_starts_no_work() async throws {
        let probe = try probe()
        let heard = Heard()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try await cancellable { try await probe.wait(listener: heard, cancel: $0) }
        }
        task.cancel()
        await #expect(throws: KistError.Cancelled) { try await task.value }
        heard.finish()
        var steps = heard.steps.makeAsyncIterator()
        #expect(await steps.next() == nil)
    }
}
