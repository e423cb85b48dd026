package org.kist.wallet.request

import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import org.kist.wallet.design.Card
import org.kist.wallet.design.Icons
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.TickRow
import org.kist.wallet.design.Working
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.chosen
import org.kist.wallet.state.Loadable

/** What a person does with a cluster. */
class ClusterActs(
    /** What is done with all of them at once. */
    val all: RequestActs = RequestActs(),
    /** What is done with one of the requests, by its id. */
    val one: (request: String) -> RequestActs = { RequestActs() },
    val onTake: (request: String, taken: Boolean) -> Unit = { _, _ -> },
    val onTakeAll: () -> Unit = {},
    val onAsk: () -> Unit = {},
    val onFetch: () -> Unit = {},
    val onAskToWithdraw: (Withdrawing?) -> Unit = {},
    val onWithdraw: () -> Unit = {},
    val onConsent: (String) -> (() -> Unit)? = { null },
    val onReceipt: (String) -> (() -> Unit)? = { null },
)

/** A cluster: while requests wait, what they ask and the one decision; else how each member stands. */
@Composable
fun ClusterScreen(state: ClusterState, acts: ClusterActs) {
    val words = LocalWords.current
    when (val found = state.together) {
        is Loadable.Loading -> Screen(words("request.opening.title"), acts.all.onNotNow) {
            Working(words("request.opening"), onCancel = acts.all.onNotNow)
        }
        is Loadable.Failed -> Screen(words("request.opening.title"), acts.all.onNotNow) {
            ProblemBanner(found.problem, onRetry = acts.all.onLookAgain)
        }
        is Loadable.Ready -> {
            val together = found.value
            if (together.open.isEmpty()) StandingTogether(together, state, acts) else AskingTogether(together, state, acts)
            state.withdrawing?.let { WithdrawQuestion(it, together, acts) }
        }
    }
}

@Composable
private fun AskingTogether(together: Together, state: ClusterState, acts: ClusterActs) {
    val words = LocalWords.current
    val name = words.chosen(together.name)
    Screen(words("request.title", "organisation" to name), acts.all.onNotNow, acts = { OneDecision(together, state, acts.all) }) {
        Trouble(state, acts)
        Text(words("request.cluster.lead", "lead" to together.lead), style = MaterialTheme.typography.bodyLarge)
        Text(words("request.cluster.text"), style = MaterialTheme.typography.bodyLarge)
        if (together.open.size > 1 && together.taking(state.choosing).size < together.open.size) {
            PlainButton(words("request.cluster.take.all"), acts.onTakeAll)
        }
        together.open.forEachIndexed { index, open ->
            val (number, total) = Pair(index + 1, together.open.size)
            SectionHeading(words("request.cluster.member", "number" to number, "total" to total, "organisation" to open.member.name))
            MemberSections(open, state.choosing.of(open.asking), acts)
        }
        val others = together.members.filter { it.asking == null }
        if (others.isNotEmpty()) {
            SectionHeading(words("request.cluster.others"))
            others.forEach { MemberCard(it, state, acts) }
        }
    }
    if (state.refusing) RefuseQuestion(words("request.cluster.refuse"), acts.all)
}

/** What one member asks: in short, and whole once it is to get something. */
@Composable
private fun MemberSections(open: OpenMember, choosing: Choosing, acts: ClusterActs) {
    val words = LocalWords.current
    val (member, asking) = open
    Card {
        if (member.isNew) Note(Icons.Info, words("request.cluster.new"))
        Text(words("request.cluster.role", "role" to words.chosen(member.role)), style = MaterialTheme.typography.bodyLarge)
        TickRow(
            words("request.cluster.take", "organisation" to member.name),
            choosing.taken,
            { acts.onTake(asking.id, it) },
            detail = words("request.cluster.left_out").takeUnless { choosing.taken },
        )
        if (!choosing.taken) {
            asking.purposes.forEach { Text(words.chosen(it.text), style = MaterialTheme.typography.bodyMedium) }
            val things = asking.parts.map { words.kind(it.schema) }.distinct()
            Note(Icons.File, words("request.cluster.asks", "things" to words.list(things)))
        }
    }
    if (choosing.taken) AskingSections(asking, choosing, acts.one(asking.id))
}

/** The one decision, and what keeps it from being made. */
@Composable
private fun OneDecision(together: Together, state: ClusterState, acts: RequestActs) {
    val words = LocalWords.current
    if (state.sending) {
        return Working(words("request.sending", "organisation" to words.chosen(together.name)), onCancel = acts.onCancel)
    }
    state.problem?.let { problem ->
        val shared = words.list(together.standing.map { it.organisation })
        val said = if (shared.isEmpty()) words("request.nothing_shared") else words("request.cluster.partly", "organisations" to shared)
        FailedToShare(problem, said, acts)
    }
    val notReady = together.notReady(state.choosing)
    val taking = together.taking(state.choosing)
    if (notReady.isNotEmpty()) {
        val names = words.list(notReady.map { it.name })
        Text(words("request.cluster.not_ready", "organisations" to names), style = MaterialTheme.typography.bodyMedium)
    } else if (taking.isNotEmpty()) {
        val names = words.list(taking.map { it.member.name })
        Text(words("request.cluster.with", "organisations" to names), style = MaterialTheme.typography.bodyMedium)
    }
    val things = taking.flatMap { it.asking.things(state.choosing.of(it.asking)) }.distinct()
    DecisionButtons(things.size, together.mayShare(state.choosing) && !state.doing.busy, acts)
}
