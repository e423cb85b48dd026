package org.kist.wallet.design

import androidx.compose.runtime.Immutable
import androidx.compose.runtime.staticCompositionLocalOf
import androidx.compose.ui.graphics.Color

/**
 * A ground and what may stand on it. Components draw in the colours of one tone and in no others, so that a test over all tones
 * is a test over every pair that the app shows.
 */
@Immutable
data class Tone(
    val name: String,
    /** What lies beneath. */
    val ground: Color,
    /** Words, and icons that mean something. At least 4.5 : 1 on the ground. */
    val text: Color,
    /** Words of less weight. At least 4.5 : 1 as well. */
    val quiet: Color = text,
    /** Borders and marks by which a control is known. At least 3 : 1. */
    val edge: Color = text,
    /** Words that act: links and plain buttons. At least 4.5 : 1. */
    val act: Color = text,
)

/** All colours of a theme, by what they are for. */
@Immutable
class Palette(
    val dark: Boolean,
    /** The screen itself. */
    val page: Tone,
    /** What is set apart from the page: cards, fields, dialogs. */
    val card: Tone,
    /** The one act of a screen. */
    val primary: Tone,
    /** Other acts, chips, the place in the navigation where one is. */
    val soft: Tone,
    /** An act that takes something away. */
    val danger: Tone,
    /** To know. */
    val info: Tone,
    /** It went well. */
    val success: Tone,
    /** To look at before going on. */
    val warning: Tone,
    /** It went wrong. */
    val error: Tone,
    /** Bars of navigation. */
    val bar: Tone,
    /** Lines between things; they carry no meaning, and need no contrast. */
    val line: Color,
    /** The ring around what has the keyboard's focus; at least 3 : 1 on page, card and bar. */
    val focus: Color,
) {
    val tones: List<Tone> get() = listOf(page, card, primary, soft, danger, info, success, warning, error, bar)
}

private val ink = Color(0xFF16262B)
private val harbour = Color(0xFF0B565E)

/** Paper and ink. */
val LightPalette = Palette(
    dark = false,
    page = Tone("page", Color(0xFFF8F6F1), ink, Color(0xFF4D5B60), Color(0xFF6F7C80), harbour),
    card = Tone("card", Color(0xFFFFFFFF), ink, Color(0xFF4D5B60), Color(0xFF6F7C80), harbour),
    primary = Tone("primary", harbour, Color(0xFFFFFFFF)),
    soft = Tone("soft", Color(0xFFDCEBEA), Color(0xFF0A3A40), Color(0xFF2F5257), Color(0xFF4E7377), Color(0xFF0A464D)),
    danger = Tone("danger", Color(0xFFA3262A), Color(0xFFFFFFFF)),
    info = Tone("info", Color(0xFFE4EDF5), Color(0xFF17324A), Color(0xFF3A526A), Color(0xFF4C6E8D), Color(0xFF134670)),
    success = Tone("success", Color(0xFFE1F0E3), Color(0xFF143A20), Color(0xFF35573F), Color(0xFF437A53), Color(0xFF115029)),
    warning = Tone("warning", Color(0xFFFBEBCB), Color(0xFF45300A), Color(0xFF5F4818), Color(0xFF8A6514), Color(0xFF613F00)),
    error = Tone("error", Color(0xFFFBE4E2), Color(0xFF5A1214), Color(0xFF752E2F), Color(0xFFA3262A), Color(0xFF8A1A1E)),
    bar = Tone("bar", Color(0xFFEFEBE2), ink, Color(0xFF4A585D), Color(0xFF6A777B), harbour),
    line = Color(0xFFDDD8CC),
    focus = Color(0xFFB35C00),
)

private val mist = Color(0xFFE7EDEC)
private val shallows = Color(0xFF86D0CF)

/** The same by lamplight. */
val DarkPalette = Palette(
    dark = true,
    page = Tone("page", Color(0xFF101718), mist, Color(0xFFA9B6B6), Color(0xFF7D8B8C), shallows),
    card = Tone("card", Color(0xFF1A2324), mist, Color(0xFFAFBBBB), Color(0xFF829091), shallows),
    primary = Tone("primary", shallows, Color(0xFF06282B)),
    soft = Tone("soft", Color(0xFF1F4045), Color(0xFFD9EFEE), Color(0xFFB5CFCF), Color(0xFF7FA5A8), Color(0xFFA5DEDD)),
    danger = Tone("danger", Color(0xFFF0A8A4), Color(0xFF3D0709)),
    info = Tone("info", Color(0xFF1B2F41), Color(0xFFDCE9F5), Color(0xFFB5C8DA), Color(0xFF7B9DBD), Color(0xFFA9CFF2)),
    success = Tone("success", Color(0xFF183323), Color(0xFFD8EFDD), Color(0xFFAFCDB8), Color(0xFF6FA783), Color(0xFF9BDDB0)),
    warning = Tone("warning", Color(0xFF3B2D10), Color(0xFFF8E6BE), Color(0xFFDCC797), Color(0xFFBB9546), Color(0xFFF2CC7A)),
    error = Tone("error", Color(0xFF431C1C), Color(0xFFF9DEDC), Color(0xFFE2BAB7), Color(0xFFCF7F7B), Color(0xFFFFB9B4)),
    bar = Tone("bar", Color(0xFF161F20), mist, Color(0xFFADB9B9), Color(0xFF7F8D8E), shallows),
    line = Color(0xFF2C3738),
    focus = Color(0xFFF2B45C),
)

/** The palette of the theme that is shown. */
val LocalPalette = staticCompositionLocalOf { LightPalette }

/** The tone on which a component stands: what lies on a banner is drawn in the banner's colours. */
val LocalTone = staticCompositionLocalOf { LightPalette.page }
