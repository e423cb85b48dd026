// What holds whatever is asked of the core: cancellation, progress, ports of the platform that misbehave.

import Foundation
import Kist
import KistWorld
import Testing

@Suite(.timeLimit(.minutes(2))) struct BridgeTests {
    @Test func u1_errors_are_typed() async throws {
        let folder = try Folder()
        let alice = try await folder.alice()
        do throws(KistError) {
            _ = try await alice.requests.open("https://example.org/")
            Issue.record("that is no request")
        } catch {
            guard case .input = error else {
                Issue.record("\(error)")
                return
            }
            #expect(error.code == .notARequest)
            #expect(!error.isRetryable && !error.isCancellation)
        }
        try await alice.close()
        let wrong = await failure { () throws(KistError) in
            try await Person.open(in: folder.path("alice"), platform: platform("phone"), passphrase: "wrong")
        }
        #expect(wrong?.code == .keyMismatch, "Z2")
        let down = await failure { () throws(KistError) in
            let alice = try await Person.open(
                in: folder.path("alice"), platform: platform("phone"), passphrase: passphrase)
            return try await alice.backup.setUp(on: "http://127.0.0.1:9")
        }
        #expect(down?.code == .unreachable)
        #expect(down?.isRetryable == true)
    }

    @Test func u1_work_tells_its_progress_and_then_its_value() async throws {
        let folder = try Folder()
        let alice = try await folder.alice()
        let (file, size) = (folder.path("scan.tiff"), 6 << 20)
        try Data(repeating: 5, count: size).write(to: file)
        let work = alice.files.attach(contentsOf: file)
        var steps: [WorkProgress] = []
        for await step in work { steps.append(step) }
        #expect(steps.last == WorkProgress(done: UInt64(size), total: UInt64(size)))
        #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.done <= $1.done })
        #expect(try await work.value.files.first?.size == UInt64(size))
        #expect(try await alice.records.list().count == 1)
    }

    /// The relay is held, so that nothing but the cancellation can end the work.
    @Test func u1_cancelled_work_stops_and_goes_on_when_it_is_tried_again() async throws {
        let folder = try Folder()
        let relay = try RelayProcess(data: folder.path("relay"))
        let alice = try await folder.alice()
        _ = try await alice.backup.setUp(on: relay.url)
        try await alice.files.attach(Data(repeating: 3, count: 1 << 20), named: "scan.tiff")
        relay.stun()
        let work = alice.backup.run()
        work.cancel()
        #expect(await failure { () throws(KistError) in try await work.value } == .cancelled)

        let iterated = alice.backup.run()
        let iteration = Task { for await _ in iterated {} }
        iteration.cancel()
        await iteration.value
        #expect(await failure { () throws(KistError) in try await iterated.value } == .cancelled)

        let waited = Task { await failure { () throws(KistError) in try await alice.backup.run().value } }
        waited.cancel()
        #expect(await waited.value == .cancelled)
        relay.wake()
        #expect(try await alice.backup.run().value.sequence == 1)
        #expect(try await alice.backup.rehearse().value.sequence == 1)
        relay.stop()
    }

    /// The key store doesn't answer until the call has ended: only a cancellation that reaches Rust can end it.
    @Test func u1_a_cancelled_task_ends_its_call_in_rust() async throws {
        let folder = try Folder()
        let area = try SlowArea()
        let alice = try await folder.alice(with: area)
        let call = Task { await failure { () throws(KistError) in try await alice.enableDeviceUnlock() } }
        var asked = area.asked.makeAsyncIterator()
        await asked.next()
        call.cancel()
        #expect(await call.value == .cancelled)
        area.answer()
        try await alice.enableDeviceUnlock()
        try await alice.close()
        let again = try await Person.openWithDevice(
            in: folder.path("alice"), platform: platform("phone", secureArea: area))
        try await again.close()
    }

    @Test func u1_a_call_in_a_cancelled_task_starts_no_work() async throws {
        let folder = try Folder()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await failure { () throws(KistError) in try await folder.alice() }
        }
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(try !Person.exists(in: folder.path("alice")))
    }

    @Test(arguments: [KeyStoreError.locked, .invalidated, .unavailable])
    func s1_a_key_store_that_fails_is_a_typed_error(reason: KeyStoreError) async throws {
        let folder = try Folder()
        let relay = try RelayProcess(data: folder.path("relay"))
        let alice = try await folder.alice(with: BrokenArea(.fails(reason)))
        let unlock = await failure { () throws(KistError) in try await alice.enableDeviceUnlock() }
        let backup = await failure { () throws(KistError) in try await alice.backup.setUp(on: relay.url) }
        for refused in [unlock, backup] {
            guard case .unlock = refused else {
                Issue.record("\(String(describing: refused))")
                continue
            }
            #expect(refused?.code == .platformKey)
            #expect(refused?[parameter: "state"]?.text.lowercased() == "\(reason)")
        }
        #expect(try await alice.records.list().isEmpty, "the store goes on")
        #expect(try await alice.backup.status().relay == nil)
        relay.stop()
    }

    @Test func s1_a_key_store_that_lies_is_a_typed_error() async throws {
        let folder = try Folder()
        let relay = try RelayProcess(data: folder.path("relay"))
        let area = BrokenArea(.lies)
        let alice = try await folder.alice(with: area)
        let unsigned = await failure { () throws(KistError) in try await alice.backup.setUp(on: relay.url) }
        #expect(unsigned?.code == .malformed)
        try await alice.enableDeviceUnlock()
        try await alice.close()
        let unopened = await failure { () throws(KistError) in
            try await Person.openWithDevice(in: folder.path("alice"), platform: platform("phone", secureArea: area))
        }
        #expect(unopened?.code == .corrupt)
        let opened = try await Person.open(
            in: folder.path("alice"), platform: platform("phone", secureArea: area), passphrase: passphrase)
        #expect(try await opened.records.list().isEmpty)
        relay.stop()
    }
}

/// What a passphrase opens asks for nobody's presence; what the device opens does.
@Suite(.timeLimit(.minutes(2))) struct PresenceTests {
    @Test func s1_a_passphrase_never_depends_on_the_persons_presence() async throws {
        let folder = try Folder()
        let area = try WatchedArea()
        let phone = platform("phone", secureArea: area)
        let alice = try await Person.create(in: folder.path("alice"), platform: phone, passphrase: passphrase)
        #expect(area.sealedForPresence == 0)
        try await alice.enableDeviceUnlock()
        #expect(area.sealedForPresence == 1)
        try await alice.changePassphrase(to: "another passphrase")
        #expect(area.sealedForPresence == 1, "the passphrase is sealed without it")
        try await alice.close()
        let opened = try await Person.open(
            in: folder.path("alice"), platform: phone, passphrase: "another passphrase")
        #expect(area.askedForPresence == 0)
        try await opened.close()
        try await Person.openWithDevice(in: folder.path("alice"), platform: phone).close()
        #expect(area.askedForPresence == 1)
    }
}

/// A key store that counts what is sealed for the person's presence, and how often they are asked for it.
private final class WatchedArea: SecureArea, @unchecked Sendable {
    private let area: SoftwareSecureArea
    private let lock = NSLock()
    private var counts = (sealed: 0, asked: 0)
    private static let mark = Data([1])

    init() throws { area = try SoftwareSecureArea(secret: Data(repeating: 1, count: 32)) }

    var sealedForPresence: Int { lock.withLock { counts.sealed } }
    var askedForPresence: Int { lock.withLock { counts.asked } }

    func seal(_ secret: Data) throws(KeyStoreError) -> Data { Data([0]) + (try area.seal(secret)) }

    func sealForPresence(_ secret: Data) throws(KeyStoreError) -> Data {
        lock.withLock { counts.sealed += 1 }
        return Self.mark + (try area.seal(secret))
    }

    func open(_ sealed: Data) throws(KeyStoreError) -> Data {
        if sealed.prefix(1) == Self.mark { lock.withLock { counts.asked += 1 } }
        return try area.open(Data(sealed.dropFirst()))
    }

    func signingKey(named name: String) throws(KeyStoreError) -> Data { try area.signingKey(named: name) }

    func sign(_ message: Data, withKeyNamed name: String) throws(KeyStoreError) -> Data {
        try area.sign(message, withKeyNamed: name)
    }
}

extension Folder {
    /// Alice's store, opened on a device with a key store.
    fileprivate func alice(with area: any SecureArea) async throws -> Person {
        try await alice().close()
        return try await Person.open(
            in: path("alice"), platform: platform("phone", secureArea: area), passphrase: passphrase)
    }
}

/// A key store that tells when it is asked to seal, and answers when it is allowed to.
private final class SlowArea: SecureArea {
    let asked: AsyncStream<Void>
    private let ask: AsyncStream<Void>.Continuation
    private let gate = DispatchSemaphore(value: 0)
    private let area: SoftwareSecureArea

    init() throws {
        (asked, ask) = AsyncStream.makeStream(of: Void.self)
        area = try SoftwareSecureArea(secret: Data(repeating: 1, count: 32))
    }

    func answer() { gate.signal() }

    func seal(_ secret: Data) throws(KeyStoreError) -> Data {
        ask.yield()
        gate.wait()
        gate.signal()
        return try area.seal(secret)
    }

    func open(_ sealed: Data) throws(KeyStoreError) -> Data { try area.open(sealed) }

    func signingKey(named name: String) throws(KeyStoreError) -> Data { try area.signingKey(named: name) }

    func sign(_ message: Data, withKeyNamed name: String) throws(KeyStoreError) -> Data {
        try area.sign(message, withKeyNamed: name)
    }
}

/// A key store that fails, or gives bytes of its own invention.
private struct BrokenArea: SecureArea {
    enum Way { case fails(KeyStoreError), lies }
    let way: Way

    init(_ way: Way) { self.way = way }

    private func answer() throws(KeyStoreError) -> Data {
        switch way {
        case .fails(let error): throw error
        case .lies: Data([1, 2, 3])
        }
    }

    func seal(_ secret: Data) throws(KeyStoreError) -> Data { try answer() }
    func open(_ sealed: Data) throws(KeyStoreError) -> Data { try answer() }
    func signingKey(named name: String) throws(KeyStoreError) -> Data { try answer() }
    func sign(_ message: Data, withKeyNamed name: String) throws(KeyStoreError) -> Data { try answer() }
}
