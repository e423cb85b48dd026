package org.kist.android.keys

import java.math.BigInteger
import java.security.PublicKey
import java.security.interfaces.ECPublicKey
import org.kist.KeyStoreException

private const val SIDE = 32
private const val SEQUENCE = 0x30
private const val INTEGER = 0x02
private const val LONG_FORM = 0x80
private const val UNCOMPRESSED: Byte = 4

/** The order of P-256's group (FIPS 186-5): what tells a P-256 key from one of another curve. */
private val ORDER = BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)

/** A P-256 key as an uncompressed SEC 1 point, `4 ‖ x ‖ y`. */
internal fun PublicKey.toPoint(): ByteArray {
    if (this !is ECPublicKey || params.order != ORDER) throw KeyStoreException.Unavailable()
    return byteArrayOf(UNCOMPRESSED) + fixed(w.affineX) + fixed(w.affineY)
}

/**
 * An ECDSA signature of P-256 as `r ‖ s`, from the DER (`SEQUENCE { r INTEGER, s INTEGER }`) that Java's signatures have.
 * Anything that isn't that, to the byte, is refused.
 */
internal fun rawSignature(der: ByteArray): ByteArray {
    val reader = DerIntegers(der)
    return reader.sequence { fixed(integer()) + fixed(integer()) }
}

private fun fixed(number: BigInteger): ByteArray {
    val bytes = number.toByteArray().dropWhile { it == 0.toByte() }
    if (number.signum() <= 0 || bytes.size > SIDE) throw malformed()
    return ByteArray(SIDE - bytes.size) + bytes
}

private fun malformed() = KeyStoreException.Unavailable(IllegalArgumentException("no signature of P-256"))

/** The little of DER that a signature needs: both lengths fit one byte. */
private class DerIntegers(private val bytes: ByteArray) {
    private var at = 0

    fun sequence(read: DerIntegers.() -> ByteArray): ByteArray {
        val length = header(SEQUENCE)
        if (at + length != bytes.size) throw malformed()
        val value = read()
        if (at != bytes.size) throw malformed()
        return value
    }

    fun integer(): BigInteger {
        val length = header(INTEGER)
        if (length == 0 || at + length > bytes.size) throw malformed()
        val value = bytes.copyOfRange(at, at + length)
        // The shortest form is the only one.
        if (length > 1 && value[0] == 0.toByte() && value[1] >= 0) throw malformed()
        at += length
        return BigInteger(value)
    }

    private fun header(tag: Int): Int {
        if (at + 2 > bytes.size || bytes[at].toInt() != tag) throw malformed()
        val length = bytes[at + 1].toInt() and 0xff
        if (length >= LONG_FORM) throw malformed()
        at += 2
        return length
    }
}
