package org.kist.android.camera

import java.nio.ByteBuffer
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** A frame of the camera, as bytes. */
class LumaPlaneTest {
    /** 3 by 2: 0 1 2 over 10 11 12. */
    private val small = Picture(3, 2) { x, y -> 10 * y + x }

    private fun Luma.asRows() = pixels.toList().chunked(width)

    private fun rows(vararg rows: List<Int>) = rows.map { row -> row.map { it.toByte() } }

    @Test
    fun rows_and_pixels_are_found_whatever_lies_between_them() {
        for ((rowStride, pixelStride, offset) in listOf(Triple(3, 1, 0), Triple(7, 1, 5), Triple(6, 2, 0), Triple(16, 3, 4))) {
            val plane = small.inMemory(rowStride, pixelStride, offset)
            repeat(2) { assertEquals(rows(listOf(0, 1, 2), listOf(10, 11, 12)), plane.read().asRows()) }
        }
    }

    @Test
    fun a_frame_is_turned_upright() {
        val plane = small.inMemory(8, 2)
        assertEquals(rows(listOf(10, 0), listOf(11, 1), listOf(12, 2)), plane.read(rotation = Rotation.QUARTER).asRows())
        assertEquals(rows(listOf(12, 11, 10), listOf(2, 1, 0)), plane.read(rotation = Rotation.HALF).asRows())
        assertEquals(rows(listOf(2, 12), listOf(1, 11), listOf(0, 10)), plane.read(rotation = Rotation.THREE_QUARTERS).asRows())
    }

    @Test
    fun a_part_is_cut_out_before_it_is_turned() {
        val plane = small.inMemory(5, 1)
        assertEquals(rows(listOf(1, 2), listOf(11, 12)), plane.read(Crop(1, 0, 2, 2)).asRows())
        assertEquals(rows(listOf(11), listOf(12)), plane.read(Crop(1, 1, 2, 1), Rotation.QUARTER).asRows())
    }

    @Test
    fun a31_what_does_not_fit_is_refused_before_a_byte_is_read() {
        val bytes = ByteBuffer.allocate(100)
        val frames = mapOf<String, () -> Unit>(
            "no width" to { LumaPlane(bytes, 0, 2, 3, 1) },
            "no height" to { LumaPlane(bytes, 3, -1, 3, 1) },
            "rows that overlap" to { LumaPlane(bytes, 10, 2, 9, 1) },
            "pixels that overlap rows" to { LumaPlane(bytes, 10, 2, 18, 2) },
            "pixels in one place" to { LumaPlane(bytes, 3, 2, 3, 0) },
            "more rows than bytes" to { LumaPlane(bytes, 10, 11, 10, 1) },
            "a row more than there is" to { LumaPlane(bytes.duplicate().position(1), 10, 10, 10, 1) },
            "sizes whose product overflows" to { LumaPlane(bytes, 65536, 65536, 65536, 1) },
            "strides whose product overflows" to { LumaPlane(bytes, 16, 16, Int.MAX_VALUE, 1) },
        )
        for ((what, make) in frames) assertThrows<IllegalArgumentException>(what) { make() }
        val plane = LumaPlane(bytes, 10, 10, 10, 1)
        val crops = listOf(
            Crop(-1, 0, 1, 1), Crop(0, -1, 1, 1), Crop(10, 0, 1, 1), Crop(0, 10, 1, 1), Crop(0, 0, 0, 1), Crop(0, 0, 1, 0),
            Crop(5, 0, 6, 1), Crop(0, 5, 1, 6), Crop(1, 1, Int.MAX_VALUE, Int.MAX_VALUE),
        )
        for (crop in crops) assertThrows<IllegalArgumentException>("$crop") { plane.read(crop) }
    }

    @Test
    fun the_last_row_may_end_at_its_last_pixel() {
        val bytes = ByteBuffer.wrap(ByteArray(12) { it.toByte() }) // two rows of two, eight and two apart, less the padding
        assertArrayEquals(byteArrayOf(0, 2, 8, 10), LumaPlane(bytes.limit(11), 2, 2, 8, 2).read().pixels)
    }

    @Test
    fun frames_are_upright_however_the_phone_is_held() {
        assertEquals(Rotation.QUARTER, Rotation.ofFrames(sensor = 90, display = 0))
        assertEquals(Rotation.NONE, Rotation.ofFrames(sensor = 90, display = 90))
        assertEquals(Rotation.HALF, Rotation.ofFrames(sensor = 90, display = 270))
        assertEquals(Rotation.THREE_QUARTERS, Rotation.ofFrames(sensor = 270, display = 0))
        assertThrows<IllegalArgumentException> { Rotation.of(45) }
    }

    @Test
    fun frames_are_taken_at_the_smallest_size_that_is_enough() {
        val sizes = listOf(FrameSize(4000, 3000), FrameSize(1920, 1080), FrameSize(1280, 960), FrameSize(640, 480))
        assertEquals(FrameSize(1280, 960), bestSize(sizes))
        assertEquals(FrameSize(640, 480), bestSize(listOf(FrameSize(320, 240), FrameSize(640, 480))))
        assertNull(bestSize(emptyList()))
    }
}
