package org.kist.android.keys

import java.nio.file.Path
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.copyToRecursively
import kotlin.io.path.deleteRecursively
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import org.kist.KdfCost
import org.kist.Kist
import org.kist.KistException
import org.kist.Platform
import org.kist.Schemas
import org.kist.android.presence.Holder

private const val PASSPHRASE = "a passphrase of some length"

/** A real store over the device's keys: the core seals, opens and counts through them. */
@OptIn(ExperimentalPathApi::class)
class StoreTest {
    @TempDir
    lateinit var folder: Path

    private val keys = GuardedKeys()
    private val holder = Holder(keys)
    private val place get() = folder.resolve("alice")

    private fun store(keys: GuardedKeys = this.keys, guard: Guard = Guard.SCREEN_LOCK) = Kist.person(
        place,
        Platform(
            deviceName = "phone",
            secureArea = KeyStoreSecureArea(keys, holder.gate(), guard),
            smallState = KeyStoreSmallState(keys),
            kdfCost = KdfCost(memoryKib = 19456u, passes = 2u, lanes = 1u),
        ),
    )

    private fun within(test: suspend () -> Unit) = runBlocking { withTimeout(2.minutes) { test() } }

    private fun stateOf(call: suspend () -> Unit): String {
        val error = assertThrows<KistException.Unlock> { runBlocking { call() } }
        return error.word("state").orEmpty()
    }

    @Test
    fun s5_the_person_opens_their_store_with_the_phone_and_nobody_is_asked_for_a_passphrase() = within {
        store().create(PASSPHRASE).use { alice ->
            alice.records.add(Schemas.NOTE, buildJsonObject { put("text", "hello") })
            assertEquals(0, holder.asked.size)
            alice.enableDeviceUnlock()
            assertEquals(1, holder.asked.size, "what is switched on is tried out")
        }
        store().openWithDevice().use { assertEquals(1, it.records.list().size) }
        assertEquals(2, holder.asked.size)
        store().open(PASSPHRASE).close()
        assertEquals(2, holder.asked.size)
    }

    @Test
    fun s5_a_person_who_says_no_keeps_the_store_locked_and_may_say_yes_later() = within {
        store().create(PASSPHRASE).use { it.enableDeviceUnlock() }
        holder.answer = Holder.Answer.DECLINE
        assertEquals("Locked", stateOf { store().openWithDevice() })
        holder.answer = Holder.Answer.CONFIRM
        store().openWithDevice().close()
    }

    @Test
    fun z2_new_biometrics_or_no_screen_lock_lock_nobody_out() = within {
        store(guard = Guard.BIOMETRICS).create(PASSPHRASE).use { it.enableDeviceUnlock() }
        keys.newBiometrics()
        keys.screenLockRemoved()
        assertEquals("Invalidated", stateOf { store(guard = Guard.BIOMETRICS).openWithDevice() })
        store(guard = Guard.BIOMETRICS).open(PASSPHRASE).use { alice ->
            alice.enableDeviceUnlock()
            alice.changePassphrase("$PASSPHRASE, another")
        }
        store(guard = Guard.BIOMETRICS).openWithDevice().close()
        keys.screenLockRemoved()
        store(guard = Guard.BIOMETRICS).open("$PASSPHRASE, another").close()
    }

    @Test
    fun z2_on_another_phone_the_folder_opens_with_neither() = within {
        store().create(PASSPHRASE).use { it.enableDeviceUnlock() }
        assertEquals("Unavailable", stateOf { store(GuardedKeys()).open(PASSPHRASE) })
        assertEquals("Unavailable", stateOf { store(GuardedKeys()).openWithDevice() })
    }

    @Test
    fun a26_a_folder_that_is_put_back_from_a_copy_is_refused() = within {
        store().create(PASSPHRASE).close()
        val copy = folder.resolve("copy")
        place.copyToRecursively(copy, followLinks = false)
        store().open(PASSPHRASE).use { it.records.add(Schemas.NOTE, buildJsonObject { put("text", "later") }) }
        place.deleteRecursively()
        copy.copyToRecursively(place, followLinks = false)
        val error = assertThrows<KistException.Integrity> { runBlocking { store().open(PASSPHRASE) } }
        assertEquals("RollbackDetected", error.code)
    }
}
