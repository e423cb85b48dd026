package org.kist

import java.nio.file.Path
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** What stands to others: a signature over what happened, and a receipt in its parts. */
class EvidenceTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun k5_a_person_signs_what_happened_so_far_with_the_devices_key() = within {
        val area = Kist.softwareSecureArea(ByteArray(32) { 7 })
        val store = Kist.person(folder.resolve("alice"), platform("Alice's phone", area))
        store.create(PASSPHRASE).use { alice ->
            assertEquals("NotFound", failing<KistException> { alice.history.checkpoint() }.code, "nothing happened yet")
            alice.consents.pauseEverything()
            assertNull(alice.history.verify().checkpoint)
            val first = alice.history.checkpoint()
            assertEquals(1uL to first, first.sequence to alice.history.verify().checkpoint)
            assertEquals(first, alice.history.checkpoint(), "it is signed already")

            alice.consents.resumeEverything()
            val second = alice.history.checkpoint()
            assertEquals(2uL to first.key, second.sequence to second.key)
            assertEquals(second, alice.history.verify().checkpoint)
        }
    }

    @Test
    fun k5_a_receipt_is_verified_from_its_parts_by_the_organisations_key_alone() = within {
        World(folder).use { world ->
            world.alice().use { alice ->
                val agreement = share(alice, world.clinic, field("name", Schemas.NAME, true, "given_name"))
                val proof = alice.consents.proof(agreement)
                val whole = Json.parseToJsonElement(proof.decodeToString()).jsonObject
                fun part(name: String) = whole.getValue(name).jsonObject.getValue("jws").jsonPrimitive.content
                fun key(name: String) = whole.getValue(name).jsonObject.getValue("key").toString().toByteArray()
                fun verify(receipt: String, key: ByteArray) =
                    Kist.verifyReceipt(receipt, part("acceptance"), part("offer"), key)

                assertEquals(Kist.verifyReceipt(proof), verify(part("receipt"), key("offer")))
                val hers = failing<KistException> { verify(part("receipt"), key("acceptance")) }
                assertEquals("SignatureInvalid", hers.code)
                val swapped = failing<KistException> { verify(part("acceptance"), key("offer")) }
                assertEquals("Malformed", swapped.code)
            }
        }
    }
}
