package org.kist.wallet.shots

import java.io.File
import kotlin.math.abs
import org.jetbrains.skia.Bitmap
import org.jetbrains.skia.Image
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory

private val folder = File("../../../docs/wallet")

/**
 * Every screen as it stands in docs/wallet. `scripts/screens` runs this with `-Dkist.shots=write`, which draws them anew;
 * otherwise they are compared. `-Dkist.shots.only=home` takes those alone whose name begins so; several, with commas between.
 */
class ShotsTest {
    private val writing = System.getProperty("kist.shots") == "write"
    private val only = System.getProperty("kist.shots.only").orEmpty().split(',')

    @TestFactory
    fun `every screen looks as it is documented`(): List<DynamicTest> =
        allShots.filter { shot -> only.any(shot.name::startsWith) }.flatMap { shot ->
            listOf(false, true).map { dark ->
                val name = "${shot.name}-${if (dark) "dark" else "light"}.png"
                dynamicTest(name) { if (writing) write(shot, dark, name) else compare(shot, dark, name) }
            }
        }

    @Test
    fun `names are there once, and no picture is of a screen that is gone`() {
        val names = allShots.map { it.name }
        assertEquals(names.distinct(), names)
        val pictures = folder.list().orEmpty().filter { it.endsWith(".png") }.toSet()
        assertEquals(emptySet<String>(), pictures - names.flatMap { listOf("$it-light.png", "$it-dark.png") }.toSet())
    }

    private fun write(shot: Shot, dark: Boolean, name: String) {
        folder.mkdirs()
        File(folder, name).writeBytes(shot.render(dark).smallPng())
    }

    /** A pixel may differ a little, and a few may differ much: text is drawn otherwise by another machine. */
    private fun compare(shot: Shot, dark: Boolean, name: String) {
        val file = File(folder, name)
        assertTrue(file.exists(), "$name isn't there: run scripts/screens")
        val documented = Image.makeFromEncoded(file.readBytes())
        val drawn = shot.render(dark)
        assertEquals(documented.width to documented.height, drawn.width to drawn.height, name)
        val share = differing(pixels(documented), pixels(drawn)).toDouble() / (drawn.width * drawn.height)
        assertTrue(share <= SHARE, "$name differs in ${"%.2f".format(share * 100)} % of its pixels: look at it, and run scripts/screens")
    }

    private fun pixels(image: Image): ByteArray = checkNotNull(Bitmap.makeFromImage(image).readPixels())

    /** How many pixels, of four bytes, differ by more than a little in one of them. */
    private fun differing(a: ByteArray, b: ByteArray): Int {
        if (a.contentEquals(b)) return 0
        return (a.indices step BYTES).count { pixel ->
            (pixel until pixel + BYTES).any { abs((a[it].toInt() and 0xFF) - (b[it].toInt() and 0xFF)) > STEP }
        }
    }

    private companion object {
        const val BYTES = 4

        /** Of 255, by how much a colour of a pixel may differ. */
        const val STEP = 32

        /** The share of pixels that may differ by more. */
        const val SHARE = 0.002
    }
}
