package org.kist.wallet.connections

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.text.selection.SelectionContainer
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.semantics
import org.kist.KnownPerson
import org.kist.PersonState
import org.kist.Share
import org.kist.ShareState
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.consents.end
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.ChoiceRow
import org.kist.wallet.design.Field
import org.kist.wallet.design.IconAct
import org.kist.wallet.design.Icons
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.LocalPalette
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.QrCode
import org.kist.wallet.design.Question
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.Space
import org.kist.wallet.design.TickRow
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.language.fieldName
import org.kist.wallet.language.thing
import org.kist.wallet.state.valueOrNull

/** An invitation for another person. */
object InviteDestination : Destination("invite") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> InviteModel(stay.person, stay.ports.clipboard, scope) }
        val state by model.state.collectAsState()
        val onDone: () -> Unit = { state.id?.let { stay.navigator.replace(PersonDestination.route(it)) } }
        InviteScreen(state, stay.wayBack, model::typeName, model::invite, model::copy, onDone)
    }
}

/** Another person. */
object PersonDestination : Destination("person") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> PersonModel(stay.person, stay.route.id, scope) }
        stay.Looking(model::look)
        val state by model.state.collectAsState()
        PersonScreen(
            state,
            PersonActs(
                onBack = stay.wayBack,
                onRefresh = model::refresh,
                onSame = model::same,
                onUnsure = model::unsure,
                onAskToEnd = model::askToEnd,
                onEnd = model::end,
                onShare = stay.wayTo("share", stay.route.id),
                onAskToWithdraw = model::askToWithdraw,
                onWithdraw = model::withdraw,
            ),
        )
    }
}

/** What is shared with another person. */
object ShareDestination : Destination("share") {
    @Composable
    override fun Content(stay: Stay) {
        val words = LocalWords.current
        val model = stay.model { scope ->
            ShareModel(stay.person, stay.route.id, words.language.tag, stay.ports.clock, scope)
        }
        val state by model.state.collectAsState()
        LaunchedEffect(state.done) { if (state.done) stay.back() }
        ShareScreen(state, stay.wayBack, model::choose, model::typePurpose, model::endAfter, model::share)
    }
}

@Composable
fun InviteScreen(
    state: InviteState,
    onBack: (() -> Unit)?,
    onName: (String) -> Unit,
    onInvite: () -> Unit,
    onCopy: () -> Unit,
    onDone: () -> Unit,
) {
    val words = LocalWords.current
    val code = state.code
    Screen(
        words("connections.invite"),
        onBack = onBack,
        acts = {
            if (code == null) {
                PrimaryButton(words("connections.invite.make"), onInvite, Modifier.fillMaxWidth(), enabled = !state.doing.busy)
            } else {
                PrimaryButton(words("connections.invite.done"), onDone, Modifier.fillMaxWidth())
            }
        },
    ) {
        state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
        if (code == null) {
            Text(words("connections.invite.text"))
            Field(words("connections.name"), state.name, onName, hint = words("connections.name.hint"), onDone = onInvite)
        } else {
            Text(words("connections.invite.show", "name" to state.name.trim()))
            QrCode(code, words("connections.invite.code", "name" to state.name.trim()))
            PlainButton(words("connections.invite.copy"), onCopy, icon = Icons.Copy)
            if (state.copied) Banner(BannerKind.SUCCESS, words("connections.invite.copied"), text = words("connections.invite.copied.text"))
        }
    }
}

/** What can be done about a person. */
class PersonActs(
    val onBack: (() -> Unit)? = {},
    val onRefresh: () -> Unit = {},
    val onSame: () -> Unit = {},
    val onUnsure: () -> Unit = {},
    val onAskToEnd: (Boolean) -> Unit = {},
    val onEnd: () -> Unit = {},
    val onShare: (() -> Unit)? = null,
    val onAskToWithdraw: (Share?) -> Unit = {},
    val onWithdraw: () -> Unit = {},
)

@Composable
fun PersonScreen(state: OnePersonState, acts: PersonActs) {
    val words = LocalWords.current
    val known = state.content.valueOrNull?.known
    Screen(
        known?.name ?: words("connections.someone"),
        onBack = acts.onBack,
        tools = {
            if (known != null) IconAct(Icons.Refresh, words("connections.refresh"), acts.onRefresh, enabled = !state.doing.busy)
        },
        acts = if (known?.state != PersonState.CONNECTED) null else acts.onShare?.let { share ->
            {
                val (text, ready) = words("connections.share") to !state.doing.busy
                // Whether nobody stands between the two comes first.
                if (known.verified) PrimaryButton(text, share, Modifier.fillMaxWidth(), enabled = ready)
                else SecondaryButton(text, share, Modifier.fillMaxWidth(), enabled = ready)
            }
        },
    ) {
        state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
        Loaded(state.content) { content ->
            Keys(content.known, state.doing.busy, words, acts)
            Shares(content.shares, words, acts)
            if (content.known.state != PersonState.ENDED) {
                PlainButton(words("connections.end"), { acts.onAskToEnd(true) }, enabled = !state.doing.busy)
            }
        }
    }
    if (state.askingToEnd && known != null) {
        Question(
            words("connections.end.title", "name" to known.name),
            words("connections.end.person"),
            yes = words("connections.end"),
            onYes = acts.onEnd,
            onNo = { acts.onAskToEnd(false) },
            danger = true,
        )
    }
    state.withdrawing?.let { share ->
        Question(
            words("connections.unshare.title", "name" to share.name),
            words("connections.unshare.means"),
            yes = words("connections.unshare"),
            onYes = acts.onWithdraw,
            onNo = { acts.onAskToWithdraw(null) },
            danger = true,
        )
    }
}

/** Whether nobody stands between the two: the code that both phones show, read aloud. */
@Composable
private fun Keys(known: KnownPerson, busy: Boolean, words: Words, acts: PersonActs) {
    val code = known.checkCode
    when {
        known.state == PersonState.ENDED -> Banner(BannerKind.INFO, words("connections.person.ended"))
        code == null -> Banner(BannerKind.INFO, words("connections.person.invited"), text = words("connections.person.invited.text"))
        known.verified -> Banner(
            BannerKind.SUCCESS,
            words("connections.person.compared"),
            text = words("connections.person.compared.text", "name" to known.name),
            acts = { PlainButton(words("connections.compare.unsure"), acts.onUnsure, enabled = !busy) },
        )
        else -> Card(tone = LocalPalette.current.warning) {
            Text(words("connections.compare"), Modifier.semantics { heading() }, style = MaterialTheme.typography.titleMedium)
            Text(words("connections.compare.text", "name" to known.name))
            SelectionContainer { Text(code, style = MaterialTheme.typography.headlineMedium) }
            FlowRow(
                horizontalArrangement = Arrangement.spacedBy(Space.small),
                verticalArrangement = Arrangement.spacedBy(Space.small),
            ) {
                SecondaryButton(words("connections.compare.same"), acts.onSame, icon = Icons.Check, enabled = !busy)
                SecondaryButton(words("connections.compare.differ"), { acts.onAskToEnd(true) }, icon = Icons.Close, enabled = !busy)
            }
        }
    }
}

@Composable
private fun Shares(shares: List<Share>, words: Words, acts: PersonActs) {
    if (shares.isEmpty()) return
    val (received, given) = shares.partition { it.received }
    if (given.isNotEmpty()) {
        SectionHeading(words("connections.shares.given"))
        Card { given.forEach { ShareRow(it, words, acts) } }
    }
    if (received.isNotEmpty()) {
        SectionHeading(words("connections.shares.received"))
        Card { received.forEach { ShareRow(it, words, acts) } }
    }
}

@Composable
private fun ShareRow(share: Share, words: Words, acts: PersonActs) {
    val until = share.until
    ListRow(
        share.purpose,
        detail = listOfNotNull(
            words.list(share.fields.map(words::fieldName).distinct()).ifEmpty { null },
            words("connections.share.state.${share.state}"),
            until?.let { words("connections.share.until", "day" to words.day(it)) },
        ).joinToString("\n"),
        icon = Icons.File,
    )
    val stands = share.state in setOf(ShareState.PROPOSED, ShareState.AWAITING_RECEIPT, ShareState.IN_FORCE)
    if (!share.received && stands) PlainButton(words("connections.unshare"), { acts.onAskToWithdraw(share) })
}

@Composable
fun ShareScreen(
    state: ShareFormState,
    onBack: (() -> Unit)?,
    onChoose: (String, Boolean) -> Unit,
    onPurpose: (String) -> Unit,
    onEnd: (ShareEnd) -> Unit,
    onShare: () -> Unit,
) {
    val words = LocalWords.current
    Screen(
        words("connections.share"),
        onBack = onBack,
        acts = { PrimaryButton(words("connections.share.do"), onShare, Modifier.fillMaxWidth(), enabled = !state.doing.busy) },
    ) {
        state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
        Field(words("connections.share.purpose"), state.purpose, onPurpose, hint = words("connections.share.purpose.hint"))
        SectionHeading(words("connections.share.end"))
        Card {
            ShareEnd.entries.forEach { end -> ChoiceRow(words("connections.share.end.$end"), end == state.end, { onEnd(end) }) }
        }
        SectionHeading(words("connections.share.what"))
        Loaded(state.records) { records ->
            if (records.isEmpty()) Text(words("connections.share.nothing"))
            Card {
                records.forEach { record ->
                    TickRow(
                        record.title.ifEmpty { words.thing(record.schema) },
                        record.id in state.chosen,
                        { onChoose(record.id, it) },
                        detail = words.thing(record.schema),
                    )
                }
            }
        }
    }
}
