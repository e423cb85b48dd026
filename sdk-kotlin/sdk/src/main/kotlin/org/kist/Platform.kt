package org.kist

import java.util.TimeZone
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import org.kist.generated.KdfCost as CoreCost
import org.kist.generated.KeyStoreException as CoreKeyStoreException
import org.kist.generated.Platform as CorePlatform
import org.kist.generated.SecureArea as CoreSecureArea
import org.kist.generated.SmallState as CoreSmallState

private const val MILLISECONDS_OF_A_MINUTE = 60_000

/** What the platform does for a store. Quiet hours go by the time zone in which the store was opened. */
class Platform(
    /** What the person calls this device. */
    val deviceName: String,
    /** The platform's key store. Without it, the passphrase alone protects the store. */
    val secureArea: SecureArea? = null,
    /** Bytes that the platform doesn't let anybody put back. */
    val smallState: SmallState? = null,
    /** The cost of a passphrase; the usual one where none is given. */
    val kdfCost: KdfCost? = null,
    /** More certificate authorities to believe for TLS, in DER. */
    val tlsAuthorities: List<ByteArray> = emptyList(),
    /** Also reaches this machine itself over plain HTTP: for tests, with a library that was built for them. */
    val allowLoopback: Boolean = false,
) {
    internal fun toCore() = CorePlatform(
        deviceName,
        secureArea?.let(::SecureAreaPort),
        smallState?.let(::SmallStatePort),
        kdfCost,
        tlsAuthorities,
        TimeZone.getDefault().getOffset(System.currentTimeMillis()) / MILLISECONDS_OF_A_MINUTE,
        allowLoopback,
    )
}

/** The cost of Argon2id (RFC 9106): memory in KiB, passes, lanes. */
typealias KdfCost = CoreCost

/**
 * The platform's key store (StrongBox, a TPM). Called on threads of the core, any of them; it may block there while it asks
 * the person for their presence. What it throws beside [KeyStoreException] counts as [KeyStoreException.Unavailable].
 */
interface SecureArea {
    /** Seals at most 1 KiB so that only this device opens it. The output is opaque. */
    fun seal(secret: ByteArray): ByteArray

    /**
     * Seals as [seal] does, for [open] to ask the person for their presence first: what [Person.enableDeviceUnlock] keeps. A
     * passphrase never depends on it, so that who loses a finger's enrolment or the screen lock still has the passphrase. A
     * key store that can't ask seals in the one way that it has.
     */
    fun sealForPresence(secret: ByteArray): ByteArray = seal(secret)

    /** Opens what [seal] or [sealForPresence] gave on this device. */
    fun open(sealed: ByteArray): ByteArray

    /**
     * The public key of the P-256 key [name], which is made on first use and never leaves the device: an uncompressed
     * SEC 1 point, 65 bytes, `4 ‖ x ‖ y`.
     */
    fun signingKey(name: String): ByteArray

    /** Signs [message], hashed with SHA-256 by the key store, with the key [name]: ES256 as `r ‖ s`, 64 bytes. */
    fun sign(name: String, message: ByteArray): ByteArray
}

/** A few bytes, at most 64, that the platform protects from being put back. Called as [SecureArea] is. */
interface SmallState {
    /** What was last written; null on a new device. */
    fun read(): ByteArray?

    /** Replaces it, durably when this returns. */
    fun write(state: ByteArray)
}

/** A [SmallState] that lasts as long as the process: it guarantees nothing, and serves tests. */
class MemorySmallState : SmallState {
    @Volatile
    private var state: ByteArray? = null

    override fun read(): ByteArray? = state

    override fun write(state: ByteArray) {
        this.state = state
    }
}

/** Why a key of the platform can't be used. */
sealed class KeyStoreException(cause: Throwable?) : Exception(cause) {
    /** The person has to unlock first; try again after that. */
    class Locked(cause: Throwable? = null) : KeyStoreException(cause)

    /** The platform has thrown the key away (new biometrics, screen lock removed); it never comes back. */
    class Invalidated(cause: Throwable? = null) : KeyStoreException(cause)

    /** There is no such key, or no key store. */
    class Unavailable(cause: Throwable? = null) : KeyStoreException(cause)
}

/** A [SecureArea] as the core, whose port seals in one way, calls it. */
internal class SecureAreaPort(private val area: SecureArea) : CoreSecureArea {
    private val sealing = Mutex()

    @Volatile
    private var forPresence = false

    /** Runs a call that replaces one way of unlocking, one at a time, so that each is sealed in its own way. */
    suspend fun <T> replacing(forPresence: Boolean, call: suspend () -> T): T = sealing.withLock {
        this.forPresence = forPresence
        try {
            call()
        } finally {
            this.forPresence = false
        }
    }

    override fun seal(secret: ByteArray) =
        guarded { if (forPresence) area.sealForPresence(secret) else area.seal(secret) }

    override fun open(sealed: ByteArray) = guarded { area.open(sealed) }

    override fun signingKey(name: String) = guarded { area.signingKey(name) }

    override fun sign(name: String, message: ByteArray) = guarded { area.sign(name, message) }
}

/** A [SmallState] as the core calls it. */
private class SmallStatePort(private val state: SmallState) : CoreSmallState {
    override fun read() = guarded { state.read() }

    override fun write(state: ByteArray) = guarded { this.state.write(state) }
}

private inline fun <T> guarded(call: () -> T): T =
    try {
        call()
    } catch (error: Exception) {
        throw when (error) {
            is KeyStoreException.Locked -> CoreKeyStoreException.Locked()
            is KeyStoreException.Invalidated -> CoreKeyStoreException.Invalidated()
            else -> CoreKeyStoreException.Unavailable()
        }
    }

/** The core's own [SecureArea]. */
internal class CoreArea(private val core: CoreSecureArea) : SecureArea {
    override fun seal(secret: ByteArray) = core.seal(secret)

    override fun open(sealed: ByteArray) = core.open(sealed)

    override fun signingKey(name: String) = core.signingKey(name)

    override fun sign(name: String, message: ByteArray) = core.sign(name, message)
}
