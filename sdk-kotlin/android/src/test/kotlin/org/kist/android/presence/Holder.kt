package org.kist.android.presence

import android.hardware.biometrics.BiometricPrompt
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import org.kist.android.keys.GuardedKeys

/** Who holds the phone: the platform's prompt, and what they answer to it. */
class Holder(private val keys: GuardedKeys) : PromptHost {
    /** The prompts that they saw. */
    val asked = mutableListOf<Prompt>()
    var answer: Answer = Answer.CONFIRM

    enum class Answer { CONFIRM, DECLINE, LIE, SILENCE }

    var dismissed = 0
        private set

    /** Prompts that wait no longer than [patience]. */
    fun gate(patience: Duration = 1.minutes) =
        PresenceGate(this, patience) { PromptWords(title = it.name, cancel = "no") }

    override fun show(prompt: Prompt, operation: KeyOperation, answered: (PromptAnswer) -> Unit): AutoCloseable {
        synchronized(asked) { asked += prompt }
        when (answer) {
            Answer.CONFIRM -> {
                keys.confirm(operation)
                answered(PromptAnswer.Confirmed)
            }
            Answer.DECLINE -> answered(PromptAnswer.Failed(BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED))
            Answer.LIE -> answered(PromptAnswer.Confirmed) // as an app that was meddled with would say
            Answer.SILENCE -> {}
        }
        return AutoCloseable { dismissed++ }
    }
}
