package org.kist.wallet.search

import androidx.compose.foundation.LocalIndication
import androidx.compose.foundation.clickable
import androidx.compose.foundation.interaction.MutableInteractionSource
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.defaultMinSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.remember
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.text.AnnotatedString
import androidx.compose.ui.text.SpanStyle
import androidx.compose.ui.text.buildAnnotatedString
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.text.style.TextDecoration
import androidx.compose.ui.text.withStyle
import androidx.compose.ui.unit.dp
import org.kist.SourceKind
import org.kist.wallet.design.Icons
import org.kist.wallet.design.LocalTone
import org.kist.wallet.design.Space
import org.kist.wallet.design.focusFrame
import org.kist.wallet.language.LocalWords
import org.kist.wallet.record.dayOfMs
import org.kist.wallet.record.source
import org.kist.wallet.record.title

/** A record in a list: what it is called, what it is, whose word it is, and the words that were searched for. */
@Composable
fun RecordRow(found: Found, onClick: () -> Unit, modifier: Modifier = Modifier) {
    val words = LocalWords.current
    val tone = LocalTone.current
    val interaction = remember { MutableInteractionSource() }
    val record = found.record
    Row(
        modifier.fillMaxWidth().focusFrame(interaction)
            .clickable(interaction, LocalIndication.current, role = Role.Button, onClick = onClick)
            .defaultMinSize(minHeight = 64.dp).padding(horizontal = Space.hair, vertical = 10.dp),
        Arrangement.spacedBy(12.dp),
        Alignment.CenterVertically,
    ) {
        Column(Modifier.weight(1f)) {
            Text(words.title(record), style = MaterialTheme.typography.titleSmall)
            Text(
                words("search.row", "kind" to words.kind(record.schema), "day" to words.dayOfMs(record.changedMs)),
                style = MaterialTheme.typography.bodySmall,
                color = tone.quiet,
            )
            if (record.provenance.source != SourceKind.SELF_ASSERTED) {
                Text(words.source(record.provenance), style = MaterialTheme.typography.bodySmall, color = tone.quiet)
            }
            if (found.snippet.isNotEmpty()) Snippet(found.snippet)
        }
        if (record.favourite) Icon(Icons.Star, words("search.favourite"), Modifier.size(20.dp), tint = tone.act)
        if (record.conflict) Icon(Icons.Warning, words("search.conflict"), Modifier.size(20.dp), tint = tone.act)
        Icon(Icons.Forward, null, Modifier.size(20.dp), tint = tone.edge)
    }
}

@Composable
private fun Snippet(pieces: List<SnippetPiece>) = Text(
    remember(pieces) { marked(pieces) },
    style = MaterialTheme.typography.bodySmall,
    color = LocalTone.current.quiet,
)

/** What was searched for is bold and underlined, so that it is known without colour. */
private fun marked(pieces: List<SnippetPiece>): AnnotatedString = buildAnnotatedString {
    for (piece in pieces) {
        if (!piece.matched) {
            append(piece.text)
        } else {
            withStyle(SpanStyle(fontWeight = FontWeight.Bold, textDecoration = TextDecoration.Underline)) { append(piece.text) }
        }
    }
}
