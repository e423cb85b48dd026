package org.kist.wallet.record

import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.selection.selectableGroup
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import org.kist.ConflictSide
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Card
import org.kist.wallet.design.ChoiceRow
import org.kist.wallet.design.Empty
import org.kist.wallet.design.Icons
import org.kist.wallet.design.Line
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.state.valueOrNull

/** What there is to settle about a record; its id is that of the route. */
object SettleDestination : Destination("settle") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> SettleModel(stay.person, stay.route.id, scope) }
        LaunchedEffect(model) { model.look() }
        val state by model.state.collectAsState()
        LaunchedEffect(state.settled) { if (state.settled) stay.back() }
        SettleScreen(state, SettleActs(stay.wayBack, model::take, model::takeMember, model::settle) { model.keepAll() })
    }
}

/** What can be chosen. */
class SettleActs(
    val onBack: (() -> Unit)? = null,
    val onTake: (Int) -> Unit = {},
    val onTakeMember: (String, Int) -> Unit = { _, _ -> },
    val onSettle: () -> Unit = {},
    val onKeepAll: () -> Unit = {},
)

@Composable
fun SettleScreen(state: SettleState, acts: SettleActs) {
    val words = LocalWords.current
    val settling = state.settling.valueOrNull
    Screen(
        words("record.settle.title"),
        acts.onBack,
        acts = settling?.let {
            {
                PrimaryButton(words("record.settle.keep"), acts.onSettle, Modifier.fillMaxWidth(), enabled = it.right != null && !state.working)
                SecondaryButton(words("record.settle.all"), acts.onKeepAll, Modifier.fillMaxWidth(), enabled = !state.working)
            }
        },
    ) {
        state.problem?.let { ProblemBanner(it) }
        Loaded(state.settling) { found ->
            if (found == null) Empty(Icons.Check, words("record.settle.none"), words("record.settle.none.text")) else Sides(found, acts)
        }
    }
}

@Composable
private fun Sides(settling: Settling, acts: SettleActs) {
    val words = LocalWords.current
    val sides = settling.conflict.sides
    Text(words.conflict(settling.conflict.kind), style = MaterialTheme.typography.titleMedium)
    Text(words("record.settle.how"), style = MaterialTheme.typography.bodyLarge)
    Card(Modifier.selectableGroup()) {
        sides.forEachIndexed { place, side ->
            ChoiceRow(words.side(place, side), settling.right == place, { acts.onTake(place) }, detail = words.sideFrom(side))
        }
    }
    settling.members.filterNot { it.same }.forEach { MemberPart(it, settling, acts) }
    val same = settling.members.filter { it.same }
    if (same.isNotEmpty()) {
        SectionHeading(words("record.settle.same"))
        Card {
            same.forEachIndexed { place, member ->
                if (place > 0) Line()
                Column {
                    Quiet(words.memberAt(member.member))
                    Text(words.sideValue(member, 0, settling.type), style = MaterialTheme.typography.bodyLarge)
                }
            }
        }
    }
}

/** A member in which the sides differ: after one was said to be right, this can be taken from another. */
@Composable
private fun MemberPart(member: SideBySide, settling: Settling, acts: SettleActs) {
    val words = LocalWords.current
    SectionHeading(words.memberAt(member.member))
    Card(Modifier.selectableGroup()) {
        settling.conflict.sides.forEachIndexed { place, side ->
            ChoiceRow(
                words.sideValue(member, place, settling.type),
                settling.sideOf(member.member) == place,
                { if (settling.right == null) acts.onTake(place) else acts.onTakeMember(member.member, place) },
                detail = words.side(place, side),
            )
        }
    }
}

private fun Words.side(place: Int, side: ConflictSide): String =
    this("record.settle.side", "number" to place + 1, "title" to side.title)

/** Where a side comes from, and what stays with it: its labels and files. */
private fun Words.sideFrom(side: ConflictSide): String = listOfNotNull(
    this("record.origin", "source" to source(side.provenance), "day" to dayOfMs(side.provenance.collectedMs)),
    side.tags.takeIf { it.isNotEmpty() }?.let { this("record.settle.labels", "labels" to it.joinToString(", ")) },
    side.files.takeIf { it.isNotEmpty() }?.let { files -> this("record.settle.files", "files" to files.joinToString(", ") { it.name }) },
).joinToString("\n")

private fun Words.sideValue(member: SideBySide, place: Int, type: RecordType?): String =
    member.values[place]?.let { value(it, type?.rule(member.member)) } ?: this("record.settle.missing")
