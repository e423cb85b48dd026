package org.kist.wallet.design

import androidx.compose.foundation.background
import androidx.compose.foundation.border
import androidx.compose.foundation.clickable
import androidx.compose.foundation.interaction.MutableInteractionSource
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.defaultMinSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.height
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.selection.selectable
import androidx.compose.foundation.selection.toggleable
import androidx.compose.foundation.LocalIndication
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.remember
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.clip
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import org.kist.wallet.language.Language

/** A thing in a list, which leads somewhere when [onClick] is there. Read as one: title, then detail, then mark. */
@Composable
fun ListRow(
    title: String,
    modifier: Modifier = Modifier,
    detail: String? = null,
    icon: ImageVector? = null,
    mark: String? = null,
    onClick: (() -> Unit)? = null,
) {
    val tone = LocalTone.current
    val interaction = remember { MutableInteractionSource() }
    val acting = if (onClick == null) {
        Modifier.semantics(mergeDescendants = true) {}
    } else {
        Modifier.focusFrame(interaction)
            .clickable(interaction, LocalIndication.current, role = Role.Button, onClick = onClick)
    }
    Row(
        modifier.fillMaxWidth().clip(MaterialTheme.shapes.medium).then(acting)
            .defaultMinSize(minHeight = 56.dp).padding(horizontal = 12.dp, vertical = 10.dp),
        Arrangement.spacedBy(Space.medium),
        Alignment.CenterVertically,
    ) {
        if (icon != null) Icon(icon, null, Modifier.size(24.dp), tint = tone.act)
        Column(Modifier.weight(1f)) {
            Text(title, style = MaterialTheme.typography.titleSmall)
            if (detail != null) Text(detail, style = MaterialTheme.typography.bodySmall, color = tone.quiet)
        }
        if (mark != null) Text(mark, style = MaterialTheme.typography.bodyMedium, color = tone.quiet)
        if (onClick != null) Icon(Icons.Forward, null, Modifier.size(20.dp), tint = tone.edge)
    }
}

/** A line between things. */
@Composable
fun Line(modifier: Modifier = Modifier) =
    Box(modifier.fillMaxWidth().height(1.dp).background(LocalPalette.current.line))

/** The heading of a part of a screen. */
@Composable
fun SectionHeading(text: String, modifier: Modifier = Modifier) =
    Text(text, modifier.padding(top = Space.medium).semantics { heading() }, style = MaterialTheme.typography.titleMedium)

/** Something that is so or not, ticked by the person. */
@Composable
fun TickRow(
    title: String,
    ticked: Boolean,
    onTick: (Boolean) -> Unit,
    modifier: Modifier = Modifier,
    detail: String? = null,
    enabled: Boolean = true,
) {
    val interaction = remember { MutableInteractionSource() }
    Choosing(
        title, detail, enabled,
        modifier.focusFrame(interaction)
            .toggleable(ticked, interaction, LocalIndication.current, enabled, Role.Checkbox, onTick),
    ) { Mark(ticked, MaterialTheme.shapes.extraSmall, enabled) }
}

/** One of several, of which one is taken. */
@Composable
fun ChoiceRow(
    title: String,
    chosen: Boolean,
    onChoose: () -> Unit,
    modifier: Modifier = Modifier,
    detail: String? = null,
    enabled: Boolean = true,
    count: String? = null,
) {
    val interaction = remember { MutableInteractionSource() }
    Choosing(
        title, detail, enabled,
        modifier.focusFrame(interaction)
            .selectable(chosen, interaction, LocalIndication.current, enabled, Role.RadioButton, onChoose),
        count,
    ) { Mark(chosen, androidx.compose.foundation.shape.CircleShape, enabled) }
}

@Composable
private fun Choosing(
    title: String,
    detail: String?,
    enabled: Boolean,
    modifier: Modifier,
    count: String? = null,
    mark: @Composable () -> Unit,
) {
    val tone = LocalTone.current
    Row(
        modifier.fillMaxWidth().defaultMinSize(minHeight = Space.target).padding(horizontal = Space.small, vertical = Space.small),
        Arrangement.spacedBy(12.dp),
        Alignment.CenterVertically,
    ) {
        mark()
        Column(Modifier.weight(1f)) {
            Text(title, style = MaterialTheme.typography.bodyLarge, color = if (enabled) tone.text else tone.quiet)
            if (detail != null) Text(detail, style = MaterialTheme.typography.bodySmall, color = tone.quiet)
        }
        if (count != null) Text(count, style = MaterialTheme.typography.bodyMedium, color = tone.quiet)
    }
}

@Composable
private fun Mark(on: Boolean, shape: androidx.compose.ui.graphics.Shape, enabled: Boolean) {
    val tone = LocalTone.current
    val primary = LocalPalette.current.primary
    val framed = Modifier.size(26.dp).clip(shape)
    Box(
        if (on && enabled) framed.background(primary.ground) else framed.border(2.dp, tone.edge, shape),
        Alignment.Center,
    ) {
        if (on) Icon(Icons.Check, null, Modifier.size(20.dp), tint = if (enabled) primary.text else tone.quiet)
    }
}

/** A word in a frame: a label of a thing, such as its state. With [onClick], a filter that is on or off. [language] is that of the text where it isn't the one that is shown. */
@Composable
fun Chip(
    text: String,
    modifier: Modifier = Modifier,
    icon: ImageVector? = null,
    tone: Tone = LocalPalette.current.soft,
    selected: Boolean? = null,
    language: Language? = null,
    onClick: (() -> Unit)? = null,
) {
    val interaction = remember { MutableInteractionSource() }
    val shape = MaterialTheme.shapes.small
    val shown = if (onClick != null && selected == false) LocalPalette.current.card else tone
    val acting = if (onClick == null) {
        Modifier
    } else {
        Modifier.defaultMinSize(minHeight = Space.target, minWidth = Space.target).focusFrame(interaction)
            .selectable(selected == true, interaction, LocalIndication.current, true, Role.Checkbox, onClick)
    }
    On(shown) {
        Row(
            modifier.clip(shape).background(shown.ground).border(1.dp, if (onClick == null) shown.ground else shown.edge, shape)
                .then(acting).padding(horizontal = 10.dp, vertical = Space.hair),
            Arrangement.spacedBy(6.dp),
            Alignment.CenterVertically,
        ) {
            val shownIcon = if (selected == true) Icons.Check else icon
            if (shownIcon != null) Icon(shownIcon, null, Modifier.size(18.dp), tint = shown.act)
            Text(text, style = MaterialTheme.typography.labelMedium, fontFamily = language?.let(LocalFonts.current::of))
        }
    }
}
