package org.kist.android.camera

import com.google.zxing.qrcode.decoder.ErrorCorrectionLevel
import com.google.zxing.qrcode.encoder.Encoder
import java.nio.ByteBuffer
import kotlin.math.PI
import kotlin.math.cos
import kotlin.math.sin
import kotlin.random.Random

/** A picture that a test makes: brightness by place, 0 to 255. */
class Picture(val width: Int, val height: Int, val light: (x: Int, y: Int) -> Int) {
    fun toLuma() = Luma(ByteArray(width * height) { light(it % width, it / width).coerceIn(0, 255).toByte() }, width, height)
}

/** The code of [text] by ZXing's encoder, with its quiet zone, [scale] pixels a module. */
fun code(text: String, scale: Int): Picture {
    val modules = Encoder.encode(text, ErrorCorrectionLevel.M).matrix
    val side = (modules.width + 8) * scale
    return Picture(side, side) { x, y ->
        val (column, row) = Pair(x / scale - 4, y / scale - 4)
        val inside = column in 0 until modules.width && row in 0 until modules.height
        if (inside && modules.get(column, row).toInt() == 1) 20 else 235
    }
}

/** [code] lying in a room: turned by [degrees], in light that falls off to one side, with the noise of a sensor. */
fun scene(code: Picture, width: Int, height: Int, degrees: Double, noise: Int, seed: Int = 1): Picture {
    val random = Random(seed)
    val (sine, cosine) = Pair(sin(degrees * PI / 180), cos(degrees * PI / 180))
    val pixels = IntArray(width * height) { at ->
        val (x, y) = Pair(at % width - width / 2, at / width - height / 2)
        val (u, v) = Pair(x * cosine + y * sine + code.width / 2, y * cosine - x * sine + code.height / 2)
        val inside = u >= 0 && v >= 0 && u < code.width && v < code.height
        val seen = if (inside) code.light(u.toInt(), v.toInt()) else 120
        val lit = seen * (100 - 50 * (at % width) / width) / 100
        lit + if (noise > 0) random.nextInt(-noise, noise + 1) else 0
    }
    return Picture(width, height) { x, y -> pixels[y * width + x] }
}

/**
 * The picture as a camera's memory holds it: rows and pixels apart, beginning at [offset], with rubbish between, and nothing
 * after the last pixel.
 */
fun Picture.inMemory(rowStride: Int, pixelStride: Int, offset: Int = 0): LumaPlane {
    val length = offset + (height - 1) * rowStride + (width - 1) * pixelStride + 1
    val bytes = Random(9).nextBytes(length)
    val luma = toLuma()
    for (y in 0 until height) {
        for (x in 0 until width) bytes[offset + y * rowStride + x * pixelStride] = luma.pixels[y * width + x]
    }
    val buffer = ByteBuffer.allocateDirect(length).put(bytes).position(offset)
    return LumaPlane(buffer, width, height, rowStride, pixelStride)
}
