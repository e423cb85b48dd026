package org.kist.wallet.trash

import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.DangerButton
import org.kist.wallet.design.Empty
import org.kist.wallet.design.Icons
import org.kist.wallet.design.Line
import org.kist.wallet.design.ListScreen
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Question
import org.kist.wallet.language.LocalWords
import org.kist.wallet.search.Found
import org.kist.wallet.search.RecordRow
import org.kist.wallet.state.valueOrNull

/** What was put away and can be brought back. */
object TrashDestination : Destination("trash") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> TrashModel(stay.person, scope) }
        LaunchedEffect(model) { model.look() }
        val state by model.state.collectAsState()
        TrashScreen(
            state,
            TrashActs(stay.wayBack, { stay.wayTo("record", it)?.invoke() }, model::ask, model::empty),
        )
    }
}

/** What can be done with the trash. */
class TrashActs(
    val onBack: (() -> Unit)? = null,
    val onRecord: (String) -> Unit = {},
    val onAsk: (Boolean) -> Unit = {},
    val onEmpty: () -> Unit = {},
)

@Composable
fun TrashScreen(state: TrashState, acts: TrashActs) {
    val words = LocalWords.current
    val records = state.records.valueOrNull.orEmpty()
    ListScreen(
        words("trash.title"),
        acts.onBack,
        acts = if (records.isEmpty()) null else ({ DangerButton(words("trash.empty"), { acts.onAsk(true) }, Modifier.fillMaxWidth(), Icons.Trash) }),
    ) {
        Column(Modifier.fillMaxSize()) {
            state.problem?.let { ProblemBanner(it) }
            state.emptied?.let { Banner(BannerKind.SUCCESS, words("trash.emptied", "count" to it)) }
            Loaded(state.records) { shown ->
                if (shown.isEmpty()) {
                    Empty(Icons.Trash, words("trash.none.title"), words("trash.none.text"))
                } else {
                    Text(words("trash.text"), style = MaterialTheme.typography.bodyLarge)
                    LazyColumn(Modifier.fillMaxSize()) {
                        items(shown.size, { shown[it].id }) { place ->
                            RecordRow(Found(shown[place]), { acts.onRecord(shown[place].id) })
                            Line()
                        }
                    }
                }
            }
        }
    }
    if (state.asking) {
        Question(
            words("trash.ask.title"),
            words("trash.ask.text", "count" to records.size),
            words("trash.ask.yes"),
            acts.onEmpty,
            { acts.onAsk(false) },
            danger = true,
        )
    }
}
