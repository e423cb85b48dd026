// Being woken when something has come. It is optional and carries no content.

import KistGenerated

/// Where the platform's push service gives out subscriptions: UnifiedPush, WebPush, or whatever an app brings. Called from
/// threads of the core, any of them: it tells what the app has already, and waits for nothing.
public protocol Push: Sendable {
    /// The https address of a subscription for an instance, to which an empty POST wakes the app (RFC 8030); nil where
    /// there is no push now. Each mailbox is an instance of its own, and its address should be too: a relay that is given
    /// one address for two mailboxes knows that they are one person's.
    func endpoint(for instance: String) -> String?
}

/// A relay tells a push service that something has come, and the app that it wakes refreshes the inbox. Without it, opening
/// the app or a refresh in the background delivers everything.
public struct PushSubscriptions: Sendable {
    let store: KistGenerated.Person

    /// Registers each mailbox's subscription with its relay, where it isn't yet, and takes away those that `push` no
    /// longer has. To be called after connections were opened, and when the platform's push service says that addresses
    /// changed.
    @discardableResult
    public func register(_ push: any Push) async throws(KistError) -> PushReport {
        try await cancellable { try await store.registerPush(push: PushForCore(push), cancel: $0) }
    }
}

/// An app's push service as the core asks it.
private final class PushForCore: KistGenerated.Push {
    private let push: any Push

    init(_ push: any Push) { self.push = push }

    func endpoint(instance: String) -> String? { push.endpoint(for: instance) }
}
