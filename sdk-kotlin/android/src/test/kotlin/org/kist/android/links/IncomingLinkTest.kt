package org.kist.android.links

import android.content.Intent
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** What other apps open this one with. */
class IncomingLinkTest {
    private val policy = LinkPolicy(setOf("wallet.example"))
    private val query = "client_id=x509_hash%3Aabc&request_uri=https%3A%2F%2Frelay.example%2Fr"

    @Test
    fun h1_a_request_is_handed_on_as_it_came() {
        val links = listOf("openid4vp://?$query", "OpenID4VP://?$query", "haip-vp://?$query", "eudi-openid4vp://authorize?$query") +
            listOf("https://wallet.example/ask#$query", "https://WALLET.example/ask?$query", "https://wallet.example#$query")
        for (link in links) assertEquals(IncomingLink.Request(link), policy.read(link))
        val letter = "kist-connect://letter?code=AAAA"
        assertEquals(IncomingLink.Connection(letter), policy.read(letter))
    }

    @Test
    fun a29_no_other_app_can_put_a_recovery_code_or_a_devices_code_before_the_person() {
        listOf("kist-recovery:AAAA", "kist-device:AAAA", "kist-other:x", "KIST-RECOVERY:AAAA").forEach { assertNull(policy.read(it)) }
    }

    @Test
    fun a31_what_this_app_is_not_opened_with_is_no_link() {
        val refused = listOf(
            null, "", "openid4vp", "?$query", "javascript:alert(1)", "file:///data", "content://x/y", "http://wallet.example/#$query",
            "https://other.example/#$query", "https://wallet.example.evil.example/#$query", "https://evil.example/wallet.example#$query",
            "https://wallet.example@evil.example/#$query", "https://user@wallet.example/#$query", "https://wallet.example:8443/#$query",
            "https:wallet.example/#$query", "https:/wallet.example/#$query", "https://", "https:///wallet.example#$query",
            "https://wallet.example\\@evil.example/#$query", "openid4vp://?$query\n", "openid4vp://?a=\u0000", " openid4vp://?$query",
            "openid4vp://?a=\u202ereversed", "openid4vp://?a=" + "a".repeat(2953),
        )
        for (text in refused) assertNull(policy.read(text), text)
    }

    @Test
    fun s5_an_activity_that_is_made_again_does_not_open_its_request_again() {
        assertTrue(isFresh(restored = false, flags = Intent.FLAG_ACTIVITY_NEW_TASK))
        assertFalse(isFresh(restored = true, flags = 0))
        assertFalse(isFresh(restored = false, flags = Intent.FLAG_ACTIVITY_LAUNCHED_FROM_HISTORY or Intent.FLAG_ACTIVITY_NEW_TASK))
    }

    @Test
    fun a31_only_web_pages_are_opened_in_a_browser() {
        assertTrue(isWebAddress("https://clinic.example/back?response_code=abc"))
        listOf("http://clinic.example/", "intent://x#Intent;end", "tel:112", "https://a b", "https://a\n", "").forEach { assertFalse(isWebAddress(it), it) }
    }
}
