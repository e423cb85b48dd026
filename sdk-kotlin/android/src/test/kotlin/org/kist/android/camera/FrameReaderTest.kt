package org.kist.android.camera

import java.nio.file.Path
import java.time.Duration
import kotlin.math.abs
import kotlin.random.Random
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTimeoutPreemptively
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import org.kist.KdfCost
import org.kist.Kist
import org.kist.KistException
import org.kist.Platform
import org.kist.isDark

/** As long as links to requests are. */
private const val LINK = "openid4vp://?client_id=x509_hash%3AZ0J6bGc4cXJ5bGc4cXJ5bGc4cXJ5bGc4cXJ5bGc4cXI" +
    "&request_uri=https%3A%2F%2Frelay.example%2Fv1%2Fslots%2F4c9f1b7e2a6d8053%2Frequest"

/** Codes in the camera's frames. */
class FrameReaderTest {
    private val reader = FrameReader()

    @Test
    fun h1_a_code_is_read_however_it_lies_and_however_the_camera_stores_it() {
        val layouts = listOf(Triple(1280, 1, 0), Triple(1344, 1, 0), Triple(1283, 1, 7), Triple(2560, 2, 0), Triple(3905, 3, 1))
        for ((turn, layout) in listOf(0.0, 7.0, 90.0, 133.0, 201.0) zip layouts) {
            val (rowStride, pixelStride, offset) = layout
            val frame = scene(code(LINK, 8), 1280, 720, turn, noise = 18).inMemory(rowStride, pixelStride, offset)
            for (rotation in Rotation.entries) assertEquals(LINK, reader.read(frame.read(rotation = rotation)), "$turn, $layout")
        }
    }

    @Test
    fun h1_a_code_that_the_core_drew_is_read() {
        val drawn = Kist.drawQr(LINK)
        val side = drawn.size.toInt()
        val picture = Picture((side + 8) * 6, (side + 8) * 6) { x, y ->
            if (drawn.isDark(x / 6 - 4, y / 6 - 4)) 0 else 255
        }
        val frame = scene(picture, 1280, 720, 12.0, noise = 10).toLuma()
        assertEquals(LINK, reader.read(frame))
        assertEquals(LINK, Kist.readRequestQr(frame.pixels, frame.width, frame.height), "as the core reads it")
    }

    @Test
    fun h1_a_code_in_a_part_of_the_frame_is_read() {
        val picture = code(LINK, 5)
        val room = Picture(1920, 1080) { x, y ->
            val (u, v) = Pair(x - 1500, y - 60)
            if (u in 0 until picture.width && v in 0 until picture.height) picture.light(u, v) else (x * 7 + y * 13) % 90 + 80
        }
        assertEquals(LINK, reader.read(room.inMemory(2048, 1).read(Crop(1480, 40, 420, 420), Rotation.QUARTER)))
    }

    @Test
    fun h1_a_code_that_is_light_on_dark_is_read_by_the_second_frame() {
        val code = code(LINK, 8)
        val negative = scene(Picture(code.width, code.height) { x, y -> 255 - code.light(x, y) }, 1280, 720, 3.0, noise = 5).toLuma()
        assertEquals(LINK, reader.read(negative) ?: reader.read(negative))
        assertEquals(LINK, reader.read(negative), "and by each one after it")
    }

    @Test
    fun a31_a_frame_without_a_code_has_none() {
        val random = Random(3)
        val frames = listOf(
            Picture(640, 480) { _, _ -> 0 },
            Picture(640, 480) { _, _ -> 255 },
            Picture(640, 480) { x, y -> (x + y) % 256 },
            Picture(640, 480) { _, _ -> random.nextInt(256) },
            Picture(640, 480) { x, y -> if (x / 3 % 2 == y / 5 % 2) 0 else 255 },
            Picture(1, 1) { _, _ -> 7 },
            Picture(3, 1000) { x, _ -> x * 90 },
        )
        for (frame in frames) repeat(2) { assertNull(reader.read(frame.toLuma())) }
    }

    @Test
    fun a31_a_code_that_is_damaged_beyond_its_correction_gives_nothing() {
        val code = code(LINK, 8)
        val middle = code.width / 4..code.width * 3 / 4
        val damaged = Picture(code.width, code.height) { x, y -> if (x in middle && y in middle) 235 else code.light(x, y) }
        repeat(2) { assertNull(reader.read(scene(damaged, 1280, 720, 0.0, noise = 0).toLuma())) }
    }

    /** What ZXing does with patterns grows with their cube: this wall of 1,900 in two sizes would keep it for ten seconds. */
    @Test
    fun a31_a_wall_of_corner_patterns_does_not_keep_the_camera_busy() {
        val wall = Picture(1280, 720) { x, y ->
            val module = 2 + (x / 22 + y / 22) % 2
            val ring = maxOf(abs(x % 22 / module - 3), abs(y % 22 / module - 3))
            if (ring <= 1 || ring == 3) 0 else 255
        }
        val frame = wall.toLuma()
        assertTimeoutPreemptively(Duration.ofSeconds(3)) { repeat(2) { assertNull(reader.read(frame)) } }
        val code = scene(code(LINK, 8), 1280, 720, 0.0, noise = 0).toLuma()
        assertEquals(LINK, reader.read(code) ?: reader.read(code), "what comes after it is read")
    }

    @Test
    fun a29_a_code_for_something_else_that_the_camera_reads_is_named_by_the_core_and_gives_nothing(@TempDir folder: Path) {
        val frame = scene(code("kist-device:AAAA", 10), 800, 600, 0.0, noise = 0).toLuma()
        val text = checkNotNull(reader.read(frame))
        val cost = KdfCost(memoryKib = 19456u, passes = 2u, lanes = 1u)
        runBlocking {
            Kist.person(folder.resolve("alice"), Platform("phone", kdfCost = cost)).create("a passphrase").use { alice ->
                val error = assertThrows<KistException> { runBlocking { alice.requests.open(text) } }
                assertEquals(listOf("WrongPurpose", "device linking"), listOf(error.code, error.word("what")))
                assertEquals(0, alice.requests.pending().size)
            }
        }
    }

    @Test
    fun h1_a_code_is_handed_on_once_however_many_frames_show_it() {
        val found = mutableListOf<String>()
        val scanner = FrameScanner { found += it }
        val (one, other) = listOf("one", "other").map { scene(code(it, 12), 800, 600, 5.0, noise = 4).toLuma() }
        repeat(3) { scanner.look(one) }
        scanner.look(Picture(800, 600) { _, _ -> 128 }.toLuma())
        scanner.look(one)
        assertEquals(listOf("one"), found)
        scanner.look(other)
        scanner.look(one)
        assertEquals(listOf("one", "other", "one"), found)
        scanner.forget()
        scanner.look(one)
        assertEquals(listOf("one", "other", "one", "one"), found)
    }

    @Test
    fun a31_frames_of_noise_and_bits_of_codes_are_never_an_exception() {
        val random = Random(11)
        val code = code(LINK, 4)
        repeat(60) {
            val (width, height) = Pair(random.nextInt(1, 200), random.nextInt(1, 200))
            val (left, top) = Pair(random.nextInt(code.width), random.nextInt(code.height))
            val torn = Picture(width, height) { x, y ->
                if (random.nextInt(40) == 0) random.nextInt(256) else code.light((x + left) % code.width, (y + top) % code.height)
            }
            val text = reader.read(torn.toLuma())
            if (text != null) assertNotNull(LINK.takeIf { it == text }, text)
        }
    }
}
