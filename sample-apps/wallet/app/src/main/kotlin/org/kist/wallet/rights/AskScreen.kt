package org.kist.wallet.rights

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.selection.selectableGroup
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.semantics
import org.kist.ConsentSummary
import org.kist.DataRight
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.consents.things
import org.kist.wallet.design.Card
import org.kist.wallet.design.ChoiceRow
import org.kist.wallet.design.Field
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.TickRow
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.language.fieldName
import org.kist.wallet.language.thing
import org.kist.wallet.state.valueOrNull

/** A new request of a right, about a consent. */
object AskRightDestination : Destination("ask-right") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> AskModel(stay.person, stay.route.id, scope) }
        val state by model.state.collectAsState()
        val made = state.made
        LaunchedEffect(made) { if (made != null) stay.navigator.replace(RightsDestination.route(made)) }
        AskScreen(
            state,
            AskActs(
                onBack = stay.wayBack,
                onRight = model::choose,
                onEverything = model::askForEverything,
                onTick = model::tick,
                onCorrect = model::correct,
                onReason = model::typeReason,
                onAsk = model::ask,
            ),
        )
    }
}

/** What can be said in a new request. */
class AskActs(
    val onBack: (() -> Unit)? = {},
    val onRight: (DataRight) -> Unit = {},
    val onEverything: (Boolean) -> Unit = {},
    val onTick: (String, Boolean) -> Unit = { _, _ -> },
    val onCorrect: (String, String?) -> Unit = { _, _ -> },
    val onReason: (String) -> Unit = {},
    val onAsk: () -> Unit = {},
)

@Composable
fun AskScreen(state: AskState, acts: AskActs) {
    val words = LocalWords.current
    val consent = state.consent.valueOrNull
    Screen(
        words("rights.ask"),
        onBack = acts.onBack,
        acts = if (consent == null) null else ({
            PrimaryButton(words("rights.send"), acts.onAsk, Modifier.fillMaxWidth(), enabled = !state.doing.busy)
        }),
    ) {
        state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
        Loaded(state.consent) { found ->
            Text(words("rights.ask.text", "organisation" to found.organisation))
            SectionHeading(words("rights.ask.which"))
            Card(Modifier.selectableGroup()) {
                DataRight.entries.forEach { right ->
                    ChoiceRow(
                        words("rights.right.$right"),
                        right == state.right,
                        { acts.onRight(right) },
                        detail = words("rights.means.$right"),
                    )
                }
            }
            when (state.right) {
                null -> {}
                DataRight.RECTIFICATION -> Corrections(state, found, words, acts)
                else -> Scope(state, found, words, acts)
            }
            Field(words("rights.reason"), state.reason, acts.onReason, hint = words("rights.reason.hint"), lines = 3)
        }
    }
}

/** What it is about: everything, this consent, or a part of it. */
@Composable
private fun Scope(state: AskState, consent: ConsentSummary, words: Words, acts: AskActs) {
    SectionHeading(words("rights.scope"))
    Card(Modifier.selectableGroup()) {
        ChoiceRow(words("rights.scope.consent"), !state.everything, { acts.onEverything(false) }, detail = consent.things(words))
        ChoiceRow(words("rights.scope.everything"), state.everything, { acts.onEverything(true) })
    }
    if (!state.everything && consent.given.size > 1) {
        SectionHeading(words("rights.fields"))
        Text(words("rights.fields.text"))
        Card {
            consent.given.forEach { given ->
                TickRow(
                    words.fieldName(given.field),
                    given.field in state.fields,
                    { acts.onTick(given.field, it) },
                    detail = words.thing(given.schema).takeUnless { it == words.fieldName(given.field) },
                )
            }
        }
    }
}

/** For each field, the record of the person's that is right. */
@Composable
private fun Corrections(state: AskState, consent: ConsentSummary, words: Words, acts: AskActs) {
    SectionHeading(words("rights.corrections"))
    Text(words("rights.corrections.text"))
    consent.given.forEach { given ->
        val records = state.recordsFor(given.field)
        Card(Modifier.selectableGroup()) {
            Text(words.fieldName(given.field), Modifier.semantics { heading() }, style = MaterialTheme.typography.titleSmall)
            ChoiceRow(words("rights.corrections.none"), given.field !in state.corrections, { acts.onCorrect(given.field, null) })
            records.forEach { record ->
                ChoiceRow(
                    record.title.ifEmpty { words.thing(record.schema) },
                    state.corrections[given.field] == record.id,
                    { acts.onCorrect(given.field, record.id) },
                )
            }
        }
    }
}
