package org.kist.android.presence

import android.content.Context
import android.hardware.biometrics.BiometricManager
import org.kist.android.keys.Guard

/** Whether the phone itself can open a store for the person. */
enum class DeviceUnlock {
    /** It can. */
    READY,

    /** The person would have to set up a screen lock, or biometrics, in the phone's settings first. */
    NOT_SET_UP,

    /** Not now: the sensor is busy or blocked. */
    NOT_NOW,

    /** This phone has no such thing, or one that isn't safe enough. */
    MISSING,
    ;

    companion object {
        /** What holds for [guard] on this phone now. */
        fun of(context: Context, guard: Guard = Guard.SCREEN_LOCK): DeviceUnlock {
            val manager = context.getSystemService(BiometricManager::class.java) ?: return MISSING
            return fromPlatform(manager.canAuthenticate(authenticators(guard)))
        }

        internal fun fromPlatform(code: Int): DeviceUnlock = when (code) {
            BiometricManager.BIOMETRIC_SUCCESS -> READY
            BiometricManager.BIOMETRIC_ERROR_NONE_ENROLLED -> NOT_SET_UP
            BiometricManager.BIOMETRIC_ERROR_HW_UNAVAILABLE -> NOT_NOW
            else -> MISSING
        }
    }
}

/** What the platform accepts for [guard]: the same that the key was made for. */
internal fun authenticators(guard: Guard): Int = when (guard) {
    Guard.NONE -> 0
    Guard.SCREEN_LOCK ->
        BiometricManager.Authenticators.BIOMETRIC_STRONG or BiometricManager.Authenticators.DEVICE_CREDENTIAL
    Guard.BIOMETRICS -> BiometricManager.Authenticators.BIOMETRIC_STRONG
}
