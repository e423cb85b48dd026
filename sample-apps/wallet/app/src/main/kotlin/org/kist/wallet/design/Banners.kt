package org.kist.wallet.design

import androidx.compose.foundation.background
import androidx.compose.foundation.border
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.offset
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.material3.Icon
import androidx.compose.material3.LocalContentColor
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.clip
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import org.kist.wallet.language.LocalWords
import org.kist.wallet.state.Problem
import org.kist.wallet.state.sentence
import org.kist.wallet.state.wayForward

/** Draws what lies within in the colours of a tone. */
@Composable
fun On(tone: Tone, content: @Composable () -> Unit) =
    CompositionLocalProvider(LocalTone provides tone, LocalContentColor provides tone.text, content = content)

/** What a banner is about: colour, icon and a word, so that none of them means anything alone. */
enum class BannerKind(internal val icon: ImageVector, internal val word: String) {
    INFO(Icons.Info, "banner.info"),
    SUCCESS(Icons.Success, "banner.success"),
    WARNING(Icons.Warning, "banner.warning"),
    ERROR(Icons.Error, "banner.error"),
    OFFLINE(Icons.Offline, "banner.offline"),
}

/** Something to notice, with what can be done about it in [acts]. A screen reader says it when it appears. */
@Composable
fun Banner(
    kind: BannerKind,
    title: String,
    modifier: Modifier = Modifier,
    text: String? = null,
    acts: (@Composable () -> Unit)? = null,
) {
    val palette = LocalPalette.current
    val tone = when (kind) {
        BannerKind.INFO, BannerKind.OFFLINE -> palette.info
        BannerKind.SUCCESS -> palette.success
        BannerKind.WARNING -> palette.warning
        BannerKind.ERROR -> palette.error
    }
    val word = LocalWords.current(kind.word)
    On(tone) {
        Row(
            modifier.fillMaxWidth().clip(MaterialTheme.shapes.medium).background(tone.ground)
                .border(1.dp, tone.edge, MaterialTheme.shapes.medium)
                .padding(Space.medium)
                .semantics { liveRegion = LiveRegionMode.Polite },
            Arrangement.spacedBy(12.dp),
        ) {
            Icon(kind.icon, null, Modifier.size(24.dp).semantics { contentDescription = word }, tint = tone.act)
            Column(Modifier.weight(1f), Arrangement.spacedBy(Space.hair)) {
                Text(title, style = MaterialTheme.typography.titleSmall)
                if (!text.isNullOrEmpty()) Text(text, style = MaterialTheme.typography.bodyMedium)
                // The words of a plain button begin where those above it do.
                if (acts != null) Box(Modifier.offset(x = -PLAIN_INSET)) { acts() }
            }
        }
    }
}

/** A problem: what happened, what to do, and a button where trying again can help. */
@Composable
fun ProblemBanner(problem: Problem, modifier: Modifier = Modifier, onRetry: (() -> Unit)? = null) {
    val words = LocalWords.current
    Banner(
        if (problem.offline) BannerKind.OFFLINE else BannerKind.ERROR,
        words.sentence(problem),
        modifier,
        words.wayForward(problem),
        acts = onRetry?.takeIf { problem.retry }?.let { retry -> { PlainButton(words("act.again"), retry) } },
    )
}

/** A problem of one field, beneath it. */
@Composable
internal fun InlineProblem(text: String) {
    val palette = LocalPalette.current
    On(palette.error) {
        Row(
            Modifier.fillMaxWidth().clip(MaterialTheme.shapes.small).background(palette.error.ground)
                .padding(horizontal = 12.dp, vertical = Space.small)
                .semantics { liveRegion = LiveRegionMode.Polite },
            Arrangement.spacedBy(Space.small),
        ) {
            Icon(Icons.Error, LocalWords.current("banner.error"), Modifier.size(20.dp), tint = palette.error.act)
            Text(text, style = MaterialTheme.typography.bodySmall)
        }
    }
}

/** A sheet of its own colour for things that belong together. */
@Composable
fun Card(modifier: Modifier = Modifier, tone: Tone = LocalPalette.current.card, content: @Composable ColumnScope.() -> Unit) {
    On(tone) {
        Column(
            modifier.fillMaxWidth().clip(MaterialTheme.shapes.medium).background(tone.ground)
                .border(1.dp, LocalPalette.current.line, MaterialTheme.shapes.medium)
                .padding(Space.medium),
            Arrangement.spacedBy(Space.small),
            content = content,
        )
    }
}
