package org.kist.wallet.edit

import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import java.text.Collator
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.withContext
import org.kist.Person
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Empty
import org.kist.wallet.design.Field
import org.kist.wallet.design.IconAct
import org.kist.wallet.design.Icons
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.ListScreen
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.load

/** A kind of record that can be added, and the part of life that it belongs to. */
data class Kind(val uri: String, val area: String)

/** The kinds to choose from, and what was typed to find one. */
data class KindsState(val kinds: Loadable<List<Kind>> = Loadable.Loading(), val text: String = "")

/** Which kind of record is to be added. */
class KindsModel(person: Person, scope: CoroutineScope) {
    private val states = MutableStateFlow(KindsState())
    val state: StateFlow<KindsState> = states.asStateFlow()

    init {
        scope.load({ kinds -> states.update { it.copy(kinds = kinds) } }) { person.kinds() }
    }

    fun type(text: String) = states.update { it.copy(text = text) }
}

/** The kinds that a person can choose from. */
suspend fun Person.kinds(): List<Kind> = withContext(Dispatchers.Default) {
    records.schemas().filterNot { it.uri in MADE_BY_KIST }.map { Kind(it.uri, it.area) }
}

/** Return addresses are made with each relationship; nobody types one. */
private val MADE_BY_KIST = setOf("urn:kist:schema:connection:1")

/** What is to be added: a kind, by its part of life or its name. */
object KindsDestination : Destination("edit") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> KindsModel(stay.person, scope) }
        val state by model.state.collectAsState()
        KindsScreen(state, model::type, { stay.wayTo("add", it)?.invoke() }, stay.wayTo("import"), stay.wayBack)
    }
}

@Composable
fun KindsScreen(
    state: KindsState,
    onType: (String) -> Unit,
    onKind: (String) -> Unit,
    onImport: (() -> Unit)?,
    onBack: (() -> Unit)?,
) {
    val words = LocalWords.current
    ListScreen(
        words("edit.kinds.title"),
        onBack,
        tools = { onImport?.let { IconAct(Icons.Save, words("edit.import"), it) } },
    ) {
        Column(Modifier.fillMaxSize()) {
            Field(words("edit.kinds.field"), state.text, onType)
            Loaded(state.kinds) { kinds -> Kinds(kinds, state.text, onKind) }
        }
    }
}

@Composable
private fun Kinds(kinds: List<Kind>, text: String, onKind: (String) -> Unit) {
    val words = LocalWords.current
    val areas = remember(kinds, text, words) { words.byArea(kinds, text) }
    if (areas.isEmpty()) return Empty(Icons.Search, words("edit.kinds.none"), words("edit.kinds.none.text"))
    LazyColumn(Modifier.fillMaxSize()) {
        areas.forEach { (area, within) ->
            item(area) { SectionHeading(words.area(area)) }
            items(within.size, { within[it].uri }) { place ->
                ListRow(words.kind(within[place].uri), onClick = { onKind(within[place].uri) })
            }
        }
    }
}

/** The kinds by their parts of life within another screen, with a field to find one. */
@Composable
internal fun KindsList(kinds: List<Kind>, onKind: (String) -> Unit) {
    val words = LocalWords.current
    var text by remember { mutableStateOf("") }
    Field(words("edit.kinds.field"), text, { text = it })
    Column {
        words.byArea(kinds, text).forEach { (area, within) ->
            SectionHeading(words.area(area))
            within.forEach { kind -> ListRow(words.kind(kind.uri), onClick = { onKind(kind.uri) }) }
        }
    }
}

/** Parts of life with the kinds whose name, or the part's, has every word that was typed; both as the language orders them. */
private fun Words.byArea(kinds: List<Kind>, text: String): List<Pair<String, List<Kind>>> {
    val typed = text.trim().lowercase(language.locale).split(' ').filter(String::isNotEmpty)
    val order = Collator.getInstance(language.locale)
    return kinds
        .filter { kind -> typed.all { it in "${kind(kind.uri)} ${area(kind.area)}".lowercase(language.locale) } }
        .groupBy { it.area }.toList()
        .sortedWith(compareBy(order) { area(it.first) })
        .map { (area, within) -> area to within.sortedWith(compareBy(order) { kind(it.uri) }) }
}
