package org.kist

import org.kist.generated.Person as CorePerson
import org.kist.generated.Push as CorePush

/**
 * Where the platform's push service gives out subscriptions: UnifiedPush, WebPush, or whatever an app brings. Called on threads
 * of the core, any of them: it tells what the app has already, and waits for nothing. What it throws counts as no subscription.
 */
fun interface Push {
    /**
     * The https address of a subscription for [instance], to which an empty POST wakes the app (RFC 8030); null where there is
     * no push now. Each mailbox is an instance of its own, and its address should be too: a relay that is given one address for
     * two mailboxes knows that they are one person's.
     */
    fun endpoint(instance: String): String?
}

/**
 * Push, which is optional and carries no content: a relay tells a push service that something has come, and the app that it
 * wakes refreshes the inbox. Without it, opening the app or a refresh in the background delivers everything.
 */
class PushSubscriptions internal constructor(private val core: CorePerson) {
    /**
     * Registers each mailbox's subscription with its relay, where it isn't yet, and takes away those that [push] no longer has.
     * To be called after connections were opened, and when the platform's push service says that addresses changed.
     */
    suspend fun register(push: Push): PushReport = cancellable { core.registerPush(PushPort(push), it) }
}

/** A [Push] as the core calls it. */
private class PushPort(private val push: Push) : CorePush {
    override fun endpoint(instance: String): String? =
        try {
            push.endpoint(instance)
        } catch (_: Exception) {
            null
        }
}
