package org.kist.android.keys

import android.security.KeyStoreException as AndroidKeyStoreException
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.UserNotAuthenticatedException
import org.kist.KeyStoreException

private const val MOST_CAUSES = 8

/** Runs [use] of a key; whatever goes wrong is one of the three things that an app can act on. */
internal inline fun <T> DeviceKeys.guarded(use: () -> T): T =
    try {
        use()
    } catch (error: KeyStoreException) {
        throw error
    } catch (error: Exception) {
        throw failure(error)
    }

/** What a failure means: the key store wraps what it has to say in exceptions of Java's, some layers deep. */
internal fun DeviceKeys.failure(error: Throwable): KeyStoreException =
    generateSequence(error) { it.cause }.take(MOST_CAUSES).firstNotNullOfOrNull { cause ->
        when (cause) {
            is KeyPermanentlyInvalidatedException -> KeyStoreException.Invalidated(error)
            is UserNotAuthenticatedException -> KeyStoreException.Locked(error)
            else -> explain(cause)
        }
    } ?: KeyStoreException.Unavailable(error)

/** The meaning of Android's [code] (`android.security.KeyStoreException`, from Android 13 on); null for none of its own. */
internal fun keyStoreFailure(code: Int, cause: Throwable): KeyStoreException? = when (code) {
    AndroidKeyStoreException.ERROR_USER_AUTHENTICATION_REQUIRED,
    // The prompt stood so long that the key store gave the operation's place to another.
    AndroidKeyStoreException.ERROR_KEY_OPERATION_EXPIRED,
    -> KeyStoreException.Locked(cause)
    AndroidKeyStoreException.ERROR_KEY_CORRUPTED -> KeyStoreException.Invalidated(cause)
    AndroidKeyStoreException.ERROR_KEY_DOES_NOT_EXIST -> KeyStoreException.Unavailable(cause)
    else -> null
}
