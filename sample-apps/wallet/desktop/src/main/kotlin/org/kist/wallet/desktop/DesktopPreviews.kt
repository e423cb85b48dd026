package org.kist.wallet.desktop

import androidx.compose.ui.graphics.toComposeImageBitmap
import java.nio.file.Files
import java.nio.file.Path
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.jetbrains.skia.Bitmap
import org.jetbrains.skia.Codec
import org.jetbrains.skia.Data
import org.jetbrains.skia.EncodedImageFormat
import org.jetbrains.skia.Image
import org.jetbrains.skia.Rect
import org.jetbrains.skia.SamplingMode
import org.jetbrains.skia.Surface
import org.kist.Thumbnail
import org.kist.wallet.ports.Picture
import org.kist.wallet.ports.Previews

/** Pictures as Skia reads them: PNG, JPEG, GIF, BMP, WebP. */
object DesktopPreviews : Previews {
    /** The longest side of a small picture. */
    private const val SMALL = 256

    /** The core's bound. */
    private const val LARGEST_THUMBNAIL = 64 shl 10

    /** Larger files, and pictures of more pixels, aren't read: they would take more memory than there may be. */
    private const val LARGEST_FILE = 64L shl 20
    private const val MOST_PIXELS = 100_000_000L

    override suspend fun picture(bytes: ByteArray, longest: Int): Picture? = withContext(Dispatchers.IO) {
        read(bytes, longest)?.let { Picture(it.toComposeImageBitmap()) }
    }

    override suspend fun thumbnail(file: Path): Thumbnail? = withContext(Dispatchers.IO) {
        val bytes = runCatching { file.takeIf { Files.size(it) <= LARGEST_FILE }?.let(Files::readAllBytes) }.getOrNull()
        val small = bytes?.let { read(it, SMALL) } ?: return@withContext null
        val encoded = small.encodeToData(EncodedImageFormat.JPEG, quality = 80)?.bytes
        encoded?.takeIf { it.size <= LARGEST_THUMBNAIL }?.let { Thumbnail("image/jpeg", it) }
    }

    /** A picture, made smaller where it is larger; null where Skia can't read it to its end. */
    private fun read(bytes: ByteArray, longest: Int): Image? = runCatching {
        val codec = Codec.makeFromData(Data.makeFromBytes(bytes))
        check(codec.width.toLong() * codec.height <= MOST_PIXELS)
        // Decoded here and whole: what is damaged is found now, and not when a screen draws it.
        val bitmap = Bitmap().apply { check(allocPixels(codec.imageInfo)) }
        codec.readPixels(bitmap)
        shrunk(Image.makeFromBitmap(bitmap), longest)
    }.getOrNull()

    private fun shrunk(image: Image, longest: Int): Image {
        val scale = longest.toFloat() / maxOf(image.width, image.height)
        if (scale >= 1) return image
        val (width, height) = maxOf(1, (image.width * scale).toInt()) to maxOf(1, (image.height * scale).toInt())
        val surface = Surface.makeRasterN32Premul(width, height)
        surface.canvas.drawImageRect(
            image,
            Rect.makeWH(image.width.toFloat(), image.height.toFloat()),
            Rect.makeWH(width.toFloat(), height.toFloat()),
            SamplingMode.MITCHELL,
            null,
            true,
        )
        return surface.makeImageSnapshot()
    }
}
