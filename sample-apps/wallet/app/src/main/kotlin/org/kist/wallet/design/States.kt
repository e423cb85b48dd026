package org.kist.wallet.design

import androidx.compose.foundation.background
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxHeight
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.height
import androidx.compose.foundation.layout.offset
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.shape.CircleShape
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.clip
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.ProgressBarRangeInfo
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.progressBarRangeInfo
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.unit.dp
import org.kist.wallet.language.LocalWords
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Progress

/** Shows what there is of something that takes time: progress with a way to cancel, a problem with a way on, or the thing. */
@Composable
fun <T> Loaded(what: Loadable<T>, modifier: Modifier = Modifier, loading: String? = null, content: @Composable (T) -> Unit) {
    when (what) {
        is Loadable.Loading -> Working(loading ?: LocalWords.current("state.loading"), modifier, what.progress, what.cancel)
        is Loadable.Failed -> ProblemBanner(what.problem, modifier, what.retry)
        is Loadable.Ready -> content(what.value)
    }
}

/**
 * Something is being done: what, how far, and a way to cancel where there is one. The bar stands still where nobody knows how
 * far it is: it is said in words, and nothing has to move for it.
 */
@Composable
fun Working(text: String, modifier: Modifier = Modifier, progress: Progress? = null, onCancel: (() -> Unit)? = null) {
    val words = LocalWords.current
    val fraction = progress?.fraction
    Column(
        modifier.fillMaxWidth().padding(vertical = Space.medium).semantics { liveRegion = LiveRegionMode.Polite },
        Arrangement.spacedBy(Space.small),
    ) {
        Text(text, style = MaterialTheme.typography.bodyLarge)
        if (fraction != null) {
            Bar(fraction)
            Text(words("state.progress", "percent" to (fraction * 100).toInt()), style = MaterialTheme.typography.bodySmall)
        }
        if (onCancel != null) PlainButton(words("act.cancel"), onCancel, Modifier.offset(x = -PLAIN_INSET))
    }
}

@Composable
private fun Bar(fraction: Float) {
    val palette = LocalPalette.current
    Box(
        Modifier.fillMaxWidth().height(8.dp).clip(CircleShape).background(palette.soft.ground)
            .semantics { progressBarRangeInfo = ProgressBarRangeInfo(fraction, 0f..1f) },
    ) { Box(Modifier.fillMaxWidth(fraction).fillMaxHeight().background(LocalTone.current.act)) }
}

/** There is nothing here yet: why, and what to do. */
@Composable
fun Empty(icon: ImageVector, title: String, text: String, modifier: Modifier = Modifier, act: (@Composable () -> Unit)? = null) {
    val tone = LocalTone.current
    Column(
        modifier.fillMaxWidth().padding(vertical = Space.huge),
        Arrangement.spacedBy(Space.small),
        Alignment.CenterHorizontally,
    ) {
        val soft = LocalPalette.current.soft
        Box(Modifier.size(72.dp).clip(CircleShape).background(soft.ground), Alignment.Center) {
            Icon(icon, null, Modifier.size(36.dp), tint = soft.act)
        }
        Text(
            title,
            Modifier.padding(top = Space.small).semantics { heading() },
            style = MaterialTheme.typography.titleLarge,
            textAlign = TextAlign.Center,
        )
        Text(text, style = MaterialTheme.typography.bodyLarge, color = tone.quiet, textAlign = TextAlign.Center)
        if (act != null) Box(Modifier.padding(top = Space.small)) { act() }
    }
}
