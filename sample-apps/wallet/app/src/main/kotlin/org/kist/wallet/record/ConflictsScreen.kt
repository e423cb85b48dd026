package org.kist.wallet.record

import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import org.kist.Conflict
import org.kist.Person
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Card
import org.kist.wallet.design.Empty
import org.kist.wallet.design.Icons
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.Screen
import org.kist.wallet.language.LocalWords
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.load

/** Everything that can be settled: records that say the same, and such as contradict each other. */
class ConflictsModel(private val person: Person, private val scope: CoroutineScope) {
    private val states = MutableStateFlow<Loadable<List<Conflict>>>(Loadable.Loading())
    val state: StateFlow<Loadable<List<Conflict>>> = states.asStateFlow()

    fun look() {
        scope.load({ if (it !is Loadable.Loading || states.value !is Loadable.Ready) states.value = it }) { person.curation.conflicts() }
    }
}

/** What there is to settle in the whole store. */
object ConflictsDestination : Destination("conflicts") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> ConflictsModel(stay.person, scope) }
        LaunchedEffect(model) { model.look() }
        val state by model.state.collectAsState()
        ConflictsScreen(state, { stay.wayTo("settle", it)?.invoke() }, stay.wayBack)
    }
}

@Composable
fun ConflictsScreen(state: Loadable<List<Conflict>>, onSettle: (String) -> Unit, onBack: (() -> Unit)?) {
    val words = LocalWords.current
    var shown by remember { mutableStateOf(AT_FIRST) }
    Screen(words("record.conflicts.title"), onBack) {
        Loaded(state) { conflicts ->
            if (conflicts.isEmpty()) {
                Empty(Icons.Check, words("record.settle.none"), words("record.settle.none.text"))
            } else {
                Text(words("record.conflicts.text"), style = MaterialTheme.typography.bodyLarge)
                Card {
                    conflicts.take(shown).forEach { conflict ->
                        val side = conflict.sides.first()
                        ListRow(
                            side.title.ifEmpty { words.kind(conflict.schema) },
                            detail = words.conflict(conflict.kind),
                            icon = Icons.Copy,
                            onClick = { onSettle(side.id.record) },
                        )
                    }
                }
                if (conflicts.size > shown) PlainButton(words("record.conflicts.more"), { shown += AT_FIRST })
            }
        }
    }
}

/** How many are shown before the person asks for more. */
private const val AT_FIRST = 50
