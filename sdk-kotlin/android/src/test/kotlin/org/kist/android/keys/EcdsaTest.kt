package org.kist.android.keys

import java.security.KeyPairGenerator
import java.security.spec.ECGenParameterSpec
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.kist.KeyStoreException

/** Signatures and points as bytes. */
class EcdsaTest {
    private fun raw(hex: String) = rawSignature(hex.hexToByteArray()).toHexString()

    @Test
    fun s1_short_numbers_are_filled_up_and_a_sign_byte_is_dropped() {
        val zeros = "00".repeat(31)
        assertEquals("${zeros}01${zeros}7f", raw("300602010102017f"))
        assertEquals("${zeros}80${zeros}ff", raw("3008020200800202" + "00ff"))
        val full = "ff".repeat(32)
        assertEquals(full + full, raw("3046" + "022100$full".repeat(2)))
    }

    @Test
    fun a31_what_is_no_signature_to_the_byte_is_refused() {
        val refused = mapOf(
            "nothing" to "",
            "a tag alone" to "30",
            "no numbers" to "3000",
            "one number" to "3003020101",
            "three numbers" to "3009020101020101020101",
            "bytes after it" to "300602010102017f00",
            "a length beyond it" to "300702010102017f",
            "a number's length beyond it" to "300602010102027f",
            "an empty number" to "30050200020101",
            "another tag" to "310602010102017f",
            "no integers" to "300603010102017f",
            "a longer form of a number" to "3007020200010201" + "01",
            "a longer form of a length" to "30810602010102017f",
            "zero" to "3006020100020101",
            "a negative number" to "3006020181020101",
            "a number of 33 bytes" to "3026" + "022101" + "00".repeat(32) + "020101",
        )
        for ((what, hex) in refused) {
            assertThrows<KeyStoreException.Unavailable>(what) { rawSignature(hex.hexToByteArray()) }
        }
    }

    @Test
    fun a10_a_key_of_another_kind_is_refused() {
        val other = listOf(
            KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp384r1")) },
            KeyPairGenerator.getInstance("RSA").apply { initialize(1024) },
        )
        other.forEach { assertThrows<KeyStoreException.Unavailable> { it.generateKeyPair().public.toPoint() } }
    }
}
