package org.kist.wallet.edit

import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.selection.selectableGroup
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import org.kist.wallet.design.Card
import org.kist.wallet.design.ChoiceRow
import org.kist.wallet.design.Field
import org.kist.wallet.design.Icons
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.Sheet
import org.kist.wallet.language.LocalWords

/** What a record is found by besides its content: its part of life, and words of the person's own as they are typed. */
data class Labels(val area: String = "", val tags: String = "") {
    /** The words, each by itself. */
    val words: List<String> get() = tags.split(',').map(String::trim).filter(String::isNotEmpty).distinct()

    companion object {
        /** The labels of a record that is there. */
        fun of(area: String, tags: List<String>) = Labels(area, tags.joinToString(", "))
    }
}

/** The labels of a record; [areas] are the parts of life to choose from. */
@Composable
internal fun LabelsEditor(labels: Labels, areas: List<String>, onLabels: (Labels) -> Unit) {
    val words = LocalWords.current
    var choosing by remember { mutableStateOf(false) }
    Card {
        ListRow(
            words("edit.area"),
            detail = words.area(labels.area),
            icon = Icons.ofArea(labels.area),
            onClick = { choosing = true },
        )
    }
    Field(words("edit.tags"), labels.tags, { onLabels(labels.copy(tags = it)) }, hint = words("edit.tags.hint"))
    if (choosing) {
        Sheet(words("edit.area"), { choosing = false }) {
            Column(Modifier.selectableGroup()) {
                areas.sortedBy(words::area).forEach { area ->
                    ChoiceRow(words.area(area), labels.area == area, {
                        choosing = false
                        onLabels(labels.copy(area = area))
                    })
                }
            }
        }
    }
}
