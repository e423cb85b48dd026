package org.kist.wallet.design

import androidx.compose.foundation.border
import androidx.compose.foundation.interaction.InteractionSource
import androidx.compose.foundation.interaction.collectIsFocusedAsState
import androidx.compose.material3.MaterialTheme
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.unit.dp

/** A ring around what has the keyboard's focus. */
@Composable
fun Modifier.focusFrame(interaction: InteractionSource): Modifier {
    val focused by interaction.collectIsFocusedAsState()
    return if (focused) border(3.dp, LocalPalette.current.focus, MaterialTheme.shapes.medium) else this
}
