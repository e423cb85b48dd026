package org.kist.android.nfc

import android.app.Activity
import android.content.Context
import android.nfc.NfcAdapter
import android.nfc.NfcManager
import android.nfc.Tag
import android.nfc.tech.IsoDep

/** How a phone stands to chips. */
enum class ChipReading {
    /** It can read them. */
    READY,

    /** NFC is switched off in the phone's settings. */
    OFF,

    /** It has no NFC. */
    MISSING,
    ;

    companion object {
        /** What holds on this phone now. */
        fun of(context: Context): ChipReading = of(adapter(context)?.isEnabled)

        internal fun of(enabled: Boolean?): ChipReading = when (enabled) {
            true -> READY
            false -> OFF
            null -> MISSING
        }
    }
}

/**
 * Waits for chips while [activity] is in front: [start] when it comes there, [stop] when it leaves. Meanwhile no other app
 * is offered what is held to the phone. This is the platform's reader mode; its older foreground dispatch would restart the
 * activity with an intent, in the middle of what the person does.
 */
class ChipReader(
    private val activity: Activity,
    private val limits: ChipLimits = ChipLimits(),
    /** Called on a thread of its own for each chip that speaks ISO-DEP (ISO/IEC 14443-4), which it may block. */
    private val found: (ChipTransport) -> Unit,
) {
    /** Begins to wait. */
    fun start() {
        adapter(activity)?.enableReaderMode(activity, ::foundTag, FLAGS, null)
    }

    /** Waits no more. A chip that is being spoken to is lost. */
    fun stop() {
        adapter(activity)?.disableReaderMode(activity)
    }

    private fun foundTag(tag: Tag) {
        val chip = IsoDep.get(tag) ?: return
        LimitedChip(IsoDepRadio(chip), limits).use(found)
    }

    private companion object {
        /** Both kinds of ISO 14443; nobody looks for a web address on a passport, and the app itself says when it is done. */
        const val FLAGS = NfcAdapter.FLAG_READER_NFC_A or NfcAdapter.FLAG_READER_NFC_B or
            NfcAdapter.FLAG_READER_SKIP_NDEF_CHECK or NfcAdapter.FLAG_READER_NO_PLATFORM_SOUNDS
    }
}

/** [IsoDep] as it is. */
private class IsoDepRadio(private val chip: IsoDep) : ChipRadio {
    override val maxCommand: Int get() = chip.maxTransceiveLength

    override fun connect() = chip.connect()

    override fun setTimeout(milliseconds: Int) {
        chip.timeout = milliseconds
    }

    override fun transceive(command: ByteArray): ByteArray = chip.transceive(command)

    override fun close() = chip.close()
}

private fun adapter(context: Context): NfcAdapter? = context.getSystemService(NfcManager::class.java)?.defaultAdapter
