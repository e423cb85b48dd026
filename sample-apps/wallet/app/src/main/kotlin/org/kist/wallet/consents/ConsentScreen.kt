package org.kist.wallet.consents

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import org.kist.ConsentDetail
import org.kist.ConsentState
import org.kist.ConsentSummary
import org.kist.PausedBy
import org.kist.ReadInfo
import org.kist.ReadState
import org.kist.WithdrawalState
import org.kist.required
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.DangerButton
import org.kist.wallet.design.IconAct
import org.kist.wallet.design.Icons
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Question
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.Space
import org.kist.wallet.edit.isEmpty
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.language.chosen
import org.kist.wallet.language.fieldName
import org.kist.wallet.language.period
import org.kist.wallet.language.thing
import org.kist.wallet.state.valueOrNull

/** One consent in plain words. */
object ConsentDestination : Destination("consent") {
    @Composable
    override fun Content(stay: Stay) {
        val id = stay.route.id
        val model = stay.model { scope -> ConsentModel(stay.person, id, scope) }
        stay.Looking(model::look)
        val state by model.state.collectAsState()
        ConsentScreen(
            state,
            ConsentActs(
                onBack = stay.wayBack,
                onPause = model::pause,
                onResume = model::resume,
                onAskToWithdraw = model::askToWithdraw,
                onWithdraw = model::withdraw,
                onRemind = model::remind,
                onRefresh = model::refresh,
                onAskForNew = model::askForNew,
                onNarrow = stay.wayTo("narrow", id),
                onRequest = { stay.wayTo("request", it) },
                onConsent = { stay.wayTo("consent", it) },
                onReceipt = stay.wayTo("receipt", id),
                onRights = stay.wayTo("ask-right", id),
                onReport = stay.wayTo("report", id),
                onOpenLink = stay.ports.links::open,
            ),
        )
    }
}

/** What can be done about one consent; null where a build hasn't the room. */
class ConsentActs(
    val onBack: (() -> Unit)? = {},
    val onPause: () -> Unit = {},
    val onResume: () -> Unit = {},
    val onAskToWithdraw: (Boolean) -> Unit = {},
    val onWithdraw: () -> Unit = {},
    val onRemind: () -> Unit = {},
    val onRefresh: () -> Unit = {},
    val onAskForNew: (RenewalWay) -> Unit = {},
    val onNarrow: (() -> Unit)? = null,
    val onRequest: (String) -> (() -> Unit)? = { null },
    val onConsent: (String) -> (() -> Unit)? = { null },
    val onReceipt: (() -> Unit)? = null,
    val onRights: (() -> Unit)? = null,
    val onReport: (() -> Unit)? = null,
    val onOpenLink: (String) -> Unit = {},
)

@Composable
fun ConsentScreen(state: OneConsentState, acts: ConsentActs) {
    val words = LocalWords.current
    val content = state.content.valueOrNull
    val consent = content?.detail?.summary
    Screen(
        consent?.organisation ?: words("consents.one"),
        onBack = acts.onBack,
        tools = {
            if (consent != null) IconAct(Icons.Refresh, words("consents.refresh"), acts.onRefresh, enabled = !state.doing.busy)
        },
        acts = consent?.takeIf { it.stands }?.let { { MainActs(it, state.doing.busy, words, acts) } },
    ) {
        state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
        Loaded(state.content) { found ->
            StandingBanner(found.detail.summary, words, acts)
            if (found.detail.summary.withdrawal != null) Withdrawal(found.detail.summary, state.doing.busy, words, acts)
            Renewal(found, state, words, acts)
            Agreed(found.detail, words, acts)
            Narrowings(found.detail, words)
            ReadsUnder(found.reads, words)
            FurtherActs(found.detail.summary, words, acts)
        }
    }
    if (state.askingToWithdraw && content != null) WithdrawQuestion(content.detail, words, acts)
}

@Composable
private fun MainActs(consent: ConsentSummary, busy: Boolean, words: Words, acts: ConsentActs) {
    FlowRow(horizontalArrangement = Arrangement.spacedBy(Space.small), verticalArrangement = Arrangement.spacedBy(Space.small)) {
        if (consent.pausedAlone) {
            SecondaryButton(words("consents.resume"), acts.onResume, enabled = !busy)
        } else if (consent.paused == null) {
            SecondaryButton(words("consents.pause"), acts.onPause, icon = Icons.Pause, enabled = !busy)
        }
        acts.onNarrow?.let { SecondaryButton(words("consents.narrow"), it, icon = Icons.Edit, enabled = !busy) }
        DangerButton(words("consents.withdraw"), { acts.onAskToWithdraw(true) }, enabled = !busy)
    }
}

@Composable
private fun WithdrawQuestion(detail: ConsentDetail, words: Words, acts: ConsentActs) {
    Question(
        words("consents.withdraw.one", "organisation" to detail.summary.organisation),
        words.withdrawalMeans(listOf(detail.keptBy())),
        yes = words("consents.withdraw"),
        onYes = acts.onWithdraw,
        onNo = { acts.onAskToWithdraw(false) },
        danger = true,
    )
}

/** How it stands: a word, an icon, and what that means. */
@Composable
private fun StandingBanner(consent: ConsentSummary, words: Words, acts: ConsentActs) {
    val paused = consent.paused
    when (consent.state) {
        ConsentState.AWAITING_SEND -> Banner(BannerKind.OFFLINE, words("consents.is.awaiting_send"))
        ConsentState.AWAITING_RECEIPT -> Banner(BannerKind.INFO, words("consents.is.awaiting_receipt"))
        ConsentState.IN_FORCE -> Banner(
            if (consent.expiresSoon) BannerKind.WARNING else BannerKind.SUCCESS,
            words("consents.is.in_force", "organisation" to consent.organisation),
            text = consent.end(words),
        )
        ConsentState.PAUSED -> Banner(
            BannerKind.WARNING,
            words(
                when (paused?.by) {
                    PausedBy.FRAMEWORK -> "consents.is.paused.framework"
                    PausedBy.EVERYTHING -> "consents.is.paused.everything"
                    else -> "consents.is.paused"
                },
            ),
            text = paused?.let { words("consents.is.paused.since", "day" to words.day(it.since)) },
        )
        ConsentState.EXPIRED -> Banner(BannerKind.INFO, words("consents.is.expired"), text = consent.expiresAt?.let(words::day))
        ConsentState.REPLACED -> Banner(
            BannerKind.INFO,
            words("consents.is.replaced"),
            acts = consent.replacedBy?.let(acts.onConsent)?.let { { PlainButton(words("consents.is.replaced.see"), it) } },
        )
        ConsentState.WITHDRAWN, ConsentState.WITHDRAWAL_ACKNOWLEDGED -> {}
    }
}

/** A new offer that waits, or the way to one. */
@Composable
private fun Renewal(content: ConsentContent, state: OneConsentState, words: Words, acts: ConsentActs) {
    val consent = content.detail.summary
    val request = consent.renewal?.let(acts.onRequest)
    val ending = consent.expiresSoon || consent.state == ConsentState.EXPIRED
    when {
        request != null -> Banner(
            BannerKind.INFO,
            words("consents.renew.waits", "organisation" to consent.organisation),
            acts = { PlainButton(words("consents.renew.look"), request) },
        )
        state.askedForNew -> Banner(BannerKind.SUCCESS, words("consents.renew.asked"), text = words("consents.renew.asked.text"))
        ending && content.renewal != null ->
            SecondaryButton(words("consents.renew"), { acts.onAskForNew(content.renewal) }, enabled = !state.doing.busy)
        ending -> Text(words("consents.renew.by_them", "organisation" to consent.organisation))
    }
}

/** What was agreed, one thing after another. */
@Composable
private fun Agreed(detail: ConsentDetail, words: Words, acts: ConsentActs) {
    val consent = detail.summary
    Card {
        Term(words("consents.term.why"), words.chosen(consent.purpose))
        SectionHeading(whatHeading(consent, words))
        consent.given.groupBy { it.schema }.forEach { (schema, fields) ->
            val named = words.list(fields.map { words.fieldName(it.field) }).takeUnless { it == words.thing(schema) }
            val optional = words("consents.optional").takeIf { fields.none { it.required } }
            ListRow(words.thing(schema), detail = listOfNotNull(named, optional).joinToString("\n").ifEmpty { null }, icon = Icons.File)
        }
        if (consent.given.isEmpty()) Text(words("consents.given.nothing"))
        val may = words("consents.term.may").takeIf { consent.stands } ?: words("consents.term.might")
        Term(may, words.list(words.allowed(detail.rights, consent.isOnce)))
        Term(words("consents.term.since"), words.day(consent.agreedAt))
        Kept(detail, words)
        Term(words("consents.term.law"), basis(detail.legalBasis, consent.stands, words))
        PlainButton(words("consents.privacy_notice"), { acts.onOpenLink(detail.privacyNotice) }, icon = Icons.Link)
    }
}

/** What the organisation has, is to get, or had. */
private fun whatHeading(consent: ConsentSummary, words: Words): String = when {
    consent.state == ConsentState.AWAITING_SEND -> words("consents.term.sharing")
    consent.stands -> words("consents.term.what")
    else -> words("consents.term.had")
}

/** How long it keeps what was given, and what of it after a withdrawal. */
@Composable
private fun Kept(detail: ConsentDetail, words: Words) {
    val state = detail.summary.state
    if (!state.isWithdrawn) Term(words("consents.term.keep"), words("consents.keep", "time" to words.period(detail.retention)))
    if (state.stands) Term(words("consents.term.after"), words.afterWithdrawal(detail.keptAfterWithdrawal))
    if (state.isWithdrawn) Term(words("consents.term.after.now"), words.afterWithdrawal(detail.keptAfterWithdrawal))
}

/** A heading with what it is about. */
@Composable
internal fun Term(name: String, text: String) {
    SectionHeading(name)
    Text(text, style = MaterialTheme.typography.bodyLarge)
}

private fun basis(term: String, stands: Boolean, words: Words): String {
    if (!stands && isConsent(term)) return words("receipt.basis.had")
    val key = "consents.basis.${term.removePrefix("eu-gdpr:")}"
    return if (words.has(key)) words(key) else words.core("legal_bases", term)
}

/** How far the word of the withdrawal has come: each step with its day, and the one that is missing. */
@Composable
private fun Withdrawal(consent: ConsentSummary, busy: Boolean, words: Words, acts: ConsentActs) {
    val progress = consent.withdrawal ?: return
    val acknowledged = consent.acknowledgedAt
    SectionHeading(words("consents.withdrawal"))
    Card {
        ListRow(words("consents.step.withdrawn"), icon = Icons.Check, detail = consent.withdrawnAt?.let(words::day))
        val sent = progress.sentAt
        when {
            progress.state == WithdrawalState.NOT_TAKEN ->
                ListRow(words("consents.step.not_taken"), icon = Icons.Warning, detail = words("consents.step.not_taken.text"))
            sent != null -> ListRow(words("consents.step.sent"), icon = Icons.Check, detail = words.day(sent))
            else -> ListRow(words("consents.step.waiting"), icon = Icons.Clock, detail = words("consents.step.waiting.text"))
        }
        when {
            acknowledged != null -> ListRow(words("consents.step.acknowledged"), icon = Icons.Check, detail = words.day(acknowledged))
            progress.state == WithdrawalState.SILENT -> ListRow(
                words("consents.step.silent"),
                icon = Icons.Warning,
                detail = progress.silentSince?.let { words("consents.step.silent.since", "day" to words.day(it)) },
            )
            progress.state != WithdrawalState.NOT_TAKEN -> ListRow(words("consents.step.not_yet"), icon = Icons.Clock)
        }
    }
    if (progress.state == WithdrawalState.SILENT) {
        progress.remindedAt?.let { Text(words("consents.reminded", "day" to words.day(it))) }
        SecondaryButton(words("consents.remind"), acts.onRemind, enabled = !busy)
    }
    if (consent.isSilent) {
        acts.onReport?.let { PlainButton(words("consents.report"), it, icon = Icons.Rights) }
    }
}

@Composable
private fun Narrowings(detail: ConsentDetail, words: Words) {
    if (detail.narrowings.isEmpty()) return
    SectionHeading(words("consents.narrowings"))
    Card {
        detail.narrowings.forEach { narrowing ->
            val ends = narrowing.endsAt
            val what = listOfNotNull(
                words("consents.narrowed.fields", "fields" to words.list(narrowing.fields.map(words::fieldName)))
                    .takeIf { narrowing.fields.isNotEmpty() },
                ends?.let { words("consents.narrowed.end", "day" to words.day(it)) },
            )
            val acknowledged = narrowing.acknowledgedAt
            ListRow(
                words.list(what),
                detail = words.day(narrowing.narrowedAt) + " · " +
                    if (acknowledged == null) words("consents.narrowed.not_yet") else words("consents.narrowed.acknowledged"),
                icon = if (acknowledged == null) Icons.Clock else Icons.Check,
            )
        }
    }
}

@Composable
private fun ReadsUnder(reads: List<ReadInfo>, words: Words) {
    if (reads.isEmpty()) return
    SectionHeading(words("consents.reads"))
    Card { reads.forEach { ReadRow(it, words) } }
}

/** What an organisation asked to read, and what became of it. */
@Composable
internal fun ReadRow(read: ReadInfo, words: Words) {
    val what = if (read.fields.isEmpty()) words("consents.read.all") else words.list(read.fields.map(words::fieldName))
    val asked = words("consents.read.asked", "organisation" to read.organisation, "what" to what)
    val decided = read.decidedAt
    when (read.state) {
        ReadState.PENDING -> ListRow(
            asked,
            detail = words("consents.read.pending", "when" to words.moment(read.askedAt)),
            icon = Icons.Clock,
        )
        ReadState.ANSWERED -> ListRow(
            asked,
            detail = words("consents.read.answered", "when" to words.moment(decided ?: read.askedAt)),
            icon = Icons.Check,
        )
        ReadState.REFUSED -> ListRow(
            asked,
            detail = words("consents.read.refused", "when" to words.moment(decided ?: read.askedAt)),
            icon = Icons.Close,
        )
    }
}

@Composable
private fun FurtherActs(consent: ConsentSummary, words: Words, acts: ConsentActs) {
    val before = consent.replaces?.let(acts.onConsent)
    if (acts.onReceipt == null && acts.onRights == null && before == null) return
    SectionHeading(words("consents.more"))
    Card {
        acts.onReceipt?.let { ListRow(words("consents.receipt"), icon = Icons.File, onClick = it) }
        acts.onRights?.let { ListRow(words("consents.rights"), detail = words("consents.rights.text"), icon = Icons.Rights, onClick = it) }
        before?.let { ListRow(words("consents.before"), icon = Icons.History, onClick = it) }
    }
}
