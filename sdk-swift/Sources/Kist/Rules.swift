// What the person decided beforehand: what never goes to whom, when to be asked, which answer is given again, what goes
// together.

import KistGenerated

/// The person's rules. They only ever narrow, and nothing is sent by a rule alone.
public struct Rules: Sendable {
    let store: KistGenerated.Person

    /// All rules. One that this build can't read is nil; while there is such, nothing is answered from memory.
    public func list() async throws(KistError) -> [KeptRule] {
        try await cancellable { try await store.rules(cancel: $0) }
    }

    /// Adds a rule; it holds from now on.
    ///
    /// Errors: `Malformed` for one that says nothing, a profile whose name is taken, and an answer; `TooLarge`.
    @discardableResult
    public func add(_ rule: Rule) async throws(KistError) -> KeptRule {
        try await cancellable { try await store.addRule(rule: rule, cancel: $0) }
    }

    /// Takes a rule away. `NotFound`.
    public func remove(_ id: String) async throws(KistError) {
        try await cancellable { try await store.removeRule(id: id, cancel: $0) }
    }
}
