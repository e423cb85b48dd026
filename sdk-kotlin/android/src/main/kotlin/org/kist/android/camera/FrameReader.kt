package org.kist.android.camera

import com.google.zxing.BinaryBitmap
import com.google.zxing.DecodeHintType
import com.google.zxing.LuminanceSource
import com.google.zxing.PlanarYUVLuminanceSource
import com.google.zxing.ReaderException
import com.google.zxing.ResultPoint
import com.google.zxing.ResultPointCallback
import com.google.zxing.common.HybridBinarizer
import com.google.zxing.qrcode.QRCodeReader

/** More corner patterns than one code and much that looks like them; what the reader does with them grows with their cube. */
private const val MOST_PATTERNS = 100

/**
 * Reads the QR code in a frame of the camera, by ZXing. It is for frames, which come many a second and of which most have
 * no code; a picture that the person chose is read once, by `Kist.readRequestQr`, which looks harder.
 *
 * What is read is text of anybody's. What it is for is for the SDK to say: `requests.open` takes requests alone, and names
 * another code of Kist's (`WrongPurpose`) before anything is fetched.
 *
 * Not for several threads at once.
 */
class FrameReader {
    private val reader = QRCodeReader()
    private var inverted = false

    /**
     * The text of the code in [frame]; null where there is none that can be read. Every second frame without a code is read as
     * its negative, for codes that are light on dark.
     */
    fun read(frame: Luma): String? {
        val source = PlanarYUVLuminanceSource(
            frame.pixels, frame.width, frame.height, 0, 0, frame.width, frame.height, false,
        )
        val text = decode(if (inverted) source.invert() else source)
        if (text == null) inverted = !inverted
        return text
    }

    private fun decode(source: LuminanceSource): String? {
        val patterns = Patterns()
        val hints = mapOf(
            DecodeHintType.CHARACTER_SET to "UTF-8",
            DecodeHintType.NEED_RESULT_POINT_CALLBACK to patterns,
        )
        return try {
            reader.decode(BinaryBitmap(HybridBinarizer(source)), hints).text
        } catch (_: ReaderException) {
            null // no code, or one that can't be read
        } catch (_: RuntimeException) {
            null // too many patterns, or a geometry by which the reader leaves its arrays: a frame is not worth the app
        } finally {
            reader.reset()
        }
    }
}

/** Is told of each pattern that looks like a code's corner, while they are searched for, and ends a search that finds no end. */
private class Patterns : ResultPointCallback {
    private var found = 0

    override fun foundPossibleResultPoint(point: ResultPoint) {
        if (++found > MOST_PATTERNS) throw TooManyPatterns()
    }
}

private class TooManyPatterns : RuntimeException(null, null, false, false)

/** Hands each code on once, however many frames show it, until another is shown or [forget] is called. */
class FrameScanner(
    private val reader: FrameReader = FrameReader(),
    private val found: (String) -> Unit,
) {
    private var last: String? = null

    /** Looks at a frame. */
    @Synchronized
    fun look(frame: Luma) {
        val text = reader.read(frame)?.takeIf { it != last } ?: return
        last = text
        found(text)
    }

    /** Hands on the same code again when it is shown again: after an error that the person has read. */
    @Synchronized
    fun forget() {
        last = null
    }
}
