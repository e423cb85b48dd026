package org.kist.wallet.search

import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import org.kist.Facet
import org.kist.Facets
import org.kist.SourceFilter
import org.kist.wallet.design.ChoiceRow
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.Sheet
import org.kist.wallet.design.TickRow
import org.kist.wallet.design.Working
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words

/** Lets fewer records through: by part of life, kind, label and source, as far as there are some. */
@Composable
internal fun FilterSheet(state: SearchState, acts: SearchActs) {
    val words = LocalWords.current
    val filter = state.filter
    val offer = state.offer
    val close = { acts.onChoose(false) }
    Sheet(words("search.filter"), close, foot = { PrimaryButton(words("search.filter.done"), close, Modifier.fillMaxWidth()) }) {
        TickRow(words("search.favourites.only"), filter.favourites, { on -> acts.onFilter { it.copy(favourites = on) } })
        if (offer == null) return@Sheet Working(words("state.loading"))
        if (acts.area == null) {
            Choices(words("search.area"), words.choices(offer.areas, words::area), filter.area) { area ->
                acts.onFilter { it.copy(area = area) }
            }
        }
        Choices(words("search.kind"), words.choices(offer.schemas, words::kind), filter.schemas.firstOrNull()) { kind ->
            acts.onFilter { it.copy(schemas = listOfNotNull(kind)) }
        }
        Choices(words("search.label"), words.choices(offer.tags) { it }, filter.tag) { tag -> acts.onFilter { it.copy(tag = tag) } }
        Choices(words("search.source"), words.sources(offer), filter.source) { source -> acts.onFilter { it.copy(source = source) } }
    }
}

/** What can be chosen, with how many records there are of it. */
private class Choice<T>(val one: T, val name: String, val records: ULong)

private fun Words.choices(facets: List<Facet>, name: (String) -> String): List<Choice<String>> =
    facets.map { Choice(it.value, name(it.value), it.records) }.sortedBy { it.name }

/** Where records came from: the person, files, all organisations, and each of them. */
private fun Words.sources(offer: Facets): List<Choice<SourceFilter>> = listOf(
    SourceFilter.SelfAsserted to offer.selfAsserted,
    SourceFilter.Imported to offer.imported,
    SourceFilter.Delivered to offer.organisations.sumOf { it.records },
).plus(offer.organisations.map { SourceFilter.DeliveredBy(it.id) to it.records })
    .filter { (_, records) -> records > 0u }
    .map { (source, records) -> Choice(source, sourceName(source, offer), records) }

/** One of several, or any. */
@Composable
private fun <T : Any> Choices(title: String, all: List<Choice<T>>, chosen: T?, onChoose: (T?) -> Unit) {
    if (all.isEmpty()) return
    val words = LocalWords.current
    SectionHeading(title)
    Column {
        ChoiceRow(words("search.any"), chosen == null, { onChoose(null) })
        all.forEach { choice ->
            val count = words("search.all", "count" to choice.records.toLong())
            ChoiceRow(choice.name, chosen == choice.one, { onChoose(choice.one) }, count = count)
        }
    }
}
