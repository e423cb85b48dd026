package org.kist.wallet.search

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.rememberLazyListState
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.derivedStateOf
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import org.kist.Facets
import org.kist.RecordFilter
import org.kist.SourceFilter
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.app.Tab
import org.kist.wallet.design.Chip
import org.kist.wallet.design.Empty
import org.kist.wallet.design.Field
import org.kist.wallet.design.IconAct
import org.kist.wallet.design.Icons
import org.kist.wallet.design.Line
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.ListScreen
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.LocalTone
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.Sheet
import org.kist.wallet.design.Space
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words

/** Search, and a part of life: its name is the id of the route then. */
object SearchDestination : Destination("search", tab = Tab(1, Icons.Search, "search.tab")) {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> SearchModel(stay.person, stay.route.ids.firstOrNull(), scope) }
        LaunchedEffect(model) { model.look() }
        val state by model.state.collectAsState()
        SearchScreen(
            state,
            SearchActs(
                area = stay.route.ids.firstOrNull(),
                onBack = stay.wayBack,
                onType = model::type,
                onFilter = model::filter,
                onChoose = model::choose,
                onNext = model::next,
                onRecord = { stay.wayTo("record", it)?.invoke() },
                onAdd = stay.wayTo("edit"),
                onImport = stay.wayTo("import"),
                onConflicts = stay.wayTo("conflicts"),
                onTrash = stay.wayTo("trash"),
            ),
        )
    }
}

/** What the search can do; null where a build hasn't the room. */
class SearchActs(
    /** The part of life that is looked at; null for all of them. */
    val area: String? = null,
    val onBack: (() -> Unit)? = null,
    val onType: (String) -> Unit = {},
    val onFilter: ((RecordFilter) -> RecordFilter) -> Unit = {},
    val onChoose: (Boolean) -> Unit = {},
    val onNext: () -> Unit = {},
    val onRecord: (String) -> Unit = {},
    val onAdd: (() -> Unit)? = null,
    val onImport: (() -> Unit)? = null,
    val onConflicts: (() -> Unit)? = null,
    val onTrash: (() -> Unit)? = null,
)

@Composable
fun SearchScreen(state: SearchState, acts: SearchActs) {
    val words = LocalWords.current
    var more by remember { mutableStateOf(false) }
    ListScreen(
        acts.area?.let(words::area) ?: words("search.title"),
        acts.onBack.takeIf { acts.area != null },
        tools = {
            acts.onAdd?.let { IconAct(Icons.Plus, words("search.add"), it) }
            IconAct(Icons.More, words("search.more"), { more = true })
        },
    ) {
        Column(Modifier.fillMaxSize()) {
            Field(words("search.field"), state.text, acts.onType)
            Filters(state, acts)
            Loaded(state.results, loading = words("search.loading")) { Results(it, state, acts) }
        }
    }
    if (more) Rooms(acts) { more = false }
    if (state.choosing) FilterSheet(state, acts)
}

/** Where else one can go from here. */
@Composable
private fun Rooms(acts: SearchActs, onClose: () -> Unit) {
    val words = LocalWords.current
    fun go(way: () -> Unit): () -> Unit = {
        onClose()
        way()
    }
    Sheet(words("search.more"), onClose) {
        Column(verticalArrangement = Arrangement.spacedBy(Space.hair)) {
            acts.onImport?.let { ListRow(words("search.import"), icon = Icons.Save, onClick = go(it)) }
            acts.onConflicts?.let { ListRow(words("search.conflicts"), icon = Icons.Copy, onClick = go(it)) }
            acts.onTrash?.let { ListRow(words("search.trash"), icon = Icons.Trash, onClick = go(it)) }
        }
    }
}

/** What lets fewer records through: each can be taken away again. */
@Composable
private fun Filters(state: SearchState, acts: SearchActs) {
    val words = LocalWords.current
    val filter = state.filter
    FlowRow(
        Modifier.fillMaxWidth().padding(vertical = Space.small),
        Arrangement.spacedBy(Space.small),
        Arrangement.spacedBy(Space.small),
    ) {
        Chip(words("search.filter"), icon = Icons.Settings, selected = false, onClick = { acts.onChoose(true) })
        if (filter.favourites) On(words("search.favourites"), acts) { it.copy(favourites = false) }
        filter.area?.takeIf { it != acts.area }?.let { area -> On(words.area(area), acts) { it.copy(area = acts.area) } }
        filter.schemas.forEach { kind -> On(words.kind(kind), acts) { it.copy(schemas = it.schemas - kind) } }
        filter.tag?.let { tag -> On(words("search.tag", "tag" to tag), acts) { it.copy(tag = null) } }
        filter.source?.let { source -> On(words.sourceName(source, state.offer), acts) { it.copy(source = null) } }
    }
}

@Composable
private fun On(name: String, acts: SearchActs, without: (RecordFilter) -> RecordFilter) =
    Chip(name, selected = true, onClick = { acts.onFilter(without) })

/** A source by which records can be filtered, as a word. */
internal fun Words.sourceName(source: SourceFilter, offer: Facets?): String = when (source) {
    SourceFilter.SelfAsserted -> this("search.source.self")
    SourceFilter.Imported -> this("search.source.imported")
    SourceFilter.Delivered -> this("search.source.delivered")
    is SourceFilter.DeliveredBy ->
        offer?.organisations?.firstOrNull { it.id == source.organisationId }?.name ?: source.organisationId
}

@Composable
private fun Results(results: Results, state: SearchState, acts: SearchActs) {
    val words = LocalWords.current
    if (results.found.isEmpty()) return Nothing(results, state, acts)
    val list = rememberLazyListState()
    LaunchedEffect(results.text, state.filter) { list.scrollToItem(0) }
    val nearEnd by remember(results) {
        derivedStateOf { list.layoutInfo.visibleItemsInfo.lastOrNull().let { it != null && it.index > results.found.size - BEFORE_END } }
    }
    LaunchedEffect(nearEnd, results) { if (nearEnd) acts.onNext() }
    Text(
        count(results, words),
        Modifier.padding(vertical = Space.hair).semantics { liveRegion = LiveRegionMode.Polite },
        style = MaterialTheme.typography.bodySmall,
        color = LocalTone.current.quiet,
    )
    LazyColumn(Modifier.fillMaxSize(), list) {
        items(results.found.size, { results.found[it].record.id }, { "record" }) { place ->
            val found = results.found[place]
            RecordRow(found, { acts.onRecord(found.record.id) })
            Line(Modifier.padding(bottom = 1.dp))
        }
    }
}

private fun count(results: Results, words: Words): String = when {
    results.text.isEmpty() -> results.total?.let { words("search.all", "count" to it) } ?: words("search.all.newest")
    results.more -> words("search.first", "count" to results.found.size)
    else -> words("search.found", "count" to results.found.size)
}

@Composable
private fun Nothing(results: Results, state: SearchState, acts: SearchActs) {
    val words = LocalWords.current
    val filtered = state.filters > if (acts.area == null) 0 else 1
    Column(Modifier.fillMaxSize().verticalScroll(rememberScrollState())) {
        when {
            results.text.isNotEmpty() || filtered -> Empty(Icons.Search, words("search.none.title"), words("search.none.text"))
            else -> Empty(Icons.Chest, words("search.empty.title"), words("search.empty.text")) {
                acts.onAdd?.let { PrimaryButton(words("search.add"), it, icon = Icons.Plus) }
            }
        }
    }
}

/** So many records before the end of what was read, the next page is asked for. */
private const val BEFORE_END = 100
