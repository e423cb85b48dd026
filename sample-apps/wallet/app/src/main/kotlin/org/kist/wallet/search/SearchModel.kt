package org.kist.wallet.search

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.kist.Person
import org.kist.RecordFilter
import org.kist.RecordSummary
import org.kist.SearchHit
import org.kist.SourceKind
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Outcome
import org.kist.wallet.state.Problem
import org.kist.wallet.state.attempt

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
)

/** What can be chosen to let fewer records through. */
data class FilterOffer(
    val areas: List<String> = emptyList(),
    val kinds: List<String> = emptyList(),
    val tags: List<String> = emptyList(),
    /** Organisations that sent something, by id, with their names. */
    val organisations: List<Pair<String, String>> = emptyList(),
)

/** What the search shows. */
data class SearchState(
    val text: String = "",
    val filter: RecordFilter = RecordFilter(),
    val results: Loadable<Results> = Loadable.Loading(),
    /** What can be chosen; null while nobody asked. */
    val offer: FilterOffer? = null,
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

    /** The last whole list, which is there at once when the text is taken away. */
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
        search = scope.launch {
            before?.cancelAndJoin()
            val asked = states.value
            when (val outcome = attempt { results(asked.text.trim(), asked.filter) }) {
                is Outcome.Done -> states.update { it.copy(results = Loadable.Ready(outcome.value)) }
                is Outcome.Failed -> failed(outcome.problem)
            }
        }
    }

    /** Shows what can be chosen to let fewer through. */
    fun choose(choosing: Boolean) {
        states.update { it.copy(choosing = choosing) }
        if (!choosing) return
        scope.launch {
            val offer = (attempt { offer() } as? Outcome.Done)?.value ?: return@launch
            states.update { it.copy(offer = offer) }
        }
    }

    private fun failed(problem: Problem) =
        states.update { it.copy(results = Loadable.Failed(problem, ::look)) }

    private suspend fun results(text: String, filter: RecordFilter): Results {
        if (text.isEmpty()) return Results(person.records.list(filter).map(::Found), text).also { listed = filter to it }
        val hits = person.records.search(text, filter, LIMIT)
        return Results(hits.map(::found), text, more = hits.size == LIMIT)
    }

    private fun found(hit: SearchHit) = Found(hit.record, hit.snippet.map { SnippetPiece(it.text, it.matched) })

    private suspend fun offer(): FilterOffer {
        val records = person.records.list()
        return withContext(Dispatchers.Default) {
            val delivered = records.map { it.provenance }.filter { it.source == SourceKind.DELIVERED }
            FilterOffer(
                areas = records.map { it.area }.distinct(),
                kinds = records.map { it.schema }.distinct(),
                tags = records.flatMap { it.tags }.distinct().sorted(),
                organisations = delivered.mapNotNull { from -> from.organisationId?.let { it to from.from.orEmpty() } }.distinct(),
            )
        }
    }

    private companion object {
        /** As many as a person looks through before they rather type another letter. */
        const val LIMIT = 50
    }
}
