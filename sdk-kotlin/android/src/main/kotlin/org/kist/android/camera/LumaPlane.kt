package org.kist.android.camera

import java.nio.ByteBuffer

/** How far a picture is turned clockwise to stand upright. */
enum class Rotation(
    /** In degrees. */
    val degrees: Int,
) {
    NONE(0),
    QUARTER(90),
    HALF(180),
    THREE_QUARTERS(270),
    ;

    companion object {
        /** By degrees, any multiple of 90. */
        fun of(degrees: Int): Rotation =
            requireNotNull(entries.find { it.degrees == Math.floorMod(degrees, 360) }) { "no quarter turn" }

        /** What the frames of a camera behind the phone need, mounted at [sensor] degrees in a phone turned by [display]. */
        fun ofFrames(sensor: Int, display: Int): Rotation = of(sensor - display)
    }
}

/** A part of a picture, in its pixels before it is turned. */
data class Crop(val left: Int, val top: Int, val width: Int, val height: Int)

/** A picture's brightness: a byte a pixel, row by row, 0 is black; what `Kist.readRequestQr` takes. */
class Luma(val pixels: ByteArray, val width: Int, val height: Int) {
    init {
        require(width > 0 && height > 0 && width.toLong() * height == pixels.size.toLong()) { "another size than its bytes" }
    }
}

/**
 * The Y plane of a frame in `YUV_420_888`, as it lies in the camera's memory: rows begin every [rowStride] bytes, pixels
 * every [pixelStride], and after the last pixel there may be nothing. The pixel at the top left is at the buffer's position.
 */
class LumaPlane(
    private val buffer: ByteBuffer,
    private val width: Int,
    private val height: Int,
    private val rowStride: Int,
    private val pixelStride: Int,
) {
    init {
        require(width in 1..MOST && height in 1..MOST) { "a frame of no size that a camera has" }
        require(pixelStride > 0 && rowStride.toLong() >= 1 + (width - 1L) * pixelStride) { "rows that overlap" }
        val last = (height - 1L) * rowStride + (width - 1L) * pixelStride
        require(last < buffer.remaining()) { "a buffer that is shorter than its frame" }
    }

    /** Copies a part out, upright. The whole where no [crop] is given. */
    fun read(crop: Crop = Crop(0, 0, width, height), rotation: Rotation = Rotation.NONE): Luma {
        require(crop.left in 0 until width && crop.top in 0 until height) { "a crop outside the frame" }
        require(crop.width in 1..width - crop.left && crop.height in 1..height - crop.top) { "a crop beyond the frame" }
        return turned(rows(crop), crop.width, crop.height, rotation)
    }

    private fun rows(crop: Crop): ByteArray {
        val pixels = ByteArray(crop.width * crop.height)
        val source = buffer.duplicate() // its position is ours to move
        for (row in 0 until crop.height) {
            val start = buffer.position() + (crop.top + row) * rowStride + crop.left * pixelStride
            if (pixelStride == 1) {
                source.position(start)
                source.get(pixels, row * crop.width, crop.width)
            } else {
                for (column in 0 until crop.width) {
                    pixels[row * crop.width + column] = source.get(start + column * pixelStride)
                }
            }
        }
        return pixels
    }

    private companion object {
        /** More than any sensor has on a side, and few enough that no offset overflows. */
        const val MOST = 16_384
    }
}

private fun turned(pixels: ByteArray, width: Int, height: Int, rotation: Rotation): Luma {
    if (rotation == Rotation.NONE) return Luma(pixels, width, height)
    val across = rotation == Rotation.HALF
    val (newWidth, newHeight) = if (across) Pair(width, height) else Pair(height, width)
    val out = ByteArray(pixels.size)
    for (y in 0 until height) {
        for (x in 0 until width) {
            val place = when (rotation) {
                Rotation.QUARTER -> x * newWidth + (newWidth - 1 - y)
                Rotation.HALF -> (newHeight - 1 - y) * newWidth + (newWidth - 1 - x)
                else -> (newHeight - 1 - x) * newWidth + y
            }
            out[place] = pixels[y * width + x]
        }
    }
    return Luma(out, newWidth, newHeight)
}
