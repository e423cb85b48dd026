package org.kist.wallet.design

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
import org.kist.QrModules
import org.kist.isDark

private const val QUIET_ZONE = 4

/** A QR code, dark on light in every theme, since scanners need it so; [name] is what a screen reader says of it. */
@Composable
fun QrCode(code: QrModules, name: String, modifier: Modifier = Modifier) {
    Canvas(
        modifier.widthIn(max = 280.dp).fillMaxWidth().aspectRatio(1f).semantics {
            role = Role.Image
            contentDescription = name
        },
    ) {
        val side = code.size.toInt()
        val module = size.width / (side + 2 * QUIET_ZONE)
        drawRect(Color.White)
        for (y in 0 until side) {
            for (x in 0 until side) {
                if (!code.isDark(x, y)) continue
                // A little larger than the module, so that no seam shows where two meet between pixels.
                val corner = Offset((x + QUIET_ZONE) * module, (y + QUIET_ZONE) * module)
                drawRect(Color.Black, corner, Size(module + 0.5f, module + 0.5f))
            }
        }
    }
}
