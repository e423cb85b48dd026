package org.kist.wallet.design

import androidx.compose.foundation.text.selection.LocalTextSelectionColors
import androidx.compose.foundation.text.selection.TextSelectionColors
import androidx.compose.material3.ColorScheme
import androidx.compose.material3.LocalContentColor
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Shapes
import androidx.compose.material3.darkColorScheme
import androidx.compose.material3.lightColorScheme
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.runtime.staticCompositionLocalOf
import androidx.compose.foundation.shape.RoundedCornerShape
import androidx.compose.ui.platform.LocalDensity
import androidx.compose.ui.platform.LocalLayoutDirection
import androidx.compose.ui.unit.Density
import androidx.compose.ui.unit.LayoutDirection
import androidx.compose.ui.unit.dp
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words

/** How the app looks to this person. */
data class Look(
    val dark: Boolean = false,
    /** What texts are enlarged by, beside what the system does. */
    val textScale: Float = 1f,
    /** Nothing moves that needn't. */
    val reducedMotion: Boolean = false,
)

/** The typefaces of all languages, for words of another than the one that is shown. */
val LocalFonts = staticCompositionLocalOf<Fonts> { error("a screen is shown within WalletTheme") }

/** Whether things that needn't move stand still. */
val LocalReducedMotion = staticCompositionLocalOf { false }

/** Colours, type, language and direction of everything within. */
@Composable
fun WalletTheme(look: Look, words: Words, fonts: Fonts, content: @Composable () -> Unit) {
    val palette = if (look.dark) DarkPalette else LightPalette
    val density = LocalDensity.current
    val direction = if (words.language.rightToLeft) LayoutDirection.Rtl else LayoutDirection.Ltr
    MaterialTheme(colors(palette), shapes, typography(fonts.of(words.language))) {
        CompositionLocalProvider(
            LocalPalette provides palette,
            LocalTone provides palette.page,
            LocalContentColor provides palette.page.text,
            LocalWords provides words,
            LocalFonts provides fonts,
            LocalLayoutDirection provides direction,
            LocalDensity provides Density(density.density, density.fontScale * look.textScale),
            LocalReducedMotion provides look.reducedMotion,
            LocalTextSelectionColors provides TextSelectionColors(palette.page.act, palette.soft.ground),
            content = content,
        )
    }
}

private val shapes = Shapes(
    extraSmall = RoundedCornerShape(6.dp),
    small = RoundedCornerShape(10.dp),
    medium = RoundedCornerShape(14.dp),
    large = RoundedCornerShape(20.dp),
    extraLarge = RoundedCornerShape(28.dp),
)

/** The palette by the names that Material's own components ask for. */
private fun colors(palette: Palette): ColorScheme {
    val usual = if (palette.dark) darkColorScheme() else lightColorScheme()
    return usual.copy(
        primary = palette.page.act,
        onPrimary = palette.primary.text,
        primaryContainer = palette.soft.ground,
        onPrimaryContainer = palette.soft.text,
        secondary = palette.soft.text,
        onSecondary = palette.soft.ground,
        secondaryContainer = palette.soft.ground,
        onSecondaryContainer = palette.soft.text,
        tertiary = palette.info.text,
        onTertiary = palette.info.ground,
        background = palette.page.ground,
        onBackground = palette.page.text,
        surface = palette.page.ground,
        onSurface = palette.page.text,
        surfaceVariant = palette.card.ground,
        onSurfaceVariant = palette.card.quiet,
        surfaceContainerLowest = palette.card.ground,
        surfaceContainerLow = palette.card.ground,
        surfaceContainer = palette.card.ground,
        surfaceContainerHigh = palette.card.ground,
        surfaceContainerHighest = palette.card.ground,
        surfaceTint = palette.card.ground,
        outline = palette.card.edge,
        outlineVariant = palette.line,
        error = palette.error.act,
        onError = palette.error.ground,
        errorContainer = palette.error.ground,
        onErrorContainer = palette.error.text,
        inverseSurface = palette.page.text,
        inverseOnSurface = palette.page.ground,
        inversePrimary = palette.soft.ground,
    )
}
