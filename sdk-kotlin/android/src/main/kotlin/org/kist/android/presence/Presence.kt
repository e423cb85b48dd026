package org.kist.android.presence

import java.security.Signature
import javax.crypto.Cipher
import org.kist.KeyStoreException
import org.kist.android.keys.Guard

/** What the person is asked to allow. */
enum class PresenceReason {
    /** To open the store. */
    OPEN,

    /** To let the device open the store from now on. */
    SEAL,

    /** To sign with a key that is theirs. */
    SIGN,
}

/** Asks the person to show that they are there. Blocks until they did; never called on the main thread. */
interface Presence {
    /**
     * Has [cipher] confirmed: this one operation, and no other use of its key. [KeyStoreException.Locked] where the person
     * doesn't, [KeyStoreException.Unavailable] where they can't.
     */
    fun confirm(reason: PresenceReason, guard: Guard, cipher: Cipher)

    /** Has [signature] confirmed, likewise. */
    fun confirm(reason: PresenceReason, guard: Guard, signature: Signature)
}
