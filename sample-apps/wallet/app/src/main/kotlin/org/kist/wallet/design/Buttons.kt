package org.kist.wallet.design

import androidx.compose.foundation.BorderStroke
import androidx.compose.foundation.interaction.MutableInteractionSource
import androidx.compose.foundation.interaction.collectIsFocusedAsState
import androidx.compose.foundation.layout.PaddingValues
import androidx.compose.foundation.layout.RowScope
import androidx.compose.foundation.layout.Spacer
import androidx.compose.foundation.layout.defaultMinSize
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.layout.width
import androidx.compose.material3.Button
import androidx.compose.material3.ButtonDefaults
import androidx.compose.material3.Icon
import androidx.compose.material3.IconButton
import androidx.compose.material3.IconButtonDefaults
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.remember
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.unit.dp

/** The one act that a screen is for. */
@Composable
fun PrimaryButton(text: String, onClick: () -> Unit, modifier: Modifier = Modifier, icon: ImageVector? = null, enabled: Boolean = true) =
    Filled(text, onClick, modifier, icon, enabled, LocalPalette.current.primary)

/** Another act of the screen. */
@Composable
fun SecondaryButton(text: String, onClick: () -> Unit, modifier: Modifier = Modifier, icon: ImageVector? = null, enabled: Boolean = true) =
    Filled(text, onClick, modifier, icon, enabled, LocalPalette.current.soft)

/** An act that takes something away for good. */
@Composable
fun DangerButton(text: String, onClick: () -> Unit, modifier: Modifier = Modifier, icon: ImageVector? = null, enabled: Boolean = true) =
    Filled(text, onClick, modifier, icon, enabled, LocalPalette.current.danger)

@Composable
private fun Filled(text: String, onClick: () -> Unit, modifier: Modifier, icon: ImageVector?, enabled: Boolean, tone: Tone) {
    val interaction = remember { MutableInteractionSource() }
    val page = LocalTone.current
    Button(
        onClick = onClick,
        enabled = enabled,
        modifier = modifier.defaultMinSize(minHeight = Space.target),
        shape = MaterialTheme.shapes.medium,
        // What can't be pressed is drawn as an outline, in words that can still be read.
        colors = ButtonDefaults.buttonColors(tone.ground, tone.text, Color.Transparent, page.quiet),
        border = focusRing(interaction) ?: BorderStroke(1.dp, page.edge).takeUnless { enabled },
        contentPadding = PaddingValues(horizontal = 20.dp, vertical = 12.dp),
        interactionSource = interaction,
    ) { Label(text, icon, TextAlign.Center) }
}

/** How far the words of a plain button stand from its edge, which isn't seen. */
internal val PLAIN_INSET = 12.dp

/** An act of little weight: words that can be pressed. */
@Composable
fun PlainButton(text: String, onClick: () -> Unit, modifier: Modifier = Modifier, icon: ImageVector? = null, enabled: Boolean = true) {
    val interaction = remember { MutableInteractionSource() }
    val tone = LocalTone.current
    TextButton(
        onClick = onClick,
        enabled = enabled,
        modifier = modifier.defaultMinSize(minHeight = Space.target),
        shape = MaterialTheme.shapes.medium,
        colors = ButtonDefaults.textButtonColors(Color.Transparent, tone.act, Color.Transparent, tone.quiet),
        border = focusRing(interaction),
        contentPadding = PaddingValues(horizontal = PLAIN_INSET, vertical = 12.dp),
        interactionSource = interaction,
        // Words of several lines begin beneath each other, beside their icon.
    ) { Label(text, icon, TextAlign.Start) }
}

/** An act that is an icon alone to the eye; [name] is what a screen reader says. */
@Composable
fun IconAct(icon: ImageVector, name: String, onClick: () -> Unit, modifier: Modifier = Modifier, enabled: Boolean = true) {
    val interaction = remember { MutableInteractionSource() }
    val tone = LocalTone.current
    IconButton(
        onClick = onClick,
        enabled = enabled,
        modifier = modifier.size(Space.target).focusFrame(interaction).semantics { contentDescription = name },
        colors = IconButtonDefaults.iconButtonColors(Color.Transparent, tone.text, Color.Transparent, tone.quiet),
        interactionSource = interaction,
    ) { Icon(icon, contentDescription = null) }
}

@Composable
private fun RowScope.Label(text: String, icon: ImageVector?, align: TextAlign) {
    if (icon != null) {
        Icon(icon, contentDescription = null, modifier = Modifier.size(22.dp))
        Spacer(Modifier.width(Space.small))
    }
    Text(text, Modifier.weight(1f, fill = false), style = MaterialTheme.typography.labelLarge, textAlign = align)
}

@Composable
private fun focusRing(interaction: MutableInteractionSource): BorderStroke? {
    val focused by interaction.collectIsFocusedAsState()
    return if (focused) BorderStroke(3.dp, LocalPalette.current.focus) else null
}
