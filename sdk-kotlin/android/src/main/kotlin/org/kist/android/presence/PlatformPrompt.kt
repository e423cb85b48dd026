package org.kist.android.presence

import android.content.Context
import android.hardware.biometrics.BiometricPrompt
import android.os.CancellationSignal
import android.os.Looper
import org.kist.android.keys.Guard

/** The platform's own prompt. It shows over the app while that is in front; else it fails at once, and nothing is unlocked. */
class PlatformPrompt(private val context: Context) : PromptHost {
    override fun show(prompt: Prompt, operation: KeyOperation, answered: (PromptAnswer) -> Unit): AutoCloseable {
        check(!Looper.getMainLooper().isCurrentThread) { "waiting here would keep the prompt from being shown" }
        val dismissal = CancellationSignal()
        val main = context.mainExecutor
        val builder = BiometricPrompt.Builder(context)
            .setTitle(prompt.words.title)
            .setAllowedAuthenticators(authenticators(prompt.guard))
        prompt.words.subtitle?.let(builder::setSubtitle)
        // With the screen lock allowed, the platform shows a way to it in the button's place, and refuses a button.
        if (prompt.guard == Guard.BIOMETRICS) {
            builder.setNegativeButton(prompt.words.cancel, main) { _, _ ->
                answered(PromptAnswer.Failed(BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED))
            }
        }
        val shown = builder.build()
        main.execute { shown.authenticate(operation.toCryptoObject(), dismissal, main, Answer(answered)) }
        return AutoCloseable { dismissal.cancel() }
    }
}

private fun KeyOperation.toCryptoObject() = when (this) {
    is KeyOperation.Ciphering -> BiometricPrompt.CryptoObject(cipher)
    is KeyOperation.Signing -> BiometricPrompt.CryptoObject(signature)
}

/** A finger that wasn't known (`onAuthenticationFailed`) ends nothing: the prompt stays. */
private class Answer(private val answered: (PromptAnswer) -> Unit) : BiometricPrompt.AuthenticationCallback() {
    override fun onAuthenticationSucceeded(result: BiometricPrompt.AuthenticationResult) =
        answered(PromptAnswer.Confirmed)

    override fun onAuthenticationError(errorCode: Int, errString: CharSequence) =
        answered(PromptAnswer.Failed(errorCode))
}
