package org.kist.android.presence

import android.hardware.biometrics.BiometricPrompt
import java.security.Signature
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import java.util.concurrent.locks.ReentrantLock
import javax.crypto.Cipher
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import org.kist.KeyStoreException
import org.kist.android.keys.Guard

/** What the platform's prompt says, in the person's language. */
data class PromptWords(
    /** What is asked for. */
    val title: String,
    /** More of it, where there is more to say. */
    val subtitle: String? = null,
    /** The button that says no, shown where nothing but biometrics serves. */
    val cancel: String,
)

/** A prompt to show: its [words], and what the person may confirm it by. */
data class Prompt(val words: PromptWords, val guard: Guard)

/** What the prompt unlocks: one operation of the key store. */
sealed interface KeyOperation {
    /** Sealing or opening. */
    class Ciphering(val cipher: Cipher) : KeyOperation

    /** Signing. */
    class Signing(val signature: Signature) : KeyOperation
}

/** What came of a prompt. */
sealed interface PromptAnswer {
    /** The person confirmed. */
    data object Confirmed : PromptAnswer

    /** They didn't; [error] is one of `BiometricPrompt.BIOMETRIC_ERROR_…`. */
    data class Failed(val error: Int) : PromptAnswer
}

/** Shows the platform's prompt. */
fun interface PromptHost {
    /** Shows it and returns; [answered] is called when it is over, on any thread. What is returned takes it away again. */
    fun show(prompt: Prompt, operation: KeyOperation, answered: (PromptAnswer) -> Unit): AutoCloseable
}

/**
 * [Presence] by prompts of the platform, one at a time. One that nobody answers within [patience] is taken away, and the
 * store stays locked.
 */
class PresenceGate(
    private val host: PromptHost,
    private val patience: Duration = 2.minutes,
    private val words: (PresenceReason) -> PromptWords,
) : Presence {
    private val turn = ReentrantLock()

    override fun confirm(reason: PresenceReason, guard: Guard, cipher: Cipher) =
        confirm(Prompt(words(reason), guard), KeyOperation.Ciphering(cipher))

    override fun confirm(reason: PresenceReason, guard: Guard, signature: Signature) =
        confirm(Prompt(words(reason), guard), KeyOperation.Signing(signature))

    private fun confirm(prompt: Prompt, operation: KeyOperation) {
        val milliseconds = patience.inWholeMilliseconds
        try {
            if (!turn.tryLock(milliseconds, TimeUnit.MILLISECONDS)) throw KeyStoreException.Locked()
            try {
                val answer = CompletableFuture<PromptAnswer>()
                host.show(prompt, operation, answer::complete).use { answer.get(milliseconds, TimeUnit.MILLISECONDS) }
                    .let { (it as? PromptAnswer.Failed)?.let { failed -> throw promptFailure(failed.error) } }
            } finally {
                turn.unlock()
            }
        } catch (error: TimeoutException) {
            throw KeyStoreException.Locked(error)
        } catch (error: InterruptedException) {
            Thread.currentThread().interrupt()
            throw KeyStoreException.Locked(error)
        }
    }
}

/**
 * What a prompt's error means. Whatever may pass (the person said no, too many wrong fingers, a sensor that is busy) is
 * `Locked`: they can try again, or type the passphrase. What only a change of the phone's settings mends is `Unavailable`.
 */
internal fun promptFailure(error: Int): KeyStoreException = when (error) {
    BiometricPrompt.BIOMETRIC_ERROR_NO_BIOMETRICS,
    BiometricPrompt.BIOMETRIC_ERROR_HW_NOT_PRESENT,
    BiometricPrompt.BIOMETRIC_ERROR_NO_DEVICE_CREDENTIAL,
    BiometricPrompt.BIOMETRIC_ERROR_SECURITY_UPDATE_REQUIRED,
    -> KeyStoreException.Unavailable()
    else -> KeyStoreException.Locked()
}
