package org.kist.wallet.edit

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.widthIn
import androidx.compose.foundation.selection.selectableGroup
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.key
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.text.input.KeyboardType
import androidx.compose.ui.unit.dp
import org.kist.wallet.design.Card
import org.kist.wallet.design.ChoiceRow
import org.kist.wallet.design.Field
import org.kist.wallet.design.Icons
import org.kist.wallet.design.InlineProblem
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.Sheet
import org.kist.wallet.design.Space
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.record.Member
import org.kist.wallet.record.Rule
import org.kist.wallet.record.TextFormat
import org.kist.wallet.record.choice
import org.kist.wallet.record.member

/** What every field of a form needs. */
internal class Editors(val problems: Map<String, FieldProblem>, val acts: EditActs)

/** The fields of a record, or of a part of it, in the order of its schema. */
@Composable
internal fun Members(rule: Rule.Group, group: Entry.Group, place: Place, editors: Editors) {
    for (member in rule.members) {
        val entry = group.members[member.name] ?: continue
        key(member.name) { Editor(LocalWords.current.label(member), member.rule, entry, place + member.name, editors) }
    }
}

/** What a field is called; one that can be left empty says so. */
private fun Words.label(member: Member): String =
    if (member.required || member.rule is Rule.Many) member(member.name) else this("edit.optional", "field" to member(member.name))

@Composable
private fun Editor(label: String, rule: Rule, entry: Entry, place: Place, editors: Editors) {
    val words = LocalWords.current
    val problem = editors.problems[place.pointer]?.let(words::sentence)
    when (rule) {
        is Rule.Text if entry is Entry.Day -> DayEditor(label, entry, problem) { editors.acts.onType(place, it) }
        is Rule.Text -> TextEditor(label, rule, entry as Entry.Text, problem, words.hint(place.last(), rule)) { editors.acts.onType(place, it) }
        is Rule.Number -> Field(
            label,
            (entry as Entry.Text).text,
            { editors.acts.onType(place, Entry.Text(it)) },
            problem = problem,
            keyboard = KeyboardType.Decimal,
        )
        is Rule.Choice -> ChoiceEditor(label, rule.choices, (entry as Entry.Text).text, problem) { editors.acts.onType(place, Entry.Text(it)) }
        is Rule.YesOrNo -> AnswerEditor(label, (entry as Entry.Answer).yes, problem) { editors.acts.onType(place, Entry.Answer(it)) }
        is Rule.Many -> ManyEditor(label, rule, entry as Entry.Many, place, problem, editors)
        is Rule.Group -> {
            SectionHeading(label)
            Card { Members(rule, entry as Entry.Group, place, editors) }
        }
    }
}

@Composable
private fun TextEditor(label: String, rule: Rule.Text, entry: Entry.Text, problem: String?, hint: String?, onType: (Entry) -> Unit) = Field(
    label,
    entry.text,
    { onType(Entry.Text(it)) },
    hint = hint,
    problem = problem,
    lines = if ((rule.most ?: 0) > LONG) 3 else 1,
    keyboard = when (rule.format) {
        TextFormat.EMAIL -> KeyboardType.Email
        TextFormat.URI -> KeyboardType.Uri
        TextFormat.DECIMAL -> KeyboardType.Decimal
        else -> KeyboardType.Text
    },
)

/** How a field is written, where that isn't plain: by its name, else by its format. */
private fun Words.hint(name: String, rule: Rule.Text): String? =
    listOf("edit.hint.$name", "edit.format.${rule.format.name.lowercase()}").firstOrNull(::has)?.let { this(it) }

/** A day in three fields: no calendar to leaf through for a date that one knows. */
@Composable
private fun DayEditor(label: String, day: Entry.Day, problem: String?, onType: (Entry) -> Unit) {
    val words = LocalWords.current
    Column(verticalArrangement = Arrangement.spacedBy(Space.hair)) {
        Text(label, style = MaterialTheme.typography.titleSmall)
        FlowRow(horizontalArrangement = Arrangement.spacedBy(Space.small), verticalArrangement = Arrangement.spacedBy(Space.small)) {
            PartOfDay(words("edit.day", "field" to label), words("edit.day.short"), day.day) { onType(day.copy(day = it)) }
            PartOfDay(words("edit.month", "field" to label), words("edit.month.short"), day.month) { onType(day.copy(month = it)) }
            PartOfDay(words("edit.year", "field" to label), words("edit.year.short"), day.year) { onType(day.copy(year = it)) }
        }
        if (problem != null) InlineProblem(problem)
    }
}

@Composable
private fun PartOfDay(name: String, label: String, text: String, onType: (String) -> Unit) =
    Field(label, text, onType, Modifier.widthIn(max = 104.dp), keyboard = KeyboardType.Number, name = name)

/** One of the words that the schema allows, chosen from a sheet; it can be taken back. */
@Composable
private fun ChoiceEditor(label: String, choices: List<String>, chosen: String, problem: String?, onChoose: (String) -> Unit) {
    val words = LocalWords.current
    var open by remember { mutableStateOf(false) }
    Card {
        ListRow(label, detail = if (chosen.isEmpty()) words("edit.not_said") else words.choice(chosen), onClick = { open = true })
        if (problem != null) InlineProblem(problem)
    }
    if (open) {
        val choose = { choice: String ->
            open = false
            onChoose(choice)
        }
        Sheet(label, { open = false }) {
            Column(Modifier.selectableGroup()) {
                choices.forEach { choice -> ChoiceRow(words.choice(choice), chosen == choice, { choose(choice) }) }
                ChoiceRow(words("edit.not_said"), chosen.isEmpty(), { choose("") })
            }
        }
    }
}

@Composable
private fun AnswerEditor(label: String, yes: Boolean?, problem: String?, onAnswer: (Boolean?) -> Unit) {
    val words = LocalWords.current
    Card(Modifier.selectableGroup()) {
        Text(label, style = MaterialTheme.typography.titleSmall)
        ChoiceRow(words("record.yes"), yes == true, { onAnswer(true) })
        ChoiceRow(words("record.no"), yes == false, { onAnswer(false) })
        ChoiceRow(words("edit.not_said"), yes == null, { onAnswer(null) })
        if (problem != null) InlineProblem(problem)
    }
}

/** Several things: each can be taken away, and another added. */
@Composable
private fun ManyEditor(label: String, rule: Rule.Many, many: Entry.Many, place: Place, problem: String?, editors: Editors) {
    val words = LocalWords.current
    SectionHeading(label)
    if (problem != null) InlineProblem(problem)
    many.items.forEachIndexed { index, item ->
        val within = place + index.toString()
        val name = words("edit.one_of", "field" to label, "number" to index + 1)
        Card {
            when (rule.item) {
                is Rule.Group -> {
                    Text(name, style = MaterialTheme.typography.titleSmall)
                    Members(rule.item, item as Entry.Group, within, editors)
                }
                else -> Editor(name, rule.item, item, within, editors)
            }
            PlainButton(words("edit.remove", "field" to name), { editors.acts.onRemove(within) }, icon = Icons.Trash)
        }
    }
    SecondaryButton(words("edit.add", "field" to label), { editors.acts.onAdd(place) }, Modifier.fillMaxWidth(), Icons.Plus)
}

/** A text that may be longer than this is given several lines. */
private const val LONG = 400
