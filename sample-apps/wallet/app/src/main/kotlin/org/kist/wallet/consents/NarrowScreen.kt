package org.kist.wallet.consents

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import org.kist.required
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.ChoiceRow
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.TickRow
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.fieldName
import org.kist.wallet.language.thing
import org.kist.wallet.state.valueOrNull

/** Sharing less under one consent. */
object NarrowDestination : Destination("narrow") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> NarrowModel(stay.person, stay.route.id, stay.ports.clock, scope) }
        val state by model.state.collectAsState()
        LaunchedEffect(state.done) { if (state.done) stay.back() }
        NarrowScreen(state, stay.wayBack, model::keep, model::endAt, model::narrow)
    }
}

@Composable
fun NarrowScreen(
    state: NarrowState,
    onBack: (() -> Unit)?,
    onKeep: (String, Boolean) -> Unit,
    onEnd: (EarlierEnd) -> Unit,
    onNarrow: () -> Unit,
) {
    val words = LocalWords.current
    Screen(
        words("consents.narrow.title"),
        onBack = onBack,
        acts = if (state.consent.valueOrNull == null) null else ({
            PrimaryButton(words("consents.narrow.do"), onNarrow, Modifier.fillMaxWidth(), enabled = !state.doing.busy)
        }),
    ) {
        state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
        Loaded(state.consent) { consent ->
            Text(words("consents.narrow.text", "organisation" to consent.organisation))
            val (required, optional) = consent.given.partition { it.required }
            if (optional.isNotEmpty()) {
                SectionHeading(words("consents.narrow.fields"))
                Card {
                    optional.forEach { given ->
                        TickRow(
                            words.fieldName(given.field),
                            given.field in state.kept,
                            { onKeep(given.field, it) },
                            detail = words.thing(given.schema).takeUnless { it == words.fieldName(given.field) },
                        )
                    }
                }
            }
            if (required.isNotEmpty()) {
                Banner(
                    BannerKind.INFO,
                    words("consents.narrow.required", "fields" to words.list(required.map { words.fieldName(it.field) })),
                    text = words("consents.narrow.required.text"),
                )
            }
            SectionHeading(words("consents.narrow.end"))
            Card {
                state.ends.forEach { end ->
                    ChoiceRow(
                        if (end == EarlierEnd.AS_IT_IS) consent.end(words) else words("consents.narrow.end.$end"),
                        end == state.end,
                        { onEnd(end) },
                    )
                }
            }
        }
    }
}
