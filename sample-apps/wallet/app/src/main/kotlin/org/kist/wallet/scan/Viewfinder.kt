package org.kist.wallet.scan

import androidx.compose.foundation.Canvas
import androidx.compose.foundation.layout.aspectRatio
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.widthIn
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.geometry.Offset
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.role
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import org.kist.wallet.ports.Luma

/** What the camera sees, coarse: enough to point it by, and the same on every platform. [name] is what a screen reader says. */
@Composable
internal fun Viewfinder(seen: Luma, name: String) {
    Canvas(
        Modifier.widthIn(max = 420.dp).fillMaxWidth().aspectRatio(seen.width.toFloat() / seen.height).semantics {
            role = Role.Image
            contentDescription = name
        },
    ) {
        val columns = COLUMNS.coerceAtMost(seen.width)
        val rows = (columns * seen.height / seen.width).coerceAtLeast(1)
        val block = Size(size.width / columns, size.height / rows)
        for (row in 0 until rows) for (column in 0 until columns) {
            val at = (row * seen.height / rows) * seen.width + column * seen.width / columns
            val light = (seen.bytes[at].toInt() and 0xFF) / 255f
            // A little larger than the block, so that no seam shows between two.
            val corner = Offset(column * block.width, row * block.height)
            drawRect(Color(light, light, light), corner, Size(block.width + 0.5f, block.height + 0.5f))
        }
    }
}

private const val COLUMNS = 72
