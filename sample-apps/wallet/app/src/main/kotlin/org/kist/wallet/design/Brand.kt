package org.kist.wallet.design

import androidx.compose.foundation.Image
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.SolidColor
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.graphics.vector.PathParser
import androidx.compose.ui.unit.dp

/** What the app is called; a name isn't translated. */
const val APP_NAME = "Kist"

/** What the icon is made of, from the ground up: a colour and the outline that it fills, on a square of 64. */
internal val appIconParts: List<Pair<Long, String>> = listOf(
    0xFF0B565E to "M14 0H50A14 14 0 0 1 64 14V50A14 14 0 0 1 50 64H14A14 14 0 0 1 0 50V14A14 14 0 0 1 14 0Z",
    0xFFF3E3C3 to "M12 29V24C12 18 16 14 22 14H42C48 14 52 18 52 24V29Z",
    0xFFE0BE82 to "M12 32H52V48A3 3 0 0 1 49 51H15A3 3 0 0 1 12 48Z",
    0xFF0B565E to "M27 27H37V38A5 5 0 0 1 27 38Z",
    0xFFF3E3C3 to "M32 31A2.4 2.4 0 0 1 33.2 35.5L33.8 39H30.2L30.8 35.5A2.4 2.4 0 0 1 32 31Z",
)

/**
 * The app's icon: a chest with its lid shut, and a keyhole. The same drawing is `icon.svg` of the resources, for the shells of
 * platforms.
 */
val AppIcon: ImageVector by lazy {
    val builder = ImageVector.Builder("Kist", 64.dp, 64.dp, 64f, 64f)
    for ((color, outline) in appIconParts) {
        builder.addPath(PathParser().parsePathString(outline).toNodes(), fill = SolidColor(Color(color)))
    }
    builder.build()
}

/** The icon with the name beside it. */
@Composable
fun Brand(modifier: Modifier = Modifier) {
    Row(modifier.padding(vertical = Space.small), Arrangement.spacedBy(Space.medium), Alignment.CenterVertically) {
        Image(AppIcon, contentDescription = null, Modifier.size(64.dp))
        Text(APP_NAME, style = MaterialTheme.typography.displayMedium)
    }
}
