package org.kist.wallet.design

import androidx.compose.foundation.LocalIndication
import androidx.compose.foundation.background
import androidx.compose.foundation.interaction.MutableInteractionSource
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.BoxWithConstraints
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.defaultMinSize
import androidx.compose.foundation.layout.fillMaxHeight
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.layout.widthIn
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.selection.selectable
import androidx.compose.foundation.selection.selectableGroup
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.remember
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.clip
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.platform.LocalDensity
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.text.rememberTextMeasurer
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.unit.Dp
import androidx.compose.ui.unit.dp

/** A place that can be reached from everywhere. */
data class NavigationItem(val name: String, val icon: ImageVector, val selected: Boolean, val onClick: () -> Unit)

/** The places at the foot of a phone, or at the side of a tablet; none of them where [items] is empty. */
@Composable
fun NavigationFrame(items: List<NavigationItem>, content: @Composable () -> Unit) {
    val page = LocalPalette.current.page
    when {
        items.isEmpty() -> Box(Modifier.fillMaxSize().background(page.ground)) { content() }
        LocalWidth.current == Width.PHONE -> Column(Modifier.fillMaxSize().background(page.ground)) {
            Box(Modifier.weight(1f)) { content() }
            Foot(items)
        }
        else -> Row(Modifier.fillMaxSize().background(page.ground)) {
            Side(items)
            Box(Modifier.weight(1f)) { content() }
        }
    }
}

@Composable
private fun Foot(items: List<NavigationItem>) {
    val bar = LocalPalette.current.bar
    On(bar) {
        Column(Modifier.background(bar.ground)) {
            Line()
            BoxWithConstraints(Modifier.fillMaxWidth().padding(Space.hair).selectableGroup()) {
                val rows = items.chunked(columns(items.map { it.name }, maxWidth))
                Column {
                    rows.forEach { row ->
                        Row { row.forEach { Item(it, Modifier.weight(1f)) } }
                    }
                }
            }
        }
    }
}

/** In how many columns no name has to break: in one row where there is room, else in rows of nearly the same length. */
@Composable
private fun columns(names: List<String>, width: Dp): Int {
    val measurer = rememberTextMeasurer()
    val widest = with(LocalDensity.current) {
        names.maxOf { measurer.measure(it, MaterialTheme.typography.labelMedium).size.width }.toDp() + Space.hair * 2
    }
    val most = (width / widest).toInt().coerceIn(1, names.size)
    val rows = (names.size + most - 1) / most
    return (names.size + rows - 1) / rows
}

@Composable
private fun Side(items: List<NavigationItem>) {
    val bar = LocalPalette.current.bar
    On(bar) {
        Column(
            Modifier.fillMaxHeight().background(bar.ground).widthIn(min = 104.dp, max = 200.dp)
                .verticalScroll(rememberScrollState()).padding(vertical = Space.medium, horizontal = Space.small).selectableGroup(),
            Arrangement.spacedBy(Space.small),
            Alignment.CenterHorizontally,
        ) { items.forEach { Item(it, Modifier) } }
    }
}

@Composable
private fun Item(item: NavigationItem, modifier: Modifier) {
    val palette = LocalPalette.current
    val interaction = remember { MutableInteractionSource() }
    val tone = LocalTone.current
    Column(
        modifier.clip(MaterialTheme.shapes.medium).focusFrame(interaction)
            .selectable(item.selected, interaction, LocalIndication.current, true, Role.Tab, item.onClick)
            .defaultMinSize(minWidth = Space.target, minHeight = 56.dp).padding(Space.hair),
        Arrangement.Center,
        Alignment.CenterHorizontally,
    ) {
        Box(
            Modifier.clip(MaterialTheme.shapes.large)
                .background(if (item.selected) palette.soft.ground else tone.ground)
                .padding(horizontal = Space.medium, vertical = Space.hair),
        ) { Icon(item.icon, null, Modifier.size(24.dp), tint = if (item.selected) palette.soft.act else tone.quiet) }
        Text(
            item.name,
            style = if (item.selected) MaterialTheme.typography.labelMedium else MaterialTheme.typography.labelSmall,
            color = if (item.selected) tone.text else tone.quiet,
            textAlign = TextAlign.Center,
        )
    }
}
