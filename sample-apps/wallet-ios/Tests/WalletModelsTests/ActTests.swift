// What is asked for while something else is done: it waits its turn, and cancelling takes it back.

import Kist
import Testing
import WalletModels

@MainActor @Suite(.timeLimit(.minutes(1))) struct ActTests {
    private let act = Act(Words(.english))
    private let done = Done()

    @Test func u1_what_is_asked_for_while_something_is_done_waits_its_turn() async {
        let gate = Gate()
        let first = await asked("first", behind: gate)
        let second = await asked("second")
        #expect(act.isRunning && done.all.isEmpty)
        gate.open()
        #expect(await [first.value, second.value] == ["first", "second"])
        #expect(done.all == ["first", "second"] && !act.isRunning)
    }

    @Test func u1_what_waited_is_done_though_the_one_before_failed_and_the_last_one_says_how_it_stands() async {
        let gate = Gate()
        let failing = Task {
            await act.run { () async throws -> String in
                await gate.pass()
                throw KistError.network(Failure(code: "Unreachable", parameters: [], retry: true))
            }
        }
        while !act.isRunning { await Task.yield() }
        let second = await asked("second")
        gate.open()
        #expect(await failing.value == nil)
        #expect(await second.value == "second")
        #expect(act.problem == nil && act.error == nil && !act.isRunning)
    }

    @Test func u1_cancelling_takes_back_what_waits_too_and_that_has_not_failed() async {
        let gate = Gate()
        let first = await asked("first", behind: gate)
        let second = await asked("second")
        act.cancel()
        gate.open()
        _ = await first.value
        #expect(await second.value == nil)
        #expect(!done.all.contains("second") && act.problem == nil && !act.isRunning)
        let third = await asked("third")
        #expect(await third.value == "third")
    }

    @Test func u1_a_screen_that_is_loaded_while_it_loads_looks_anew() async {
        let gate = Gate()
        let done = done
        let loader = Loader(Words(.english)) {
            await gate.pass()
            return await done.add("look")
        }
        let first = Task { await loader.load() }
        while !loader.act.isRunning { await Task.yield() }
        var isAsked = false
        let second = Task {
            isAsked = true
            await loader.load()
        }
        while !isAsked { await Task.yield() }
        gate.open()
        await first.value
        await second.value
        #expect(loader.value == 2, "what came while it loaded is seen")
    }

    /// Asks for something that notes its name; it is asked for when this returns.
    private func asked(_ name: String, behind gate: Gate? = nil) async -> Task<String?, Never> {
        let done = done
        var isAsked = false
        let task = Task {
            isAsked = true
            return await act.run {
                await gate?.pass()
                await done.add(name)
                return name
            }
        }
        while !isAsked { await Task.yield() }
        return task
    }
}

/// What was done, in its order.
@MainActor private final class Done {
    private(set) var all: [String] = []

    @discardableResult
    func add(_ name: String) -> Int {
        all.append(name)
        return all.count
    }
}

/// Shut until it is opened, and open from then on.
@MainActor private final class Gate {
    private var isOpen = false

    func open() { isOpen = true }

    func pass() async { while !isOpen { await Task.yield() } }
}
