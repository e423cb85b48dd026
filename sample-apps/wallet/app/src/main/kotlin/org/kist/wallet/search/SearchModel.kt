package org.kist.wallet.search

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.kist.Facets
import org.kist.Person
import org.kist.RecordFilter
import org.kist.RecordSummary
import org.kist.SearchHit
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Outcome
import org.kist.wallet.state.Problem
import org.kist.wallet.state.attempt
import org.kist.wallet.state.valueOrNull

/** A piece of what was found, and whether it is what was searched for. */
data class SnippetPiece(val text: String, val matched: Boolean)

/** A record that was found, with the words around what was searched for; without them it is only listed. */
data class Found(val record: RecordSummary, val snippet: List<SnippetPiece> = emptyList())

/** What was found. */
data class Results(
    val found: List<Found>,
    /** What was searched for; empty where everything is listed. */
    val text: String,
    /** There may be more than these: the person is asked to type more. */
    val more: Boolean = false,
    /** The page that comes after these; null where they are all. */
    val next: String? = null,
    /** How many there are, where that is known. */
    val total: Long? = null,
)

/** What the search shows. */
data class SearchState(
    val text: String = "",
    val filter: RecordFilter = RecordFilter(),
    val results: Loadable<Results> = Loadable.Loading(),
    /** What can be chosen; null while nobody asked. */
    val offer: Facets? = null,
    val choosing: Boolean = false,
) {
    /** How many filters let fewer records through. */
    val filters: Int
        get() = listOf(filter.area, filter.tag, filter.source, filter.schemas.firstOrNull()).count { it != null } +
            if (filter.favourites) 1 else 0
}

/**
 * Finds records as the person types. Each key ends the search that was under way: what is shown is of the newest text.
 * Without a text all records are listed, the last written first.
 */
class SearchModel(private val person: Person, area: String?, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(SearchState(filter = RecordFilter(area = area)))
    val state: StateFlow<SearchState> = states.asStateFlow()
    private var search: Job? = null
    private var paging: Job? = null

    /** The last list, which is there at once when the text is taken away. */
    private var listed: Pair<RecordFilter, Results>? = null

    fun type(text: String) {
        val known = listed?.takeIf { text.isBlank() && it.first == states.value.filter }
        states.update { it.copy(text = text, results = known?.let { all -> Loadable.Ready(all.second) } ?: it.results) }
        look()
    }

    fun filter(by: (RecordFilter) -> RecordFilter) {
        states.update { it.copy(filter = by(it.filter)) }
        look()
    }

    /** Searches anew; called whenever the search is shown. What was found stays in sight until there is something newer. */
    fun look() {
        val before = search
        paging?.cancel()
        search = scope.launch {
            before?.cancelAndJoin()
            val asked = states.value
            when (val outcome = attempt { results(asked.text.trim(), asked.filter) }) {
                is Outcome.Done -> states.update { it.copy(results = Loadable.Ready(outcome.value)) }
                is Outcome.Failed -> failed(outcome.problem)
            }
        }
    }

    /** Reads the next page of a long list: the person is near its end. */
    fun next() {
        val shown = states.value.results.valueOrNull ?: return
        val page = shown.next ?: return
        if (paging?.isActive == true || search?.isActive == true) return
        val filter = states.value.filter
        paging = scope.launch {
            // A page that can't be read is asked for again when the person scrolls on.
            val read = (attempt { person.records.page(filter, page, PAGE) } as? Outcome.Done)?.value ?: return@launch
            val longer = shown.copy(found = shown.found + read.records.map(::Found), next = read.next)
            listed = filter to longer
            states.update { if (it.results.valueOrNull === shown) it.copy(results = Loadable.Ready(longer)) else it }
        }
    }

    /** Shows what can be chosen to let fewer through. */
    fun choose(choosing: Boolean) {
        states.update { it.copy(choosing = choosing) }
        if (!choosing) return
        scope.launch {
            val offer = (attempt { person.records.facets() } as? Outcome.Done)?.value ?: return@launch
            states.update { it.copy(offer = offer) }
        }
    }

    private fun failed(problem: Problem) =
        states.update { it.copy(results = Loadable.Failed(problem, ::look)) }

    private suspend fun results(text: String, filter: RecordFilter): Results {
        if (text.isEmpty()) return firstPage(filter).also { listed = filter to it }
        val hits = person.records.search(text, filter, LIMIT)
        return Results(hits.map(::found), text, more = hits.size == LIMIT)
    }

    private suspend fun firstPage(filter: RecordFilter): Results {
        val page = person.records.page(filter, limit = PAGE)
        val total = if (page.next == null) page.records.size.toLong() else total(filter)
        return Results(page.records.map(::Found), "", next = page.next, total = total)
    }

    /** How many there are in a part of life, or in all; null where another filter would have to be counted one by one. */
    private suspend fun total(filter: RecordFilter): Long? {
        if (filter != RecordFilter(area = filter.area)) return null
        return person.records.facets().areas.filter { filter.area == null || it.value == filter.area }.sumOf { it.records.toLong() }
    }

    private fun found(hit: SearchHit) = Found(hit.record, hit.snippet.map { SnippetPiece(it.text, it.matched) })

    private companion object {
        /** As many as a person looks through before they rather type another letter. */
        const val LIMIT = 50

        /** Records of a long list that are read at once. */
        const val PAGE = 200
    }
}
