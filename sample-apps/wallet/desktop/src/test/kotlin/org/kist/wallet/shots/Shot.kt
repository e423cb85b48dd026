package org.kist.wallet.shots

import androidx.compose.foundation.layout.BoxWithConstraints
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.ui.ImageComposeScene
import androidx.compose.ui.platform.LocalDensity
import androidx.compose.ui.unit.Density
import org.jetbrains.skia.Image
import org.kist.wallet.app.Destinations
import org.kist.wallet.design.LocalWidth
import org.kist.wallet.design.Look
import org.kist.wallet.design.NavigationFrame
import org.kist.wallet.design.NavigationItem
import org.kist.wallet.design.WalletTheme
import org.kist.wallet.design.Width
import org.kist.wallet.desktop.desktopFonts
import org.kist.wallet.language.Language
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words

/** A screen in one state, as docs/wallet shows it. */
class Shot(
    /** Its file is `NAME-light.png` and `NAME-dark.png`. */
    val name: String,
    val width: Int = PHONE_WIDTH,
    /** Of a screen that scrolls, as much as is to be seen. */
    val height: Int = PHONE_HEIGHT,
    val textScale: Float = 1f,
    val language: Language = Language.ENGLISH,
    /** The destination that is marked in the bar of navigation; null for screens without the bar. */
    val tab: String? = null,
    val content: @Composable () -> Unit,
) {
    /** The same with texts of twice the size. */
    fun enlarged(height: Int = this.height * 2) = Shot("$name-large", width, height, 2f, language, tab, content)

    /** The same in a language written from right to left. */
    fun rightToLeft() = Shot("$name-ar", width, height, textScale, Language.ARABIC, tab, content)

    /** The same on a tablet. */
    fun tablet(height: Int = TABLET_HEIGHT) = Shot("$name-tablet", TABLET_WIDTH, height, textScale, language, tab, content)

    /** Draws it. */
    fun render(dark: Boolean): Image {
        val scene = ImageComposeScene((width * DENSITY).toInt(), (height * DENSITY).toInt(), Density(DENSITY))
        return try {
            scene.setContent { Shown(dark) }
            scene.render()
            // What is measured in the first frame is laid out in the second.
            scene.render(FRAME)
        } finally {
            scene.close()
        }
    }

    /** The screen within its theme; [textScale] for another than its own. */
    @Composable
    fun Shown(dark: Boolean = false, textScale: Float = this.textScale) = WalletTheme(Look(dark, textScale, reducedMotion = true), Words(language, zone), fonts) {
        BoxWithConstraints {
            CompositionLocalProvider(LocalWidth provides Width.of(maxWidth, LocalDensity.current.fontScale)) {
                NavigationFrame(items()) { content() }
            }
        }
    }

    @Composable
    private fun items(): List<NavigationItem> {
        val words = LocalWords.current
        if (tab == null) return emptyList()
        return Destinations.tabs.map { NavigationItem(words(checkNotNull(it.tab).nameKey), it.tab!!.icon, it.name == tab) {} }
    }

    companion object {
        const val PHONE_WIDTH = 412
        const val PHONE_HEIGHT = 892
        const val TABLET_WIDTH = 1024
        const val TABLET_HEIGHT = 768
        private const val DENSITY = 1f
        private const val FRAME = 100_000_000L
        private val zone = java.time.ZoneId.of("Europe/London")
        private val fonts = desktopFonts()
    }
}
