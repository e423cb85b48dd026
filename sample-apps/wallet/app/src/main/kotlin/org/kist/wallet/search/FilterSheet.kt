package org.kist.wallet.search

import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import org.kist.SourceFilter
import org.kist.wallet.design.ChoiceRow
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.Sheet
import org.kist.wallet.design.TickRow
import org.kist.wallet.design.Working
import org.kist.wallet.language.LocalWords

/** Lets fewer records through: by part of life, kind, label and source, as far as there are some. */
@Composable
internal fun FilterSheet(state: SearchState, acts: SearchActs) {
    val words = LocalWords.current
    val filter = state.filter
    val offer = state.offer
    val close = { acts.onChoose(false) }
    Sheet(words("search.filter"), close) {
        TickRow(words("search.favourites.only"), filter.favourites, { on -> acts.onFilter { it.copy(favourites = on) } })
        if (offer == null) return@Sheet Working(words("state.loading"))
        if (acts.area == null) {
            Choices(words("search.area"), offer.areas.sortedBy(words::area), filter.area, words::area) { area ->
                acts.onFilter { it.copy(area = area) }
            }
        }
        Choices(words("search.kind"), offer.kinds.sortedBy(words::kind), filter.schemas.firstOrNull(), words::kind) { kind ->
            acts.onFilter { it.copy(schemas = listOfNotNull(kind)) }
        }
        if (offer.tags.isNotEmpty()) {
            Choices(words("search.label"), offer.tags, filter.tag, { it }) { tag -> acts.onFilter { it.copy(tag = tag) } }
        }
        val sources = listOf(SourceFilter.SelfAsserted, SourceFilter.Imported, SourceFilter.Delivered) +
            offer.organisations.map { SourceFilter.DeliveredBy(it.first) }
        Choices(words("search.source"), sources, filter.source, { words.sourceName(it, offer) }) { source ->
            acts.onFilter { it.copy(source = source) }
        }
        PrimaryButton(words("search.filter.done"), close, Modifier.fillMaxWidth())
    }
}

/** One of several, or any. */
@Composable
private fun <T : Any> Choices(title: String, all: List<T>, chosen: T?, name: (T) -> String, onChoose: (T?) -> Unit) {
    if (all.isEmpty()) return
    SectionHeading(title)
    Column {
        ChoiceRow(LocalWords.current("search.any"), chosen == null, { onChoose(null) })
        all.forEach { one -> ChoiceRow(name(one), chosen == one, { onChoose(one) }) }
    }
}
