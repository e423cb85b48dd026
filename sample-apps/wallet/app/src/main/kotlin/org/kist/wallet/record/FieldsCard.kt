package org.kist.wallet.record

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.text.selection.DisableSelection
import androidx.compose.foundation.text.selection.SelectionContainer
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.semantics
import org.kist.Violation
import org.kist.wallet.design.Card
import org.kist.wallet.design.Chip
import org.kist.wallet.design.Icons
import org.kist.wallet.design.Line
import org.kist.wallet.design.LocalPalette
import org.kist.wallet.design.LocalTone
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.Space
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words

/**
 * The fields of a record, each with where it came from, who vouches for it, and whether it can still be taken to be right. Fields
 * that came from one hand at one time stand together, and it is said once beneath them.
 */
@Composable
internal fun FieldsCards(content: RecordContent, onConfirm: (String?) -> Unit) {
    val words = LocalWords.current
    // One for all of them: each would be a stop of the tabulator.
    SelectionContainer {
        Column(verticalArrangement = Arrangement.spacedBy(Space.medium)) {
            content.fields.groupBy { words.origin(it) }.forEach { (origin, fields) ->
                Card {
                    fields.forEach { field ->
                        FieldPart(field, content.type?.rule(field.member), onConfirm)
                        Line()
                    }
                    Column(Modifier.padding(vertical = Space.hair).semantics(mergeDescendants = true) {}) {
                        Quiet(origin)
                        Quiet(words.vouching(fields.first().provenance))
                    }
                }
            }
        }
    }
}

@Composable
private fun FieldPart(field: ShownField, rule: Rule?, onConfirm: (String?) -> Unit) {
    val words = LocalWords.current
    Column(Modifier.fillMaxWidth().padding(vertical = Space.hair), Arrangement.spacedBy(Space.hair)) {
        Column(Modifier.semantics(mergeDescendants = true) {}) {
            Quiet(words.memberAt(field.member))
            Text(words.value(field.value, rule), style = MaterialTheme.typography.bodyLarge)
        }
        field.expiredOn?.let { Chip(words("record.expired", "day" to words.day(it)), icon = Icons.Warning, tone = LocalPalette.current.warning) }
        field.staleSince?.let { since ->
            Chip(words("record.stale", "day" to words.day(since)), icon = Icons.Clock, tone = LocalPalette.current.warning)
            DisableSelection { PlainButton(words("record.confirm"), { onConfirm(field.member) }, icon = Icons.Check) }
        }
        field.confirmedMs?.takeIf { field.staleSince == null }?.let { Quiet(words("record.confirmed", "day" to words.dayOfMs(it))) }
        field.violations.forEach { Chip(words.violation(it), icon = Icons.Warning, tone = LocalPalette.current.warning) }
    }
}

@Composable
internal fun Quiet(text: String) =
    Text(text, style = MaterialTheme.typography.bodySmall, color = LocalTone.current.quiet)

/** Labels beside one another, on as many lines as they need. */
@Composable
internal fun ChipRow(content: @Composable () -> Unit) = FlowRow(
    Modifier.fillMaxWidth(),
    Arrangement.spacedBy(Space.small),
    Arrangement.spacedBy(Space.small),
) { content() }

/** Who a value came from, and when it came to be there. */
private fun Words.origin(field: ShownField): String =
    this("record.origin", "source" to source(field.provenance), "day" to dayOfMs(field.sinceMs))

/** What is wrong with a value, as a rule of its schema has it. */
internal fun Words.violation(violation: Violation): String =
    this("record.breaks", "rule" to core("words", violation.rule))
