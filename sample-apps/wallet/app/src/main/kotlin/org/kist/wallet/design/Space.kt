package org.kist.wallet.design

import androidx.compose.runtime.staticCompositionLocalOf
import androidx.compose.ui.unit.Dp
import androidx.compose.ui.unit.dp

/** Distances, in steps that can be told apart. */
object Space {
    val hair = 4.dp
    val small = 8.dp
    val medium = 16.dp
    val large = 24.dp
    val huge = 40.dp

    /** The least height and width of anything that acts. */
    val target = 48.dp

    /** Lines of text grow no longer than this. */
    val column = 640.dp
}

/** How wide the window is: what decides about layout, beside the size of the text. */
enum class Width {
    /** One column, navigation at the foot. */
    PHONE,

    /** Room beside the column: navigation at the side. */
    TABLET,
    ;

    companion object {
        private val phone = 600.dp

        /** The class of a window of this width, in which texts are enlarged by [textScale]. */
        fun of(width: Dp, textScale: Float = 1f): Width = if (width / textScale.coerceAtLeast(1f) < phone) PHONE else TABLET
    }
}

/** The width of the window that this is shown in. */
val LocalWidth = staticCompositionLocalOf { Width.PHONE }
