package org.kist.wallet.desktop

import androidx.compose.ui.text.font.FontFamily
import androidx.compose.ui.text.platform.Font
import org.kist.wallet.design.Fonts

/** The app's typefaces, from its own resources. */
fun desktopFonts() = Fonts(family(Fonts.LATIN), family(Fonts.ARABIC))

private fun family(name: String) = FontFamily(Fonts.files(name).map { (weight, file) -> Font(file, weight) })
