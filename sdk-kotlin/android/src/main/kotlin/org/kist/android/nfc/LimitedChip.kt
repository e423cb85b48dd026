package org.kist.android.nfc

import java.io.IOException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeMark
import kotlin.time.TimeSource

private const val HEADER = 4
private const val STATUS = 2

/** How much a chip is given. */
data class ChipLimits(
    /** The longest that it may take for one reply. */
    val reply: Duration = 5.seconds,
    /** The longest that all of it may take, from when it was found. */
    val session: Duration = 60.seconds,
    /** The longest command and reply, in bytes: what extended length can say (ISO/IEC 7816-4). */
    val command: Int = 65_544,
    val answer: Int = 65_538,
)

/** The radio, as the platform gives it: `android.nfc.tech.IsoDep`. */
interface ChipRadio : AutoCloseable {
    /** The longest command that the phone's part can send. */
    val maxCommand: Int

    /** Begins to speak. */
    @Throws(IOException::class)
    fun connect()

    /** How long the next reply may take, in whole milliseconds. */
    fun setTimeout(milliseconds: Int)

    /** Sends and receives. */
    @Throws(IOException::class)
    fun transceive(command: ByteArray): ByteArray
}

/**
 * A chip within limits of size and time. What it says is untrusted: it may be anybody's, or a phone that plays one. After
 * any failure it is let go of, and every later call is [ChipException.Gone].
 */
class LimitedChip(
    private val radio: ChipRadio,
    private val limits: ChipLimits = ChipLimits(),
    private val clock: TimeSource = TimeSource.Monotonic,
) : ChipTransport {
    private val begun: TimeMark = clock.markNow()
    private var connected = false
    private var closed = false

    override val maxCommand = minOf(radio.maxCommand, limits.command)

    override fun transceive(command: ByteArray): ByteArray {
        if (closed) throw ChipException.Gone()
        try {
            if (command.size < HEADER) throw ChipException.Malformed()
            if (command.size > maxCommand) throw ChipException.TooLong(maxCommand)
            return answer(command)
        } catch (error: ChipException) {
            close()
            throw error
        }
    }

    private fun answer(command: ByteArray): ByteArray {
        val allowed = minOf(limits.reply, limits.session - begun.elapsedNow())
        if (allowed.inWholeMilliseconds <= 0) throw ChipException.TimedOut()
        val asked = clock.markNow()
        val reply = try {
            connect()
            radio.setTimeout(allowed.inWholeMilliseconds.toInt())
            radio.transceive(command)
        } catch (error: IOException) {
            // The platform says the same of both; the clock tells them apart.
            throw if (asked.elapsedNow() >= allowed) ChipException.TimedOut(error) else ChipException.Gone(error)
        } catch (error: SecurityException) {
            // Android's word for a tag of before: another one was found since.
            throw ChipException.Gone(error)
        }
        if (asked.elapsedNow() > allowed) throw ChipException.TimedOut()
        if (reply.size < STATUS) throw ChipException.Malformed()
        if (reply.size > limits.answer) throw ChipException.TooLong(limits.answer)
        return reply
    }

    private fun connect() {
        if (connected) return
        radio.connect()
        connected = true
    }

    override fun close() {
        if (closed) return
        closed = true
        runCatching { radio.close() } // a chip that is gone can't be let go of
    }
}
