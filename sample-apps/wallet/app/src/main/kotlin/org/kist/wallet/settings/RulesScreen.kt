package org.kist.wallet.settings

import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import org.kist.FieldPattern
import org.kist.KeptRule
import org.kist.Rule
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Card
import org.kist.wallet.design.Empty
import org.kist.wallet.design.Icons
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.Sheet
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.language.fieldName
import org.kist.wallet.state.valueOrNull

/** What the person decided beforehand. */
object RulesDestination : Destination("rules") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> RulesModel(stay.person, scope) }
        LaunchedEffect(model) { model.look() }
        val state by model.state.collectAsState()
        RulesScreen(
            state,
            RulesActs(stay.wayBack, model::make, model::alwaysAsk, model::keepBack, model::beQuiet, model::remove),
        )
    }
}

/** What can be done with rules. */
class RulesActs(
    val onBack: (() -> Unit)? = null,
    val onMake: (NewRule?) -> Unit = {},
    val onAlwaysAsk: () -> Unit = {},
    val onKeepBack: (String) -> Unit = {},
    val onQuiet: (from: Int, until: Int) -> Unit = { _, _ -> },
    val onRemove: (String) -> Unit = {},
)

@Composable
fun RulesScreen(state: RulesState, acts: RulesActs) {
    val words = LocalWords.current
    Screen(words("rules.title"), acts.onBack) {
        Text(words("rules.what"), style = MaterialTheme.typography.bodyLarge)
        state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
        Loaded(state.rules) { rules ->
            if (rules.isEmpty()) Empty(Icons.Shield, words("rules.none.title"), words("rules.none.text"))
            rules.forEach { Kept(it, state.names, words, acts) }
        }
        SectionHeading(words("rules.add"))
        Card {
            ListRow(words("rules.add.keep_back"), detail = words("rules.add.keep_back.text"), icon = Icons.Lock) { acts.onMake(NewRule.KEEP_BACK) }
            ListRow(words("rules.add.quiet"), detail = words("rules.add.quiet.text"), icon = Icons.Clock) { acts.onMake(NewRule.QUIET_HOURS) }
            if (state.rules.valueOrNull?.none { it.rule == Rule.AlwaysAsk() } == true) {
                ListRow(words("rules.add.ask"), detail = words("rules.add.ask.text"), icon = Icons.Consents, onClick = acts.onAlwaysAsk)
            }
        }
    }
    when (state.making) {
        NewRule.KEEP_BACK -> KindSheet(state.kinds, words, acts)
        NewRule.QUIET_HOURS -> NightSheet(words, acts)
        null -> {}
    }
}

@Composable
private fun Kept(kept: KeptRule, names: Map<String, String>, words: Words, acts: RulesActs) = Card {
    val said = words.said(kept.rule) { names[it] ?: it }
    Text(said, style = MaterialTheme.typography.bodyLarge)
    // A screen reader has to hear which rule goes.
    val name = words("rules.remove.which", "rule" to said)
    PlainButton(words("rules.remove"), { acts.onRemove(kept.id) }, Modifier.semantics { contentDescription = name })
}

private fun Words.said(rule: Rule?, name: (String) -> String): String = when (rule) {
    null -> this("rules.unknown")
    is Rule.AlwaysAsk -> rule.organisation?.let { this("rules.ask.organisation", "organisation" to name(it)) } ?: this("rules.ask")
    is Rule.Never -> {
        val what = thing(rule.what)
        rule.organisation?.let { this("rules.never.organisation", "what" to what, "organisation" to name(it)) } ?: this("rules.never", "what" to what)
    }
    is Rule.QuietHours -> this("rules.quiet", "from" to time(rule.from), "until" to time(rule.until))
    is Rule.Profile -> this("rules.profile", "name" to rule.name, "fields" to list(rule.fields.map { thing(it) }))
    is Rule.Remember -> this("rules.remember", "organisation" to name(rule.organisation), "day" to day(rule.until))
}

private fun Words.thing(pattern: FieldPattern): String = when {
    pattern.path != null -> fieldName(pattern.path.orEmpty())
    else -> pattern.schema?.let { kind(it) } ?: this("rules.anything")
}

/** A time of day from its minutes, as `22:00`. */
private fun time(minutes: Int): String = "%02d:%02d".format(minutes / 60, minutes % 60)

@Composable
private fun KindSheet(kinds: List<String>, words: Words, acts: RulesActs) = Sheet(words("rules.add.keep_back"), { acts.onMake(null) }) {
    Text(words(if (kinds.isEmpty()) "rules.kinds.none" else "rules.kinds"), style = MaterialTheme.typography.bodyLarge)
    kinds.map { it to words.kind(it) }.sortedBy { it.second }.forEach { (schema, name) -> ListRow(name) { acts.onKeepBack(schema) } }
    PlainButton(words("act.cancel"), { acts.onMake(null) })
}

@Composable
private fun NightSheet(words: Words, acts: RulesActs) = Sheet(words("rules.add.quiet"), { acts.onMake(null) }) {
    Text(words("rules.nights"), style = MaterialTheme.typography.bodyLarge)
    nights.forEach { (from, until) ->
        ListRow(words("rules.night", "from" to time(from * 60), "until" to time(until * 60))) { acts.onQuiet(from, until) }
    }
    PlainButton(words("act.cancel"), { acts.onMake(null) })
}

/** The quiet hours that are offered, from one hour to another. */
private val nights = listOf(20 to 8, 21 to 7, 22 to 7, 23 to 6)
