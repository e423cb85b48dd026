package org.kist.android.keys

import android.content.Context
import android.content.pm.PackageManager
import android.os.Build
import android.security.KeyStoreException as AndroidKeyStoreException
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyInfo
import android.security.keystore.KeyProperties
import java.security.KeyFactory
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.spec.ECGenParameterSpec
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.SecretKeyFactory
import org.kist.KeyStoreException

private const val PROVIDER = "AndroidKeyStore"
private const val SIGN_OR_VERIFY = KeyProperties.PURPOSE_SIGN or KeyProperties.PURPOSE_VERIFY
private const val SEAL_OR_OPEN = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT

/** Android's key store. */
class AndroidDeviceKeys(context: Context) : DeviceKeys {
    private val hasStrongBox = context.packageManager.hasSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE)
    private val store: KeyStore by lazy { KeyStore.getInstance(PROVIDER).apply { load(null) } }

    override val aliases: List<String> get() = store.aliases().toList()

    override fun secret(alias: String) = store.getKey(alias, null) as SecretKey?

    override fun pair(alias: String): KeyPair? {
        val private = store.getKey(alias, null) as PrivateKey? ?: return null
        return KeyPair(store.getCertificate(alias).publicKey, private)
    }

    override fun makeSecret(alias: String, guard: Guard): SecretKey = inSafestPlace(hasStrongBox) { strongBox ->
        generateSecret(
            KeyGenParameterSpec.Builder(alias, SEAL_OR_OPEN)
                .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                .setKeySize(256)
                .guardedBy(guard)
                .setIsStrongBoxBacked(strongBox)
                .build(),
        )
    }

    override fun makePair(alias: String, guard: Guard): KeyPair = inSafestPlace(hasStrongBox) { strongBox ->
        val spec = KeyGenParameterSpec.Builder(alias, SIGN_OR_VERIFY)
            .setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
            .setDigests(KeyProperties.DIGEST_SHA256)
            .guardedBy(guard)
            .setIsStrongBoxBacked(strongBox)
            .build()
        KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, PROVIDER).run {
            initialize(spec)
            generateKeyPair()
        }
    }

    override fun makeMarker(alias: String) {
        generateSecret(
            KeyGenParameterSpec.Builder(alias, SEAL_OR_OPEN)
                .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                .setKeySize(128)
                .build(),
        )
    }

    override fun delete(alias: String) = store.deleteEntry(alias)

    override fun explain(error: Throwable): KeyStoreException? {
        val told = error as? AndroidKeyStoreException ?: return null
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.TIRAMISU) return null
        return keyStoreFailure(told.numericErrorCode, told)
    }

    /** Where the key [alias] is kept; null where there is none. */
    fun protection(alias: String): Protection? {
        val info = when (val key = store.getKey(alias, null)) {
            is SecretKey -> SecretKeyFactory.getInstance(key.algorithm, PROVIDER).getKeySpec(key, KeyInfo::class.java)
            is PrivateKey -> KeyFactory.getInstance(key.algorithm, PROVIDER).getKeySpec(key, KeyInfo::class.java)
            else -> return null
        } as KeyInfo
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) return protectionOf(info.securityLevel)
        // Before Android 12 nothing tells a security chip from the trusted environment.
        @Suppress("DEPRECATION")
        return if (info.isInsideSecureHardware) Protection.TRUSTED_ENVIRONMENT else Protection.SOFTWARE
    }

    private fun generateSecret(spec: KeyGenParameterSpec): SecretKey =
        KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, PROVIDER).run {
            init(spec)
            generateKey()
        }
}

/** Each use has to be confirmed by itself: nothing stays unlocked for a while. */
private fun KeyGenParameterSpec.Builder.guardedBy(guard: Guard): KeyGenParameterSpec.Builder = when (guard) {
    Guard.NONE -> this
    Guard.SCREEN_LOCK -> setUserAuthenticationRequired(true).setUserAuthenticationParameters(
        0,
        KeyProperties.AUTH_BIOMETRIC_STRONG or KeyProperties.AUTH_DEVICE_CREDENTIAL,
    )
    Guard.BIOMETRICS -> setUserAuthenticationRequired(true)
        .setUserAuthenticationParameters(0, KeyProperties.AUTH_BIOMETRIC_STRONG)
        .setInvalidatedByBiometricEnrollment(true)
}

internal fun protectionOf(securityLevel: Int): Protection = when (securityLevel) {
    KeyProperties.SECURITY_LEVEL_STRONGBOX -> Protection.STRONGBOX
    KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT, KeyProperties.SECURITY_LEVEL_UNKNOWN_SECURE ->
        Protection.TRUSTED_ENVIRONMENT
    else -> Protection.SOFTWARE
}
