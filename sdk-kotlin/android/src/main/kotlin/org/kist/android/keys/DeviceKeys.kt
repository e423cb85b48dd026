package org.kist.android.keys

import java.security.KeyPair
import java.security.ProviderException
import javax.crypto.SecretKey
import org.kist.KeyStoreException

/** Keys that the device keeps by alias and never gives out: what [KeyStoreSecureArea] and [KeyStoreSmallState] need of it. */
interface DeviceKeys {
    /** Every alias of this app's. */
    val aliases: List<String>

    /** The AES key [alias]; null where there is none. */
    fun secret(alias: String): SecretKey?

    /** The P-256 key [alias]; null where there is none. */
    fun pair(alias: String): KeyPair?

    /** Makes an AES-256 key for GCM, in the safest place that the device has. One of the same alias is replaced. */
    fun makeSecret(alias: String, guard: Guard): SecretKey

    /** Makes a P-256 key for ECDSA with SHA-256, likewise. */
    fun makePair(alias: String, guard: Guard): KeyPair

    /** Makes a key that is never used: only its alias counts. There when this returns. */
    fun makeMarker(alias: String)

    /** Takes a key away, if it is there. */
    fun delete(alias: String)

    /** What the device says of a failure; null where it says nothing that an app can use. */
    fun explain(error: Throwable): KeyStoreException?
}

/** What a key asks for at each use; [code] stands in what was sealed. */
enum class Guard(internal val code: Byte) {
    /** Nothing: the app alone. */
    NONE(0),

    /** The person, by what they unlock the screen with: strong biometrics, PIN, pattern or password. Survives new biometrics. */
    SCREEN_LOCK(1),

    /** The person, by strong biometrics alone. New biometrics make it useless (`Invalidated`). */
    BIOMETRICS(2),
}

/** Where a key is kept, the safest first. */
enum class Protection {
    /** A security chip of its own. */
    STRONGBOX,

    /** The processor's trusted environment. */
    TRUSTED_ENVIRONMENT,

    /** Software: an emulator, or a phone without such hardware. A copy of the whole system holds the key. */
    SOFTWARE,
}

/** Makes a key in StrongBox where there is one, else, and where it can't take the key, in the trusted environment. */
internal fun <T> inSafestPlace(hasStrongBox: Boolean, make: (strongBox: Boolean) -> T): T {
    if (!hasStrongBox) return make(false)
    return try {
        make(true)
    } catch (_: ProviderException) { // StrongBoxUnavailableException, or a chip that knows no such key
        make(false)
    }
}
