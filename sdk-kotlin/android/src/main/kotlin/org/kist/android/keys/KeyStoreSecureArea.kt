package org.kist.android.keys

import android.security.keystore.KeyPermanentlyInvalidatedException
import java.security.Signature
import javax.crypto.Cipher
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec
import org.kist.KeyStoreException
import org.kist.SecureArea
import org.kist.android.presence.Presence
import org.kist.android.presence.PresenceReason

private const val VERSION: Byte = 1
private const val HEADER = 2
private const val NONCE = 12
private const val TAG = 16
private const val MOST = 1024

/** The core's own key, which signs backups and the history's checkpoints while nobody looks. */
private const val DEVICE_KEY = "kist-device"

/** One at a time makes a missing key: a second one of the same alias would replace the first. */
private val making = Any()

/**
 * A [SecureArea] over the device's keys.
 *
 * Three keys seal: one that asks for nothing, for the platform's part of a passphrase, and one for each way of asking the
 * person, for device unlock. What was sealed says by which: `version ‖ guard ‖ nonce ‖ ciphertext`, the first two bytes
 * authenticated.
 *
 * Signing keys ask for the person at each signature, but for those that are [unattended].
 */
class KeyStoreSecureArea(
    private val keys: DeviceKeys,
    private val presence: Presence,
    /** How the person shows that they are there; for what is sealed and made from now on. */
    private val guard: Guard = Guard.SCREEN_LOCK,
    /** Signing keys that are used without the person. */
    private val unattended: Set<String> = setOf(DEVICE_KEY),
) : SecureArea {
    init {
        require(guard != Guard.NONE) { "presence is asked for by something" }
    }

    override fun seal(secret: ByteArray) = keys.guarded { sealUnder(Guard.NONE, secret) }

    override fun sealForPresence(secret: ByteArray) = keys.guarded { sealUnder(guard, secret) }

    private fun sealUnder(guard: Guard, secret: ByteArray): ByteArray {
        require(secret.size <= MOST) { "at most $MOST bytes are sealed" }
        val (cipher, header) = Pair(sealingCipher(guard), byteArrayOf(VERSION, guard.code))
        confirm(guard, PresenceReason.SEAL) { presence.confirm(it, guard, cipher) }
        cipher.updateAAD(header)
        return header + cipher.iv + cipher.doFinal(secret)
    }

    /** What a key that was invalidated has sealed is lost already, so that a new one takes its place. */
    private fun sealingCipher(guard: Guard): Cipher =
        try {
            sealingCipher(wrappingKey(guard))
        } catch (_: KeyPermanentlyInvalidatedException) {
            keys.delete(alias(guard))
            sealingCipher(wrappingKey(guard))
        }

    private fun sealingCipher(key: SecretKey): Cipher = gcm().apply {
        init(Cipher.ENCRYPT_MODE, key)
        check(iv.size == NONCE) { "a nonce of another length" }
    }

    override fun open(sealed: ByteArray): ByteArray = keys.guarded {
        val guard = guardOf(sealed)
        val key = keys.secret(alias(guard)) ?: throw KeyStoreException.Unavailable()
        val cipher = gcm()
        cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG * Byte.SIZE_BITS, sealed, HEADER, NONCE))
        confirm(guard, PresenceReason.OPEN) { presence.confirm(it, guard, cipher) }
        cipher.updateAAD(sealed, 0, HEADER)
        cipher.doFinal(sealed, HEADER + NONCE, sealed.size - HEADER - NONCE)
    }

    private fun guardOf(sealed: ByteArray): Guard {
        val known = sealed.size in HEADER + NONCE + TAG..HEADER + NONCE + TAG + MOST && sealed[0] == VERSION
        return Guard.entries.find { known && it.code == sealed[1] } ?: throw KeyStoreException.Unavailable()
    }

    override fun signingKey(name: String): ByteArray = keys.guarded {
        val alias = signingAlias(name)
        val pair = synchronized(making) { keys.pair(alias) ?: keys.makePair(alias, guardOfKey(name)) }
        pair.public.toPoint()
    }

    /** `Unavailable` for a key that [signingKey] never made: a new one would sign in the name of nobody. */
    override fun sign(name: String, message: ByteArray): ByteArray = keys.guarded {
        val pair = keys.pair(signingAlias(name)) ?: throw KeyStoreException.Unavailable()
        val (signature, guard) = Pair(Signature.getInstance("SHA256withECDSA"), guardOfKey(name))
        signature.initSign(pair.private)
        confirm(guard, PresenceReason.SIGN) { presence.confirm(it, guard, signature) }
        signature.update(message)
        rawSignature(signature.sign())
    }

    private fun guardOfKey(name: String) = if (name in unattended) Guard.NONE else guard

    private fun wrappingKey(guard: Guard): SecretKey =
        synchronized(making) { keys.secret(alias(guard)) ?: keys.makeSecret(alias(guard), guard) }

    private inline fun confirm(guard: Guard, reason: PresenceReason, ask: (PresenceReason) -> Unit) {
        if (guard != Guard.NONE) ask(reason)
    }

    companion object {
        private fun gcm() = Cipher.getInstance("AES/GCM/NoPadding")

        /** The alias of the key that seals under [guard]. */
        fun alias(guard: Guard): String = when (guard) {
            Guard.NONE -> "kist.wrap"
            Guard.SCREEN_LOCK -> "kist.wrap.screen-lock"
            Guard.BIOMETRICS -> "kist.wrap.biometrics"
        }

        private fun signingAlias(name: String): String {
            require(name.length in 1..64) { "a key's name has 1 to 64 characters" }
            return "kist.sign.$name"
        }
    }
}
