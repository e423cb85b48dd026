package org.kist.wallet.android

import android.content.ClipboardManager
import android.content.Context
import android.graphics.Bitmap
import android.graphics.ImageDecoder
import java.io.IOException
import java.nio.file.Path
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.kist.wallet.ports.Luma
import org.kist.wallet.ports.Pictures

/** The longest side of what is looked through for a QR; a larger picture is made smaller as it is read. */
private const val LONGEST = 2_400

/** Pictures as Android reads them. */
class AndroidPictures(private val context: Context) : Pictures {
    override suspend fun luma(file: Path): Luma? = read(ImageDecoder.createSource(file.toFile()))

    override suspend fun lumaOfClipboard(): Luma? {
        val clip = context.getSystemService(ClipboardManager::class.java).primaryClip ?: return null
        val picture = if (clip.itemCount > 0) clip.getItemAt(0).uri else null
        return picture?.let { read(ImageDecoder.createSource(context.contentResolver, it)) }
    }

    private suspend fun read(source: ImageDecoder.Source): Luma? = withContext(Dispatchers.IO) {
        try {
            ImageDecoder.decodeBitmap(source) { decoder, info, _ ->
                val (width, height) = within(LONGEST, info.size.width, info.size.height)
                decoder.setTargetSize(width, height)
                decoder.allocator = ImageDecoder.ALLOCATOR_SOFTWARE // its pixels are read
            }.let(::luma)
        } catch (_: IOException) {
            null // no picture, or a damaged one
        } catch (_: SecurityException) {
            null // the app whose picture it was has taken it back
        }
    }

    private fun luma(bitmap: Bitmap): Luma {
        val pixels = IntArray(bitmap.width * bitmap.height)
        bitmap.getPixels(pixels, 0, bitmap.width, 0, 0, bitmap.width, bitmap.height)
        return Luma(brightness(pixels), bitmap.width, bitmap.height)
    }
}

/** A size with the same sides' proportion, no side longer than [longest], and none of nothing. */
internal fun within(longest: Int, width: Int, height: Int): Pair<Int, Int> {
    val scale = (longest.toDouble() / maxOf(width, height)).coerceAtMost(1.0)
    return maxOf(1, (width * scale).toInt()) to maxOf(1, (height * scale).toInt())
}

/** The brightness of ARGB [pixels] by ITU-R BT.601; where a picture is transparent, paper is meant. */
internal fun brightness(pixels: IntArray): ByteArray = ByteArray(pixels.size) {
    val pixel = pixels[it]
    val light = (299 * (pixel shr 16 and 0xff) + 587 * (pixel shr 8 and 0xff) + 114 * (pixel and 0xff)) / 1000
    val alpha = pixel ushr 24
    ((light * alpha + 255 * (255 - alpha)) / 255).toByte()
}
