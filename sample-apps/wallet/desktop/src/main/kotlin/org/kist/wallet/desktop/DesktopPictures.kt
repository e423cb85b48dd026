package org.kist.wallet.desktop

import java.awt.Image
import java.awt.Toolkit
import java.awt.datatransfer.DataFlavor
import java.awt.image.BufferedImage
import java.nio.file.Path
import javax.imageio.ImageIO
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.kist.wallet.ports.Luma
import org.kist.wallet.ports.Pictures

/** Pictures as the JVM reads them: PNG, JPEG, GIF, BMP. */
object DesktopPictures : Pictures {
    /** The longest side of what is looked through for a QR; a larger picture is made smaller. */
    private const val LONGEST = 2_400

    override suspend fun luma(file: Path): Luma? = withContext(Dispatchers.IO) {
        // The readers throw much else than IOException at a picture that is damaged.
        runCatching { ImageIO.read(file.toFile()) }.getOrNull()?.let(::luma)
    }

    override suspend fun lumaOfClipboard(): Luma? = withContext(Dispatchers.IO) {
        runCatching {
            Toolkit.getDefaultToolkit().systemClipboard.getData(DataFlavor.imageFlavor) as Image
        }.getOrNull()?.let(::luma)
    }

    private fun luma(picture: Image): Luma {
        val (width, height) = picture.getWidth(null) to picture.getHeight(null)
        val scale = (LONGEST.toDouble() / maxOf(width, height)).coerceAtMost(1.0)
        val (wide, high) = maxOf(1, (width * scale).toInt()) to maxOf(1, (height * scale).toInt())
        val grey = BufferedImage(wide, high, BufferedImage.TYPE_INT_RGB)
        grey.createGraphics().apply {
            // Where a picture is transparent, paper is meant.
            color = java.awt.Color.WHITE
            fillRect(0, 0, wide, high)
            drawImage(picture, 0, 0, wide, high, null)
            dispose()
        }
        val pixels = grey.getRGB(0, 0, wide, high, null, 0, wide)
        return Luma(ByteArray(pixels.size) { brightness(pixels[it]).toByte() }, wide, high)
    }

    /** ITU-R BT.601. */
    private fun brightness(rgb: Int): Int =
        (299 * (rgb shr 16 and 0xFF) + 587 * (rgb shr 8 and 0xFF) + 114 * (rgb and 0xFF)) / 1000
}
