package org.kist.wallet.shots

import java.awt.image.BufferedImage
import java.awt.image.IndexColorModel
import java.io.ByteArrayOutputStream
import javax.imageio.ImageIO
import org.jetbrains.skia.Bitmap
import org.jetbrains.skia.ColorAlphaType
import org.jetbrains.skia.ColorType
import org.jetbrains.skia.Image
import org.jetbrains.skia.ImageInfo

/** The most colours that a PNG with a palette has. */
private const val PALETTE = 256

/**
 * As a PNG with a palette, a fraction of the size of one without: there are hundreds of these in the repository. Screens have few
 * colours, but for the edges of letters; a rare one becomes the common one that is nearest.
 */
fun Image.smallPng(): ByteArray {
    val pixels = colours()
    val common = pixels.asIterable().groupingBy { it }.eachCount().entries.sortedByDescending { it.value }.take(PALETTE).map { it.key }
    val places = HashMap<Int, Int>()
    common.forEachIndexed { place, colour -> places[colour] = place }
    val model = IndexColorModel(8, common.size, common.toIntArray(), 0, false, -1, java.awt.image.DataBuffer.TYPE_BYTE)
    val small = BufferedImage(width, height, BufferedImage.TYPE_BYTE_INDEXED, model)
    val indices = IntArray(pixels.size) { at -> places.getOrPut(pixels[at]) { nearest(common, pixels[at]) } }
    small.raster.setPixels(0, 0, width, height, indices)
    return ByteArrayOutputStream().also { check(ImageIO.write(small, "png", it)) }.toByteArray()
}

/** Its pixels, each as 0xAARRGGBB, rounded so that hues which nobody can tell apart are one. */
private fun Image.colours(): IntArray {
    val info = ImageInfo(width, height, ColorType.BGRA_8888, ColorAlphaType.OPAQUE)
    val bytes = checkNotNull(Bitmap.makeFromImage(this).readPixels(info, width * 4))
    return IntArray(width * height) { at ->
        val (blue, green, red) = Triple(bytes[at * 4], bytes[at * 4 + 1], bytes[at * 4 + 2])
        0xFF shl 24 or (rounded(red) shl 16) or (rounded(green) shl 8) or rounded(blue)
    }
}

private fun rounded(channel: Byte): Int = (channel.toInt() and 0xFF).let { (it and 0xFC) or (it shr 6) }

private fun nearest(colours: List<Int>, colour: Int): Int = colours.indices.minBy { distance(colours[it], colour) }

private fun distance(a: Int, b: Int): Int = listOf(16, 8, 0).sumOf { shift ->
    val difference = (a shr shift and 0xFF) - (b shr shift and 0xFF)
    difference * difference
}
