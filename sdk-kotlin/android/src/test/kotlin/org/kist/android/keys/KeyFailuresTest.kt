package org.kist.android.keys

import android.security.KeyStoreException as AndroidKeyStoreException
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import android.security.keystore.UserNotAuthenticatedException
import java.security.InvalidKeyException
import java.security.ProviderException
import javax.crypto.AEADBadTagException
import javax.crypto.IllegalBlockSizeException
import kotlin.reflect.KClass
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.kist.KeyStoreException

/** What an app is told of what the key store says. */
class KeyFailuresTest {
    private val keys = GuardedKeys()

    private fun kind(error: Throwable): KClass<out KeyStoreException> = keys.failure(error)::class

    @Test
    fun s1_what_the_key_store_throws_is_one_of_three_things_however_deep_it_lies() {
        val meanings = listOf(
            UserNotAuthenticatedException() to KeyStoreException.Locked::class,
            IllegalBlockSizeException().initCause(UserNotAuthenticatedException()) to KeyStoreException.Locked::class,
            KeyPermanentlyInvalidatedException() to KeyStoreException.Invalidated::class,
            ProviderException(RuntimeException(KeyPermanentlyInvalidatedException())) to KeyStoreException.Invalidated::class,
            AEADBadTagException() to KeyStoreException.Unavailable::class,
            InvalidKeyException("no such key") to KeyStoreException.Unavailable::class,
            IllegalStateException() to KeyStoreException.Unavailable::class,
        )
        for ((error, meaning) in meanings) assertEquals(meaning, kind(error), error.toString())
    }

    @Test
    fun s1_a_chain_of_causes_that_goes_round_ends() {
        val (first, second) = Pair(RuntimeException(), RuntimeException())
        first.initCause(second)
        second.initCause(first)
        assertEquals(KeyStoreException.Unavailable::class, kind(first))
    }

    @Test
    fun s1_androids_own_codes_are_read_where_there_are_any() {
        val cause = RuntimeException()
        val locked = listOf(
            AndroidKeyStoreException.ERROR_USER_AUTHENTICATION_REQUIRED,
            AndroidKeyStoreException.ERROR_KEY_OPERATION_EXPIRED,
        )
        locked.forEach { assertEquals(KeyStoreException.Locked::class, keyStoreFailure(it, cause)!!::class) }
        val corrupted = keyStoreFailure(AndroidKeyStoreException.ERROR_KEY_CORRUPTED, cause)
        assertEquals(KeyStoreException.Invalidated::class, corrupted!!::class)
        assertNull(keyStoreFailure(AndroidKeyStoreException.ERROR_OTHER, cause))
    }

    @Test
    fun s1_what_is_already_said_goes_through_as_it_is() {
        val said = KeyStoreException.Locked()
        assertSame(said, assertThrows<KeyStoreException.Locked> { keys.guarded { throw said } })
    }

    @Test
    fun s5_the_level_of_a_key_is_never_said_to_be_better_than_it_is() {
        assertEquals(Protection.STRONGBOX, protectionOf(KeyProperties.SECURITY_LEVEL_STRONGBOX))
        val trusted = listOf(KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT, KeyProperties.SECURITY_LEVEL_UNKNOWN_SECURE)
        trusted.forEach { assertEquals(Protection.TRUSTED_ENVIRONMENT, protectionOf(it)) }
        listOf(KeyProperties.SECURITY_LEVEL_SOFTWARE, KeyProperties.SECURITY_LEVEL_UNKNOWN, 99)
            .forEach { assertEquals(Protection.SOFTWARE, protectionOf(it)) }
    }
}
