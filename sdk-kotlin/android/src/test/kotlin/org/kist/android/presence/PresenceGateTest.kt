package org.kist.android.presence

import android.hardware.biometrics.BiometricManager
import android.hardware.biometrics.BiometricPrompt
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import javax.crypto.Cipher
import kotlin.reflect.KClass
import kotlin.time.Duration.Companion.milliseconds
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.kist.KeyStoreException
import org.kist.android.keys.Guard
import org.kist.android.keys.GuardedKeys

/** Prompts: which is shown, how long it stands, what its answers mean. */
class PresenceGateTest {
    private val cipher = Cipher.getInstance("AES/GCM/NoPadding")

    private fun gate(host: PromptHost) = PresenceGate(host) { PromptWords(it.name, cancel = "no") }

    private fun PresenceGate.ask() = confirm(PresenceReason.OPEN, Guard.SCREEN_LOCK, cipher)

    @Test
    fun s5_the_prompt_says_what_is_asked_and_by_what_it_is_confirmed() {
        val shown = mutableListOf<Prompt>()
        val gate = gate { prompt, _, answered -> AutoCloseable { }.also { shown += prompt; answered(PromptAnswer.Confirmed) } }
        gate.confirm(PresenceReason.SEAL, Guard.BIOMETRICS, cipher)
        assertEquals(listOf(Prompt(PromptWords("SEAL", null, "no"), Guard.BIOMETRICS)), shown)
        val strong = BiometricManager.Authenticators.BIOMETRIC_STRONG
        assertEquals(strong, authenticators(Guard.BIOMETRICS))
        assertEquals(strong or BiometricManager.Authenticators.DEVICE_CREDENTIAL, authenticators(Guard.SCREEN_LOCK))
    }

    @Test
    fun s5_what_may_pass_is_locked_and_what_only_the_settings_mend_is_unavailable() {
        val meanings = mapOf(
            BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED to KeyStoreException.Locked::class,
            BiometricPrompt.BIOMETRIC_ERROR_CANCELED to KeyStoreException.Locked::class,
            BiometricPrompt.BIOMETRIC_ERROR_TIMEOUT to KeyStoreException.Locked::class,
            BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT to KeyStoreException.Locked::class,
            BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT_PERMANENT to KeyStoreException.Locked::class,
            BiometricPrompt.BIOMETRIC_ERROR_HW_UNAVAILABLE to KeyStoreException.Locked::class,
            BiometricPrompt.BIOMETRIC_ERROR_NO_BIOMETRICS to KeyStoreException.Unavailable::class,
            BiometricPrompt.BIOMETRIC_ERROR_HW_NOT_PRESENT to KeyStoreException.Unavailable::class,
            BiometricPrompt.BIOMETRIC_ERROR_NO_DEVICE_CREDENTIAL to KeyStoreException.Unavailable::class,
            BiometricPrompt.BIOMETRIC_ERROR_SECURITY_UPDATE_REQUIRED to KeyStoreException.Unavailable::class,
        )
        for ((error, meaning) in meanings) {
            val gate = gate { _, _, answered -> AutoCloseable { }.also { answered(PromptAnswer.Failed(error)) } }
            val thrown: KClass<out KeyStoreException> = assertThrows<KeyStoreException> { gate.ask() }::class
            assertEquals(meaning, thrown, "error $error")
        }
    }

    @Test
    fun s5_a_prompt_that_nobody_answers_is_taken_away_and_the_store_stays_locked() {
        val holder = Holder(GuardedKeys()).apply { answer = Holder.Answer.SILENCE }
        assertThrows<KeyStoreException.Locked> { holder.gate(patience = 5.milliseconds).ask() }
        assertEquals(1, holder.dismissed)
    }

    @Test
    fun s5_one_prompt_is_shown_at_a_time() {
        val (standing, most) = Pair(AtomicInteger(), AtomicInteger())
        val screen = Executors.newSingleThreadExecutor()
        val gate = gate { _, _, answered ->
            most.accumulateAndGet(standing.incrementAndGet(), ::maxOf)
            screen.execute { answered(PromptAnswer.Confirmed) }
            AutoCloseable { standing.decrementAndGet() }
        }
        val threads = Executors.newFixedThreadPool(6)
        List(60) { threads.submit { gate.ask() } }.forEach { it.get(1, TimeUnit.MINUTES) }
        listOf(threads, screen).forEach { it.shutdown() }
        assertEquals(listOf(1, 0), listOf(most.get(), standing.get()))
    }

    @Test
    fun s5_a_thread_that_is_interrupted_takes_the_prompt_away() {
        val (up, gone) = Pair(CountDownLatch(1), CountDownLatch(1))
        val gate = gate { _, _, _ ->
            up.countDown()
            AutoCloseable { gone.countDown() }
        }
        val thread = Thread { assertThrows<KeyStoreException.Locked> { gate.ask() } }.apply { start() }
        up.await()
        thread.interrupt()
        assertTrue(gone.await(1, TimeUnit.MINUTES))
        thread.join(60_000)
        assertTrue(!thread.isAlive)
    }

    @Test
    fun s1_a_prompt_that_cannot_be_shown_leaves_the_way_free_for_the_next() {
        var broken = true
        val gate = gate { _, _, answered ->
            check(!broken) { "no screen" }
            AutoCloseable { }.also { answered(PromptAnswer.Confirmed) }
        }
        assertThrows<IllegalStateException> { gate.ask() }
        broken = false
        gate.ask()
    }

    @Test
    fun s5_what_the_phone_can_do_is_said_so_that_an_app_offers_it_or_says_why_not() {
        val states = mapOf(
            BiometricManager.BIOMETRIC_SUCCESS to DeviceUnlock.READY,
            BiometricManager.BIOMETRIC_ERROR_NONE_ENROLLED to DeviceUnlock.NOT_SET_UP,
            BiometricManager.BIOMETRIC_ERROR_HW_UNAVAILABLE to DeviceUnlock.NOT_NOW,
            BiometricManager.BIOMETRIC_ERROR_NO_HARDWARE to DeviceUnlock.MISSING,
            BiometricManager.BIOMETRIC_ERROR_SECURITY_UPDATE_REQUIRED to DeviceUnlock.MISSING,
        )
        for ((code, state) in states) assertEquals(state, DeviceUnlock.fromPlatform(code))
    }
}
