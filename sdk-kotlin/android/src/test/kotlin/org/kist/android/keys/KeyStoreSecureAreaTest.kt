package org.kist.android.keys

import android.security.keystore.StrongBoxUnavailableException
import java.math.BigInteger
import java.security.AlgorithmParameters
import java.security.KeyFactory
import java.security.PublicKey
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import java.security.spec.ECParameterSpec
import java.security.spec.ECPoint
import java.security.spec.ECPublicKeySpec
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.kist.KeyStoreException
import org.kist.android.presence.Holder
import org.kist.android.presence.PresenceReason

/** The key store's part of a store, over keys that are guarded as Android guards them. */
class KeyStoreSecureAreaTest {
    private val keys = GuardedKeys()
    private val holder = Holder(keys)
    private val area = KeyStoreSecureArea(keys, holder.gate())
    private val secret = ByteArray(32) { (it * 7).toByte() }

    @Test
    fun s5_what_a_passphrase_needs_is_sealed_and_opened_without_a_prompt() {
        val sealed = area.seal(secret)
        assertArrayEquals(secret, area.open(sealed))
        assertEquals(0, holder.asked.size)
        assertFalse(sealed.toHexString().contains(secret.toHexString()))
        assertFalse(sealed.contentEquals(area.seal(secret)), "each time under a nonce of its own")
    }

    @Test
    fun s5_what_device_unlock_needs_is_opened_by_the_person_alone_and_each_time_anew() {
        val sealed = area.sealForPresence(secret)
        repeat(2) { assertArrayEquals(secret, area.open(sealed)) }
        assertEquals(
            listOf(PresenceReason.SEAL, PresenceReason.OPEN, PresenceReason.OPEN).map { it.name },
            holder.asked.map { it.words.title },
        )
        holder.answer = Holder.Answer.DECLINE
        assertThrows<KeyStoreException.Locked> { area.open(sealed) }
        holder.answer = Holder.Answer.CONFIRM
        assertArrayEquals(secret, area.open(sealed))
    }

    @Test
    fun s5_the_key_itself_refuses_where_the_app_only_says_that_the_person_confirmed() {
        val sealed = area.sealForPresence(secret)
        area.signingKey("credential")
        holder.answer = Holder.Answer.LIE
        assertThrows<KeyStoreException.Locked> { area.open(sealed) }
        assertThrows<KeyStoreException.Locked> { area.sealForPresence(secret) }
        assertThrows<KeyStoreException.Locked> { area.sign("credential", secret) }
    }

    @Test
    fun z2_new_biometrics_end_device_unlock_by_biometrics_and_leave_the_passphrase() {
        val strict = KeyStoreSecureArea(keys, holder.gate(), Guard.BIOMETRICS)
        val (passphrase, device) = Pair(strict.seal(secret), strict.sealForPresence(secret))
        val byScreenLock = area.sealForPresence(secret)
        keys.newBiometrics()
        assertThrows<KeyStoreException.Invalidated> { strict.open(device) }
        assertArrayEquals(secret, strict.open(passphrase))
        assertArrayEquals(secret, area.open(byScreenLock))
        val anew = strict.sealForPresence(secret)
        assertArrayEquals(secret, strict.open(anew), "switched on again, it works again")
        assertThrows<KeyStoreException> { strict.open(device) }
    }

    @Test
    fun z2_without_a_screen_lock_the_passphrase_still_opens() {
        val (passphrase, device) = Pair(area.seal(secret), area.sealForPresence(secret))
        keys.screenLockRemoved()
        assertThrows<KeyStoreException.Invalidated> { area.open(device) }
        assertArrayEquals(secret, area.open(passphrase))
    }

    @Test
    fun a6_each_flipped_byte_and_each_shorter_form_of_what_was_sealed_is_refused() {
        val sealed = area.seal(secret)
        for (at in sealed.indices) {
            val flipped = sealed.clone().also { it[at] = (it[at].toInt() xor 1).toByte() }
            assertThrows<KeyStoreException>("byte $at") { area.open(flipped) }
            assertThrows<KeyStoreException.Unavailable>("cut at $at") { area.open(sealed.copyOf(at)) }
        }
        assertThrows<KeyStoreException.Unavailable> { area.open(sealed + 0) }
    }

    @Test
    fun z2_another_phone_opens_nothing_and_makes_no_key_for_it() {
        val sealed = listOf(area.seal(secret), area.sealForPresence(secret))
        val other = GuardedKeys()
        val elsewhere = KeyStoreSecureArea(other, Holder(other).gate())
        sealed.forEach { assertThrows<KeyStoreException.Unavailable> { elsewhere.open(it) } }
        assertEquals(emptyList<String>(), other.aliases)
        elsewhere.seal(secret)
        assertThrows<KeyStoreException.Unavailable> { elsewhere.open(sealed[0]) }
    }

    @Test
    fun s1_signatures_are_es256_as_r_and_s_whatever_their_leading_zeros() {
        val point = area.signingKey("kist-device")
        assertEquals(65, point.size)
        assertArrayEquals(point, area.signingKey("kist-device"))
        val verifier = Signature.getInstance("SHA256withECDSAinP1363Format")
        repeat(600) { // a first byte of zero, in r or s, comes once in 128
            val message = "message $it".toByteArray()
            verifier.initVerify(publicKey(point))
            verifier.update(message)
            assertTrue(verifier.verify(area.sign("kist-device", message)), "message $it")
        }
        assertEquals(0, holder.asked.size, "the device's own key signs while nobody looks")
    }

    @Test
    fun s5_every_other_key_signs_with_the_person_alone() {
        area.signingKey("credential")
        area.sign("credential", secret)
        assertEquals(listOf(PresenceReason.SIGN.name), holder.asked.map { it.words.title })
        holder.answer = Holder.Answer.DECLINE
        assertThrows<KeyStoreException.Locked> { area.sign("credential", secret) }
    }

    @Test
    fun s1_a_key_that_was_never_made_signs_nothing() {
        assertThrows<KeyStoreException.Unavailable> { area.sign("kist-device", secret) }
        assertEquals(emptyList<String>(), keys.aliases)
    }

    @Test
    fun a38_threads_that_seal_at_once_make_one_key_between_them() {
        val threads = Executors.newFixedThreadPool(8)
        val sealed = List(64) { threads.submit<ByteArray> { area.seal(secret) } }.map { it.get(1, TimeUnit.MINUTES) }
        threads.shutdown()
        sealed.forEach { assertArrayEquals(secret, area.open(it)) }
        assertEquals(1, keys.made)
    }

    @Test
    fun s5_a_key_goes_into_strongbox_where_there_is_one_that_takes_it() {
        val tried = mutableListOf<Boolean>()
        assertEquals("chip", inSafestPlace(hasStrongBox = true) { tried += it; "chip" })
        assertEquals("elsewhere", inSafestPlace(hasStrongBox = true) { strongBox ->
            tried += strongBox
            if (strongBox) throw StrongBoxUnavailableException() else "elsewhere"
        })
        assertEquals("elsewhere", inSafestPlace(hasStrongBox = false) { tried += it; "elsewhere" })
        assertEquals(listOf(true, true, false, false), tried)
    }

    private fun publicKey(point: ByteArray): PublicKey {
        val curve = AlgorithmParameters.getInstance("EC").apply { init(ECGenParameterSpec("secp256r1")) }
        val at = ECPoint(BigInteger(1, point.copyOfRange(1, 33)), BigInteger(1, point.copyOfRange(33, 65)))
        return KeyFactory.getInstance("EC")
            .generatePublic(ECPublicKeySpec(at, curve.getParameterSpec(ECParameterSpec::class.java)))
    }
}
