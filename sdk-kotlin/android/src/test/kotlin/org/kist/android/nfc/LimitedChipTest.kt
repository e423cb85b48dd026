package org.kist.android.nfc

import java.io.IOException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TestTimeSource
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

private val SELECT = byteArrayOf(0, 0xa4.toByte(), 4, 12)
private val OK = byteArrayOf(0x90.toByte(), 0)

/** A chip within its limits. */
class LimitedChipTest {
    private val clock = TestTimeSource()

    /** A radio that takes [takes] for each reply. */
    private inner class Radio(
        override val maxCommand: Int = 261,
        var takes: Duration = Duration.ZERO,
        var reply: (ByteArray) -> ByteArray = { OK },
    ) : ChipRadio {
        val timeouts = mutableListOf<Int>()
        var connected = 0
        var closed = 0
        var sent = 0

        override fun connect() {
            connected++
        }

        override fun setTimeout(milliseconds: Int) {
            timeouts += milliseconds
        }

        override fun transceive(command: ByteArray): ByteArray {
            sent++
            clock += takes
            return reply(command)
        }

        override fun close() {
            closed++
            throw IOException("gone already")
        }
    }

    private fun chip(radio: Radio, limits: ChipLimits = ChipLimits()) = LimitedChip(radio, limits, clock)

    /** The failure [E] of one exchange, after which the chip is let go of and never spoken to again. */
    private inline fun <reified E : ChipException> ends(radio: Radio, chip: LimitedChip, command: ByteArray = SELECT): E {
        val error = assertThrows<E> { chip.transceive(command) }
        val sent = radio.sent
        assertEquals(1, radio.closed)
        assertThrows<ChipException.Gone> { chip.transceive(SELECT) }
        assertEquals(listOf(sent, 1), listOf(radio.sent, radio.closed))
        return error
    }

    @Test
    fun commands_and_replies_pass_as_they_are_over_one_connection() {
        val radio = Radio(reply = { it + OK })
        chip(radio).use { chip ->
            repeat(3) { assertArrayEquals(SELECT + OK, chip.transceive(SELECT)) }
            assertEquals(261, chip.maxCommand)
        }
        assertEquals(listOf(1, 3, 1), listOf(radio.connected, radio.sent, radio.closed))
    }

    @Test
    fun a31_what_is_no_command_never_reaches_the_chip() {
        for (command in listOf(ByteArray(0), ByteArray(3))) {
            val radio = Radio()
            ends<ChipException.Malformed>(radio, chip(radio), command)
            assertEquals(0, radio.sent)
        }
        val radio = Radio()
        assertEquals(261, ends<ChipException.TooLong>(radio, chip(radio), ByteArray(262)).limit)
        assertEquals(0, radio.sent)
    }

    @Test
    fun a31_a_reply_without_a_status_word_or_beyond_measure_is_refused() {
        listOf(ByteArray(0), ByteArray(1)).forEach { short ->
            Radio(reply = { short }).let { ends<ChipException.Malformed>(it, chip(it)) }
        }
        Radio(reply = { ByteArray(1025) }).let { ends<ChipException.TooLong>(it, chip(it, ChipLimits(answer = 1024))) }
    }

    @Test
    fun a31_a_chip_that_dawdles_is_given_the_time_of_one_reply() {
        val limits = ChipLimits(reply = 2.seconds)
        Radio(takes = 3.seconds).let {
            ends<ChipException.TimedOut>(it, chip(it, limits))
            assertEquals(listOf(2000), it.timeouts)
        }
        Radio(takes = 2.seconds, reply = { throw IOException("transceive failed") })
            .let { ends<ChipException.TimedOut>(it, chip(it, limits)) }
    }

    @Test
    fun a31_a_chip_that_keeps_the_phone_busy_is_given_the_time_of_a_session() {
        val radio = Radio(takes = 2.seconds)
        val chip = chip(radio, ChipLimits(reply = 3.seconds, session = 5.seconds))
        chip.transceive(SELECT)
        chip.transceive(SELECT)
        assertEquals(listOf(3000, 3000), radio.timeouts)
        ends<ChipException.TimedOut>(radio, chip)
        assertEquals(1000, radio.timeouts.last(), "no more than is left")
    }

    @Test
    fun a_chip_that_is_taken_away_is_gone_and_nothing_of_what_was_said_is_told() {
        val lost = listOf(IOException("Tag was lost."), SecurityException("out of date"))
        for (cause in lost) {
            val radio = Radio(reply = { throw cause })
            assertNull(ends<ChipException.Gone>(radio, chip(radio)).takeIf { it.message?.contains("a4") == true })
        }
    }

    @Test
    fun whether_the_phone_reads_chips_is_said() {
        assertEquals(ChipReading.entries, listOf(true, false, null).map { ChipReading.of(it) })
    }
}
