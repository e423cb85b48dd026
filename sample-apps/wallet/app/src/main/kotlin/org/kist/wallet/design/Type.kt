package org.kist.wallet.design

import androidx.compose.material3.Typography
import androidx.compose.runtime.Immutable
import androidx.compose.ui.text.TextStyle
import androidx.compose.ui.text.font.FontFamily
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.text.style.LineBreak
import androidx.compose.ui.text.style.TextDirection
import androidx.compose.ui.unit.sp
import org.kist.wallet.language.Language

/**
 * The typefaces, which a platform loads from `fonts/` of the resources: Atkinson Hyperlegible Next, whose letters are hard to
 * take for one another, and Noto Sans Arabic. Both lie there in regular and bold.
 */
@Immutable
class Fonts(val latin: FontFamily, val arabic: FontFamily) {
    fun of(language: Language): FontFamily = if (language.rightToLeft) arabic else latin

    companion object {
        /** Files of a typeface among the resources, by weight. */
        fun files(name: String): Map<FontWeight, String> = mapOf(
            FontWeight.Normal to "org/kist/wallet/fonts/$name-Regular.ttf",
            FontWeight.Bold to "org/kist/wallet/fonts/$name-Bold.ttf",
        )

        const val LATIN = "AtkinsonHyperlegibleNext"
        const val ARABIC = "NotoSansArabic"
    }
}

/** Few sizes: screen, section, thing, words, small print. Two weights. */
internal fun typography(family: FontFamily): Typography {
    fun style(size: Int, line: Int, weight: FontWeight = FontWeight.Normal) = TextStyle(
        fontFamily = family,
        fontWeight = weight,
        fontSize = size.sp,
        lineHeight = line.sp,
        // A sentence keeps its own direction among those of another language.
        textDirection = TextDirection.Content,
        lineBreak = if (size > 20) LineBreak.Heading else LineBreak.Paragraph,
    )

    val bold = FontWeight.Bold
    return Typography(
        displayLarge = style(36, 44, bold),
        displayMedium = style(32, 40, bold),
        displaySmall = style(30, 38, bold),
        headlineLarge = style(28, 36, bold),
        headlineMedium = style(26, 34, bold),
        headlineSmall = style(22, 30, bold),
        titleLarge = style(20, 28, bold),
        titleMedium = style(18, 26, bold),
        titleSmall = style(16, 24, bold),
        bodyLarge = style(17, 26),
        bodyMedium = style(16, 24),
        bodySmall = style(15, 22),
        labelLarge = style(17, 24, bold),
        labelMedium = style(14, 20, bold),
        labelSmall = style(14, 20),
    )
}
