package org.kist.wallet.request

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.semantics
import org.kist.ConsentState
import org.kist.ConsentSummary
import org.kist.MemberStanding
import org.kist.wallet.consents.standing
import org.kist.wallet.consents.stands
import org.kist.wallet.consents.standsUntil
import org.kist.wallet.consents.things
import org.kist.wallet.consents.withdrawalMeans
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.IconAct
import org.kist.wallet.design.Icons
import org.kist.wallet.design.LocalTone
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Question
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.Space
import org.kist.wallet.design.Working
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.language.chosen

/** How a cluster stands while nothing waits to be decided: what was agreed with each, together. */
@Composable
internal fun StandingTogether(together: Together, state: ClusterState, acts: ClusterActs) {
    val words = LocalWords.current
    Screen(
        words.chosen(together.name),
        acts.all.onDone,
        tools = { IconAct(Icons.Refresh, words("consents.refresh"), acts.onFetch, enabled = !state.doing.busy) },
        acts = { StandingActs(together, state, acts) },
    ) {
        Trouble(state, acts)
        state.problem?.takeUnless { it.offline && together.waiting.isNotEmpty() }?.let { ProblemBanner(it) }
        Text(words("request.cluster.lead", "lead" to together.lead), style = MaterialTheme.typography.bodyLarge)
        HowItStands(together, state, acts)
        together.members.forEach { MemberCard(it, state, acts) }
        if (together.left.isNotEmpty()) {
            SectionHeading(words("request.cluster.former"))
            together.left.forEach { consent ->
                Card {
                    Text(consent.organisation, Modifier.semantics { heading() }, style = MaterialTheme.typography.titleMedium)
                    Consent(consent, Member(consent.organisationId, consent.organisation, emptyMap(), MemberStanding.AGREED), state, acts)
                }
            }
        }
    }
}

/** What was decided and still waits here to be sent. */
private val Together.waiting: List<ConsentSummary> get() = standing.filter { it.state == ConsentState.AWAITING_SEND }

@Composable
private fun StandingActs(together: Together, state: ClusterState, acts: ClusterActs) {
    val words = LocalWords.current
    if (state.sending) {
        return Working(words("request.sending", "organisation" to words.chosen(together.name)), onCancel = acts.all.onCancel)
    }
    val ready = !state.doing.busy
    if (together.toAsk.isNotEmpty()) {
        if (together.standing.isEmpty()) {
            PrimaryButton(words("request.cluster.ask"), acts.onAsk, Modifier.fillMaxWidth(), enabled = ready)
        } else {
            SecondaryButton(words("request.cluster.ask.rest"), acts.onAsk, Modifier.fillMaxWidth(), enabled = ready)
        }
    }
    SecondaryButton(words("request.done"), acts.all.onDone, Modifier.fillMaxWidth())
    if (together.standing.size > 1) {
        val all = words("request.cluster.withdraw.all")
        PlainButton(all, { acts.onAskToWithdraw(Withdrawing()) }, Modifier.fillMaxWidth(), enabled = ready)
    }
}

/** What was decided last, and what comes next. */
@Composable
private fun HowItStands(together: Together, state: ClusterState, acts: ClusterActs) {
    val words = LocalWords.current
    val sent = together.standing.filter { it.state == ConsentState.AWAITING_RECEIPT }
    val new = together.toAsk.filter { it.isNew }
    val names = words.list(together.members.map { it.name })
    val waiting = together.waiting
    if (waiting.isNotEmpty()) {
        Banner(
            BannerKind.OFFLINE,
            words("request.shared.waiting"),
            text = words("request.shared.waiting.text", "organisation" to words.list(waiting.map { it.organisation })),
            acts = if (state.sending) null else ({ PlainButton(words("request.shared.waiting.now"), acts.all.onSendNow) }),
        )
    }
    if (sent.isNotEmpty()) {
        val to = words.list(sent.map { it.organisation })
        Banner(BannerKind.SUCCESS, words("request.shared", "organisation" to to), text = words("request.shared.next"))
    }
    when {
        together.members.any { it.standing == MemberStanding.WAITING } -> Banner(
            BannerKind.INFO,
            words("request.cluster.waiting"),
            text = words("request.cluster.waiting.text"),
            acts = { PlainButton(words("consents.refresh"), acts.onFetch, enabled = !state.doing.busy) },
        )
        !together.decided -> Banner(BannerKind.INFO, words("request.cluster.nobody"), text = words("request.cluster.nobody.text"))
        together.members.all { it.consent == null } ->
            Banner(BannerKind.SUCCESS, words("request.refused", "organisation" to names), text = words("request.refused.text"))
        new.isNotEmpty() ->
            Banner(BannerKind.INFO, words("request.cluster.joined", "organisations" to words.list(new.map { it.name })))
    }
}

/** What is being done, and what of it didn't work. */
@Composable
internal fun Trouble(state: ClusterState, acts: ClusterActs) {
    state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
    state.unreached?.let { ProblemBanner(it, onRetry = acts.onFetch) }
    if (state.doing.busy) Working(LocalWords.current("request.cluster.working"))
}

/** One member: what it does, how it stands, and what can be done about that. */
@Composable
internal fun MemberCard(member: Member, state: ClusterState, acts: ClusterActs) {
    val words = LocalWords.current
    Card {
        val name = if (member.isListed) member.name else words("request.cluster.unlisted")
        Text(name, Modifier.semantics { heading() }, style = MaterialTheme.typography.titleMedium)
        if (!member.isListed) Text(member.id, style = MaterialTheme.typography.bodySmall, color = LocalTone.current.quiet)
        Text(words("request.cluster.role", "role" to words.chosen(member.role)), style = MaterialTheme.typography.bodyMedium)
        if (member.isNew) Note(Icons.Info, words("request.cluster.new"))
        val consent = member.consent
        if (consent != null && member.standing in setOf(MemberStanding.AGREED, MemberStanding.OVER)) {
            Consent(consent, member, state, acts)
        } else {
            Note(icon(member.standing), words("request.cluster.is.${member.standing}"))
        }
    }
}

private fun icon(standing: MemberStanding) = when (standing) {
    MemberStanding.NOT_REACHABLE, MemberStanding.NOT_TAKING_PART -> Icons.Warning
    MemberStanding.WAITING -> Icons.Clock
    else -> Icons.Info
}

/** What was agreed with a member, with its receipt. */
@Composable
private fun Consent(consent: ConsentSummary, member: Member, state: ClusterState, acts: ClusterActs) {
    val words = LocalWords.current
    Note(consent.standing(words).icon, consent.standsUntil(words))
    Text(consent.things(words), style = MaterialTheme.typography.bodyMedium, color = LocalTone.current.quiet)
    FlowRow(horizontalArrangement = Arrangement.spacedBy(Space.small)) {
        val awaits = consent.state == ConsentState.AWAITING_SEND || consent.state == ConsentState.AWAITING_RECEIPT
        val look = words(if (awaits) "request.shared.agreed" else "request.shared.receipt")
        acts.onReceipt(consent.id)?.let { MemberAct(look, member.name, it, words) }
        acts.onConsent(consent.id)?.let { MemberAct(words("request.cluster.consent"), member.name, it, words) }
        if (consent.stands) {
            val withdraw = { acts.onAskToWithdraw(Withdrawing(member)) }
            MemberAct(words("consents.withdraw"), member.name, withdraw, words, enabled = !state.doing.busy)
        }
    }
}

/** A button that stands once for each member: who only hears it has to know whose it is. */
@Composable
private fun MemberAct(text: String, whose: String, onClick: () -> Unit, words: Words, enabled: Boolean = true) {
    val name = words("request.cluster.act", "act" to text, "organisation" to whose)
    PlainButton(text, onClick, Modifier.semantics { contentDescription = name }, enabled = enabled)
}

@Composable
internal fun WithdrawQuestion(asked: Withdrawing, together: Together, acts: ClusterActs) {
    val words = LocalWords.current
    val from = asked.member?.name ?: words.list(together.standing.map { it.organisation })
    Question(
        words("consents.withdraw.one", "organisation" to from),
        words.withdrawalMeans(asked.kept),
        yes = words("consents.withdraw"),
        onYes = acts.onWithdraw,
        onNo = { acts.onAskToWithdraw(null) },
        danger = true,
    )
}
