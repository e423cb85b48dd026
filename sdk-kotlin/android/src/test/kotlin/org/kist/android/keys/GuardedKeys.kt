package org.kist.android.keys

import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.UserNotAuthenticatedException
import java.nio.ByteBuffer
import java.security.AlgorithmParameters
import java.security.InvalidKeyException
import java.security.Key
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.PrivateKey
import java.security.Provider
import java.security.PublicKey
import java.security.SecureRandom
import java.security.Security
import java.security.Signature
import java.security.SignatureException
import java.security.SignatureSpi
import java.security.spec.AlgorithmParameterSpec
import java.security.spec.ECGenParameterSpec
import java.util.concurrent.ConcurrentHashMap
import javax.crypto.Cipher
import javax.crypto.CipherSpi
import javax.crypto.IllegalBlockSizeException
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import org.kist.KeyStoreException
import org.kist.android.presence.KeyOperation

/**
 * A key store in software that guards its keys as Android's does: they give out no bytes, and Java's cryptography finds, by
 * the key's class, a provider that refuses an operation which the person hasn't confirmed, and a key that was invalidated.
 */
class GuardedKeys : DeviceKeys {
    private val secrets = ConcurrentHashMap<String, GuardedSecret>()
    private val pairs = ConcurrentHashMap<String, Pair<GuardedPrivate, PublicKey>>()
    var deletes = true
    var made = 0
        private set

    init {
        Security.addProvider(GuardedProvider)
    }

    override val aliases get() = secrets.keys.toList() + pairs.keys

    override fun secret(alias: String): SecretKey? = secrets[alias]

    override fun pair(alias: String) = pairs[alias]?.let { (private, public) -> KeyPair(public, private) }

    override fun makeSecret(alias: String, guard: Guard): SecretKey {
        made++
        val inner = KeyGenerator.getInstance("AES").apply { init(256) }.generateKey()
        return GuardedSecret(inner, Lock(guard)).also { secrets[alias] = it }
    }

    override fun makePair(alias: String, guard: Guard): KeyPair {
        made++
        val generator = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }
        val pair = generator.generateKeyPair()
        pairs[alias] = Pair(GuardedPrivate(pair.private, Lock(guard)), pair.public)
        return KeyPair(pair.public, pairs.getValue(alias).first)
    }

    override fun makeMarker(alias: String) {
        makeSecret(alias, Guard.NONE)
    }

    override fun delete(alias: String) {
        check(deletes) { "the key store is busy" }
        secrets.remove(alias)
        pairs.remove(alias)
    }

    override fun explain(error: Throwable): KeyStoreException? = null

    /** What Android does when a finger is enrolled. */
    fun newBiometrics() = locks().filter { it.guard == Guard.BIOMETRICS }.forEach { it.invalidated = true }

    /** What Android does when the screen lock is removed. */
    fun screenLockRemoved() = locks().filter { it.guard != Guard.NONE }.forEach { it.invalidated = true }

    private fun locks() = secrets.values.map { it.lock } + pairs.values.map { it.first.lock }

    /** What the platform does when the person confirms a prompt: this operation goes on, and no other. */
    fun confirm(operation: KeyOperation) = when (operation) {
        is KeyOperation.Ciphering -> begun.last { it.nonce.contentEquals(operation.cipher.iv) }.confirmed = true
        is KeyOperation.Signing -> begun.last { it.nonce == null }.confirmed = true
    }

    private val begun get() = locks().flatMap { it.operations }
}

/** What guards a key. */
internal class Lock(val guard: Guard) {
    @Volatile
    var invalidated = false
    val operations = mutableListOf<Operation>()

    fun begin(nonce: ByteArray?): Operation {
        if (invalidated) throw KeyPermanentlyInvalidatedException()
        return Operation(nonce).also(operations::add)
    }
}

internal class Operation(val nonce: ByteArray?) {
    var confirmed = false
}

internal class GuardedSecret(val inner: SecretKey, val lock: Lock) : SecretKey by hidden("AES")

internal class GuardedPrivate(val inner: PrivateKey, val lock: Lock) : PrivateKey {
    override fun getAlgorithm() = "EC"

    override fun getFormat(): String? = null

    override fun getEncoded(): ByteArray? = null
}

private fun hidden(algorithm: String) = object : SecretKey {
    override fun getAlgorithm() = algorithm

    override fun getFormat(): String? = null

    override fun getEncoded(): ByteArray? = null
}

internal object GuardedProvider : Provider("Guarded", "1", "keys that ask") {
    private fun readResolve(): Any = GuardedProvider

    init {
        serve("Cipher", "AES/GCM/NoPadding", GuardedCipher::class.java, GuardedSecret::class.java)
        serve("Signature", "SHA256withECDSA", GuardedSignature::class.java, GuardedPrivate::class.java)
    }

    private fun serve(type: String, algorithm: String, implementation: Class<*>, key: Class<*>) =
        putService(Service(this, type, algorithm, implementation.name, null, mapOf("SupportedKeyClasses" to key.name)))
}

internal class GuardedCipher : CipherSpi() {
    private val inner = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE")
    private lateinit var lock: Lock
    private lateinit var operation: Operation

    private fun begin(key: Key, initialise: (SecretKey) -> Unit) {
        val guarded = key as? GuardedSecret ?: throw InvalidKeyException()
        initialise(guarded.inner)
        lock = guarded.lock
        operation = lock.begin(inner.iv)
    }

    private fun demandPresence() {
        if (lock.guard != Guard.NONE && !operation.confirmed) {
            throw IllegalBlockSizeException().apply { initCause(UserNotAuthenticatedException()) }
        }
    }

    override fun engineInit(mode: Int, key: Key, random: SecureRandom?) = begin(key) { inner.init(mode, it) }

    override fun engineInit(mode: Int, key: Key, spec: AlgorithmParameterSpec?, random: SecureRandom?) =
        begin(key) { inner.init(mode, it, spec) }

    override fun engineInit(mode: Int, key: Key, params: AlgorithmParameters?, random: SecureRandom?) =
        begin(key) { inner.init(mode, it, params) }

    override fun engineUpdateAAD(source: ByteArray, offset: Int, length: Int) = inner.updateAAD(source, offset, length)

    override fun engineUpdateAAD(source: ByteBuffer) = inner.updateAAD(source)

    override fun engineUpdate(input: ByteArray, offset: Int, length: Int): ByteArray? = inner.update(input, offset, length)

    override fun engineUpdate(input: ByteArray, offset: Int, length: Int, output: ByteArray, at: Int): Int =
        inner.update(input, offset, length, output, at)

    override fun engineDoFinal(input: ByteArray?, offset: Int, length: Int): ByteArray {
        demandPresence()
        return inner.doFinal(input, offset, length)
    }

    override fun engineDoFinal(input: ByteArray?, offset: Int, length: Int, output: ByteArray, at: Int): Int {
        demandPresence()
        return inner.doFinal(input, offset, length, output, at)
    }

    override fun engineGetIV(): ByteArray = inner.iv

    override fun engineGetParameters(): AlgorithmParameters = inner.parameters

    override fun engineGetBlockSize() = inner.blockSize

    override fun engineGetOutputSize(length: Int) = inner.getOutputSize(length)

    override fun engineSetMode(mode: String) = Unit

    override fun engineSetPadding(padding: String) = Unit
}

internal class GuardedSignature : SignatureSpi() {
    private val inner = Signature.getInstance("SHA256withECDSA", "SunEC")
    private lateinit var lock: Lock
    private lateinit var operation: Operation

    override fun engineInitSign(key: PrivateKey) {
        val guarded = key as? GuardedPrivate ?: throw InvalidKeyException()
        inner.initSign(guarded.inner)
        lock = guarded.lock
        operation = lock.begin(null)
    }

    override fun engineInitVerify(key: PublicKey) = throw InvalidKeyException()

    override fun engineUpdate(byte: Byte) = inner.update(byte)

    override fun engineUpdate(bytes: ByteArray, offset: Int, length: Int) = inner.update(bytes, offset, length)

    override fun engineSign(): ByteArray {
        if (lock.guard != Guard.NONE && !operation.confirmed) throw SignatureException(UserNotAuthenticatedException())
        return inner.sign()
    }

    override fun engineVerify(signature: ByteArray) = throw SignatureException()

    @Deprecated("Java's")
    override fun engineSetParameter(name: String, value: Any) = Unit

    @Deprecated("Java's")
    override fun engineGetParameter(name: String): Any? = null
}
