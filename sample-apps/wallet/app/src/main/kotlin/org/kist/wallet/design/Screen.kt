package org.kist.wallet.design

import androidx.compose.foundation.background
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.RowScope
import androidx.compose.foundation.layout.defaultMinSize
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.widthIn
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.LocalDensity
import androidx.compose.ui.platform.LocalLayoutDirection
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.paneTitle
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.unit.LayoutDirection
import androidx.compose.ui.unit.dp
import org.kist.wallet.language.LocalWords

/**
 * A screen: its title as a heading, a way back where there is one, one column that scrolls, and beneath it the acts, which stay
 * in sight as long as the text leaves room for them.
 */
@Composable
fun Screen(
    title: String,
    onBack: (() -> Unit)? = null,
    tools: @Composable RowScope.() -> Unit = {},
    acts: (@Composable ColumnScope.() -> Unit)? = null,
    content: @Composable ColumnScope.() -> Unit,
) {
    // Enlarged, the acts would leave no room for what they are about: they stand at its end then.
    val pinned = LocalDensity.current.fontScale < LARGE_TEXT
    Frame(title, onBack, tools, acts.takeIf { pinned }) { room ->
        Scrolling(room, content, acts.takeUnless { pinned })
    }
}

/** From which enlargement on texts take the whole screen. */
private const val LARGE_TEXT = 1.4f

@Composable
private fun Scrolling(room: Modifier, content: @Composable ColumnScope.() -> Unit, acts: (@Composable ColumnScope.() -> Unit)?) {
    Column(
        room.fillMaxWidth().verticalScroll(rememberScrollState()).padding(bottom = Space.large),
        horizontalAlignment = Alignment.CenterHorizontally,
    ) {
        Column(Modifier.column(), Arrangement.spacedBy(Space.medium)) {
            content()
            if (acts != null) Column(verticalArrangement = Arrangement.spacedBy(Space.small), content = acts)
        }
    }
}

/** A screen whose content scrolls by itself, as a long list does: it is given the room that is left. */
@Composable
fun ListScreen(
    title: String,
    onBack: (() -> Unit)? = null,
    tools: @Composable RowScope.() -> Unit = {},
    acts: (@Composable ColumnScope.() -> Unit)? = null,
    content: @Composable () -> Unit,
) = Frame(title, onBack, tools, acts) { room ->
    Box(room.fillMaxWidth(), Alignment.TopCenter) { Box(Modifier.column().fillMaxSize()) { content() } }
}

/** As wide as lines of text may grow, with room at the sides. */
private fun Modifier.column() = widthIn(max = Space.column).fillMaxWidth().padding(horizontal = 20.dp)

@Composable
private fun Frame(
    title: String,
    onBack: (() -> Unit)?,
    tools: @Composable RowScope.() -> Unit,
    acts: (@Composable ColumnScope.() -> Unit)?,
    content: @Composable ColumnScope.(Modifier) -> Unit,
) {
    val page = LocalPalette.current.page
    On(page) {
        Column(
            Modifier.fillMaxSize().background(page.ground).semantics { paneTitle = title },
            horizontalAlignment = Alignment.CenterHorizontally,
        ) {
            TopBar(title, onBack, tools)
            content(Modifier.weight(1f))
            if (acts != null) {
                Line()
                Column(
                    Modifier.column().padding(vertical = 12.dp),
                    Arrangement.spacedBy(Space.small),
                    content = acts,
                )
            }
        }
    }
}

/** The title of a screen, with the way back before it and what can be done with the whole of it behind. */
@Composable
private fun TopBar(title: String, onBack: (() -> Unit)?, tools: @Composable RowScope.() -> Unit) {
    Row(
        Modifier.widthIn(max = Space.column).fillMaxWidth().defaultMinSize(minHeight = 64.dp)
            .padding(start = if (onBack == null) 20.dp else Space.hair, end = Space.small, top = Space.small, bottom = Space.small),
        verticalAlignment = Alignment.CenterVertically,
    ) {
        if (onBack != null) IconAct(Icons.Back, LocalWords.current("act.back"), onBack)
        Text(
            title,
            Modifier.weight(1f).padding(horizontal = if (onBack == null) 0.dp else Space.hair).semantics { heading() },
            style = if (onBack == null) MaterialTheme.typography.headlineMedium else MaterialTheme.typography.headlineSmall,
            // A name in another script stands where the screen's own direction begins.
            textAlign = if (LocalLayoutDirection.current == LayoutDirection.Rtl) TextAlign.Right else TextAlign.Left,
        )
        tools()
    }
}
