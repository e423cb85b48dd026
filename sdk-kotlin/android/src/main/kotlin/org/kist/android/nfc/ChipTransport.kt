package org.kist.android.nfc

/** A chip in reach, spoken to in command and reply APDUs (ISO/IEC 7816-4). Not for several threads at once. */
interface ChipTransport : AutoCloseable {
    /** The longest command that it takes, in bytes. Without extended length that is little more than 256. */
    val maxCommand: Int

    /**
     * Sends a command and gives the reply with its status word. Blocks for as long as the chip takes, within limits. After
     * an error the chip has to be held to the phone anew: whatever was agreed with it is over.
     */
    @Throws(ChipException::class)
    fun transceive(command: ByteArray): ByteArray

    /** Lets go of the chip. */
    override fun close()
}

/** Why a chip can't be spoken to. None of them carries a byte of what was said. */
sealed class ChipException(cause: Throwable?) : Exception(cause) {
    /** It was moved away, or never answered: hold it to the phone again. */
    class Gone(cause: Throwable? = null) : ChipException(cause)

    /** It took longer than it may, for one reply or for all of them. */
    class TimedOut(cause: Throwable? = null) : ChipException(cause)

    /** A command that is longer than [limit] bytes, or a reply. */
    class TooLong(val limit: Int) : ChipException(null)

    /** A command without its four bytes of header, or a reply without its status word. */
    class Malformed : ChipException(null)
}
