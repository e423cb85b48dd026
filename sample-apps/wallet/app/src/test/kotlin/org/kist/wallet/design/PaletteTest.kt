package org.kist.wallet.design

import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.luminance
import kotlin.math.max
import kotlin.math.min
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** WCAG 2.2 AA over every pair of colours: components draw in the colours of one tone, so that all tones are all pairs. */
class PaletteTest {
    private val palettes = listOf(LightPalette, DarkPalette)

    private fun contrast(a: Color, b: Color): Float {
        val (light, dark) = max(a.luminance(), b.luminance()) to min(a.luminance(), b.luminance())
        return (light + 0.05f) / (dark + 0.05f)
    }

    private fun atLeast(ratio: Float, over: Color, ground: Color, what: String) {
        val found = contrast(over, ground)
        assertTrue(found >= ratio, "$what has $found : 1, of $ratio")
    }

    @Test
    fun `contrast is measured as wcag defines it`() {
        assertEquals(21f, contrast(Color.Black, Color.White), 0.01f)
        assertEquals(4.54f, contrast(Color(0xFF767676), Color.White), 0.01f)
    }

    @Test
    fun `u2 every word can be read on its ground`() {
        for (palette in palettes) for (tone in palette.tones) {
            val where = "${tone.name}, ${if (palette.dark) "dark" else "light"}"
            atLeast(4.5f, tone.text, tone.ground, "text on $where")
            atLeast(4.5f, tone.quiet, tone.ground, "quiet text on $where")
            atLeast(4.5f, tone.act, tone.ground, "what acts on $where")
        }
    }

    @Test
    fun `u2 every control and the focus can be told from the ground`() {
        for (palette in palettes) {
            for (tone in palette.tones) atLeast(3f, tone.edge, tone.ground, "an edge on ${tone.name}")
            for (ground in listOf(palette.page, palette.card, palette.bar)) {
                atLeast(3f, palette.focus, ground.ground, "focus on ${ground.name}")
                for (button in listOf(palette.primary, palette.danger)) {
                    atLeast(3f, button.ground, ground.ground, "${button.name} on ${ground.name}")
                }
            }
            // The chosen place of the navigation: its icon on the soft ground, its word on the bar.
            atLeast(4.5f, palette.soft.act, palette.soft.ground, "the chosen place")
        }
    }

    @Test
    fun `u2 colours of both palettes differ, and no tone is forgotten`() {
        for (palette in palettes) {
            assertEquals(10, palette.tones.map { it.name }.toSet().size)
        }
        assertTrue(LightPalette.page.ground.luminance() > DarkPalette.page.ground.luminance())
    }
}
