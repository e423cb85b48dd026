package org.kist.wallet.request

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import org.kist.BrowserSession
import org.kist.Verdict
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Icons
import org.kist.wallet.design.LocalTone
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Question
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.Space
import org.kist.wallet.design.Working
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.chosen
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem

/** What a person does with a request. What is null isn't to be had here, and isn't offered. */
class RequestActs(
    val onTick: (field: String, ticked: Boolean) -> Unit = { _, _ -> },
    val onRecord: (credential: String, candidate: String) -> Unit = { _, _ -> },
    val onOption: (place: Int, option: Int?) -> Unit = { _, _ -> },
    val onRemember: ((Remember) -> Unit)? = null,
    val onShare: () -> Unit = {},
    val onShareRemembered: (() -> Unit)? = null,
    val onCancel: () -> Unit = {},
    val onAskToRefuse: (Boolean) -> Unit = {},
    val onRefuse: () -> Unit = {},
    val onNotNow: () -> Unit = {},
    val onSendNow: () -> Unit = {},
    val onLookAgain: () -> Unit = {},
    /** Opens a page of the web. */
    val onOpenPage: (String) -> Unit = {},
    val onReceipt: ((consent: String) -> Unit)? = null,
    val onDone: () -> Unit = {},
    /** Where several organisations are decided on together. */
    val onJoint: (cluster: String) -> Unit = {},
    /** Adds a record of a kind. */
    val onAdd: ((schema: String) -> Unit)? = null,
    /** Where everything that is paused goes on. */
    val onConsents: (() -> Unit)? = null,
    /** Makes a report about the request. */
    val onReport: (() -> Unit)? = null,
)

/** A request, whatever has become of it. [top] stands above everything, as the word that this is practice does. */
@Composable
fun RequestScreen(state: RequestState, acts: RequestActs, top: @Composable () -> Unit = {}) {
    val words = LocalWords.current
    when (val found = state.found) {
        is Loadable.Loading -> Screen(words("request.opening.title"), acts.onNotNow) {
            top()
            Working(words("request.opening"), onCancel = acts.onNotNow)
        }
        is Loadable.Failed -> Screen(words("request.failed.title"), acts.onNotNow, acts = {
            SecondaryButton(words("request.done"), acts.onDone, Modifier.fillMaxWidth())
        }) {
            top()
            ProblemBanner(found.problem, onRetry = acts.onLookAgain)
            Text(words("request.failed.safe"), style = MaterialTheme.typography.bodyLarge)
        }
        is Loadable.Ready -> when (val now = found.value) {
            is Found.Open -> AskingScreen(now.asking, state, acts, top)
            is Found.Answered -> SharedScreen(now, state, acts, top)
            is Found.Refused -> RefusedScreen(now, acts, top)
            Found.Gone -> GoneScreen(acts, top)
        }
    }
}

private val RequestState.mayShare: Boolean get() = !sending && asking?.mayShare(choosing) == true

@Composable
private fun AskingScreen(asking: Asking, state: RequestState, acts: RequestActs, top: @Composable () -> Unit) {
    val words = LocalWords.current
    Screen(
        words("request.title", "organisation" to asking.who.name),
        acts.onNotNow,
        acts = { Decision(asking, state, acts) },
    ) {
        top()
        state.joint?.let { JointBanner(it, acts) }
        AskingSections(asking, state.choosing, acts)
    }
    if (state.refusing) RefuseQuestion(words("request.refuse.text", "organisation" to asking.who.name), acts)
}

/** That others ask with them, and are decided on together. */
@Composable
private fun JointBanner(joint: Joint, acts: RequestActs) {
    val words = LocalWords.current
    Banner(
        BannerKind.INFO,
        words("request.joint", "cluster" to words.chosen(joint.name)),
        text = words("request.joint.text"),
        acts = { PlainButton(words("request.joint.go"), { acts.onJoint(joint.id) }) },
    )
}

/** All that is to be known of a request before it is decided. */
@Composable
internal fun AskingSections(asking: Asking, choosing: Choosing, acts: RequestActs) {
    val words = LocalWords.current
    WhoSection(asking.who, acts)
    asking.session?.let { SessionBanner(it) }
    asking.warnings.forEach { warning ->
        val (what, todo) = words.warning(warning)
        Banner(BannerKind.WARNING, what, text = todo)
    }
    RulesBanner(asking, acts)
    WhySection(asking)
    WhatSection(asking, choosing, acts)
    acts.onReport?.takeIf { asking.fields.any { it.overAsking.isNotEmpty() } }?.let { ReportSection(asking.who, it) }
    AfterSection(asking)
    acts.onRemember?.takeIf { asking.canRemember }?.let { RememberSection(choosing.remember, it) }
    Text(
        words("request.answer_by", "when" to words.moment(asking.expiresAt)),
        style = MaterialTheme.typography.bodyMedium,
        color = LocalTone.current.quiet,
    )
}

/** They ask for too much: whom that can be reported to. */
@Composable
private fun ReportSection(who: Who, onReport: () -> Unit) {
    val words = LocalWords.current
    Text(words("request.tell", "supervisor" to who.supervisor, "organisation" to who.name), style = MaterialTheme.typography.bodyMedium)
    PlainButton(words("request.report"), onReport, icon = Icons.File)
}

/** Whether the person means to refuse; [text] says what it means. */
@Composable
internal fun RefuseQuestion(text: String, acts: RequestActs) {
    val words = LocalWords.current
    Question(
        words("request.refuse.title"),
        text,
        words("request.refuse.yes"),
        acts.onRefuse,
        { acts.onAskToRefuse(false) },
        no = words("request.refuse.no"),
    )
}

/** What the person does about it, and what keeps it from being shared. */
@Composable
private fun Decision(asking: Asking, state: RequestState, acts: RequestActs) {
    val words = LocalWords.current
    if (state.sending) return Working(words("request.sending", "organisation" to asking.who.name), onCancel = acts.onCancel)
    state.problem?.let { FailedToShare(it, words("request.nothing_shared"), acts) }
    val lacking = asking.lacking(state.choosing)
    if (lacking.isNotEmpty() && asking.verdict !is Verdict.Refuse) {
        Text(
            words("request.lacking", "fields" to words.list(lacking.map { words.field(it, asking.part(it).schema) })),
            style = MaterialTheme.typography.bodyMedium,
        )
    }
    DecisionButtons(asking.things(state.choosing).size, state.mayShare, acts)
}

/** To share so many things, to refuse, or to leave it for later. */
@Composable
internal fun DecisionButtons(things: Int, mayShare: Boolean, acts: RequestActs) {
    val words = LocalWords.current
    PrimaryButton(
        if (things == 0) words("request.share.nothing") else words("request.share", "count" to things),
        acts.onShare,
        Modifier.fillMaxWidth(),
        enabled = mayShare,
    )
    FlowRow(Modifier.fillMaxWidth(), Arrangement.spacedBy(Space.small), Arrangement.spacedBy(Space.small)) {
        SecondaryButton(words("request.refuse"), { acts.onAskToRefuse(true) }, Modifier.weight(1f))
        SecondaryButton(words("request.not_now"), acts.onNotNow, Modifier.weight(1f))
    }
}

/** Why it wasn't shared; [shared] says what was all the same. */
@Composable
internal fun FailedToShare(problem: Problem, shared: String, acts: RequestActs) {
    ProblemBanner(problem, onRetry = acts.onShare)
    Text(shared, style = MaterialTheme.typography.bodyMedium)
}

/** A request that signs the person in somewhere: the oldest trick is to let somebody else's session be answered. */
@Composable
private fun SessionBanner(session: BrowserSession) {
    val words = LocalWords.current
    val text = when (session) {
        is BrowserSession.SameDevice -> words("request.session.here")
        BrowserSession.AcrossDevices -> words("request.session.there")
    }
    Banner(BannerKind.WARNING, words("request.session"), text = text)
}

/** What the person decided beforehand, and what follows from it here. */
@Composable
private fun RulesBanner(asking: Asking, acts: RequestActs) {
    val words = LocalWords.current
    when (val verdict = asking.verdict) {
        Verdict.Ask -> {}
        is Verdict.AskLater -> Banner(
            BannerKind.INFO,
            words("request.rules.quiet", "when" to words.moment(verdict.until)),
            text = words("request.rules.quiet.text"),
        )
        is Verdict.Remembered -> Banner(
            BannerKind.INFO,
            words("request.rules.remembered"),
            text = words("request.rules.remembered.text", "fields" to rememberedFields(asking, verdict)),
            acts = acts.onShareRemembered?.let { { PlainButton(words("request.rules.remembered.share"), it) } },
        )
        is Verdict.Refuse -> Banner(
            BannerKind.WARNING,
            words("request.rules.kept_back", "fields" to words.list(named(asking, verdict.fields))),
            text = words("request.rules.kept_back.text"),
        )
        Verdict.Paused -> Banner(
            BannerKind.WARNING,
            words("request.rules.paused"),
            text = words("request.rules.paused.text"),
            acts = acts.onConsents?.let { { PlainButton(words("request.rules.paused.go_on"), it) } },
        )
    }
}

@Composable
private fun rememberedFields(asking: Asking, verdict: Verdict.Remembered): String =
    LocalWords.current.list(named(asking, verdict.fields))

@Composable
private fun named(asking: Asking, fields: List<String>): List<String> {
    val words = LocalWords.current
    return asking.fields.filter { it.field in fields }.map { words.field(it, asking.part(it).schema) }
}
