package org.kist.wallet.rights

import androidx.compose.foundation.text.selection.SelectionContainer
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.graphics.vector.ImageVector
import org.kist.ConsentSummary
import org.kist.RefusedRequest
import org.kist.Report
import org.kist.RightsDetail
import org.kist.RightsReply
import org.kist.RightsStage
import org.kist.RightsSummary
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.Empty
import org.kist.wallet.design.IconAct
import org.kist.wallet.design.Icons
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.language.chosen
import org.kist.wallet.language.fieldName
import org.kist.wallet.state.valueOrNull

/** All requests of rights; with an id, one of them. */
object RightsDestination : Destination("rights") {
    @Composable
    override fun Content(stay: Stay) {
        val id = stay.route.ids.firstOrNull()
        if (id == null) All(stay) else One(stay, id)
    }

    @Composable
    private fun All(stay: Stay) {
        val model = stay.model { scope -> RightsModel(stay.person, scope) }
        stay.Looking(model::look)
        val state by model.state.collectAsState()
        RightsScreen(
            state,
            RightsActs(
                onBack = stay.wayBack,
                onRefresh = model::refresh,
                onRequest = { stay.wayTo("rights", it) },
                onReport = { stay.wayTo("report-made", it) },
                onAsk = { stay.wayTo("ask-right", it) },
                onRefused = { stay.wayTo("report-request", it) },
            ),
        )
    }

    @Composable
    private fun One(stay: Stay, id: String) {
        val model = stay.model { scope -> RightModel(stay.person, id, scope) }
        stay.Looking(model::look)
        val state by model.state.collectAsState()
        RightScreen(
            state,
            stay.wayBack,
            onRefresh = model::refresh,
            onRemind = model::remind,
            onReport = state.consent?.let { stay.wayTo("report", it) },
            onRecord = { stay.wayTo("record", it) },
        )
    }
}

/** Where the list leads to. */
class RightsActs(
    val onBack: (() -> Unit)? = {},
    val onRefresh: () -> Unit = {},
    val onRequest: (String) -> (() -> Unit)? = { null },
    val onReport: (String) -> (() -> Unit)? = { null },
    val onAsk: (String) -> (() -> Unit)? = { null },
    val onRefused: (String) -> (() -> Unit)? = { null },
)

@Composable
fun RightsScreen(state: RightsState, acts: RightsActs) {
    val words = LocalWords.current
    Screen(
        words("rights.title"),
        onBack = acts.onBack,
        tools = { IconAct(Icons.Refresh, words("rights.refresh"), acts.onRefresh, enabled = !state.doing.busy) },
    ) {
        state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
        Text(words("rights.text"))
        Loaded(state.content) { content ->
            Requests(content, words, acts)
            Askable(content.askable, words, acts)
            TurnedDown(content.turnedDown, words, acts)
            Reports(content.reports, words, acts)
        }
    }
}

@Composable
private fun Requests(content: RightsContent, words: Words, acts: RightsActs) {
    if (content.requests.isEmpty()) return
    SectionHeading(words("rights.asked"))
    Card {
        content.requests.forEach { request ->
            val refused = request.id in content.refused
            ListRow(
                words("rights.right.${request.right}"),
                detail = request.organisation + "\n" + stage(request, refused, words),
                icon = if (refused) Icons.Close else request.stage.icon,
                onClick = acts.onRequest(request.id),
            )
        }
    }
}

internal val RightsStage.icon: ImageVector
    get() = when (this) {
        RightsStage.WAITING, RightsStage.SENT, RightsStage.EXTENDED -> Icons.Clock
        RightsStage.NOT_TAKEN, RightsStage.OVERDUE -> Icons.Warning
        RightsStage.ANSWERED -> Icons.Check
    }

/** Where it stands, with the day that matters. */
internal fun stage(request: RightsSummary, refused: Boolean, words: Words): String {
    val due = request.dueAt?.let(words::day).orEmpty()
    val answered = request.answeredAt?.let(words::day).orEmpty()
    return when (request.stage) {
        RightsStage.WAITING -> words("rights.stage.waiting")
        RightsStage.NOT_TAKEN -> words("rights.stage.not_taken")
        RightsStage.SENT -> words("rights.stage.sent", "day" to due)
        RightsStage.EXTENDED -> words("rights.stage.extended", "day" to due)
        RightsStage.OVERDUE -> words("rights.stage.overdue", "day" to due)
        RightsStage.ANSWERED ->
            if (refused) words("rights.stage.refused", "day" to answered) else words("rights.stage.answered", "day" to answered)
    }
}

/** Whom more can be asked of. */
@Composable
private fun Askable(askable: List<ConsentSummary>, words: Words, acts: RightsActs) {
    if (askable.isEmpty()) {
        Empty(Icons.Rights, words("rights.empty.title"), words("rights.empty.text"))
        return
    }
    SectionHeading(words("rights.ask.whom"))
    Card {
        askable.forEach { consent -> ListRow(consent.organisation, icon = Icons.Organisation, onClick = acts.onAsk(consent.id)) }
    }
}

/** What was refused: it can be reported. */
@Composable
private fun TurnedDown(refused: List<RefusedRequest>, words: Words, acts: RightsActs) {
    if (refused.isEmpty()) return
    SectionHeading(words("rights.refused"))
    Text(words("rights.refused.text"))
    Card {
        refused.forEach { request ->
            val day = words("rights.refused.on", "day" to words.day(request.refusedAt))
            ListRow(
                request.organisation,
                detail = if (request.overAsking) day + "\n" + words("rights.refused.too_much") else day,
                icon = Icons.Organisation,
                onClick = acts.onRefused(request.id),
            )
        }
    }
}

@Composable
private fun Reports(reports: List<Report>, words: Words, acts: RightsActs) {
    if (reports.isEmpty()) return
    SectionHeading(words("rights.reports"))
    Card {
        reports.forEach { report ->
            val sent = report.sentAt
            ListRow(
                report.organisation,
                detail = if (sent == null) words("rights.report.made", "day" to words.day(report.madeAt))
                else words("rights.report.sent_on", "day" to words.day(sent)),
                icon = Icons.File,
                onClick = acts.onReport(report.id),
            )
        }
    }
}

@Composable
fun RightScreen(
    state: OneRightState,
    onBack: (() -> Unit)?,
    onRefresh: () -> Unit,
    onRemind: () -> Unit,
    onReport: (() -> Unit)?,
    onRecord: (String) -> (() -> Unit)?,
) {
    val words = LocalWords.current
    val detail = state.content.valueOrNull
    Screen(
        detail?.let { words("rights.right.${it.summary.right}") } ?: words("rights.one"),
        onBack = onBack,
        tools = {
            if (detail != null) IconAct(Icons.Refresh, words("rights.refresh"), onRefresh, enabled = !state.doing.busy)
        },
    ) {
        state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
        Loaded(state.content) { found ->
            val request = found.summary
            val banner = if (found.isRefused) BannerKind.WARNING else request.stage.banner
            Banner(banner, stage(request, found.isRefused, words), text = words("rights.to", "organisation" to request.organisation))
            Steps(request, found.isRefused, words)
            Asked(found, words)
            found.extension?.let { Reply(words("rights.extension"), it, words) }
            found.answer?.let { Reply(words("rights.answer"), it, words) }
            Records(found, words, onRecord)
            if (request.stage == RightsStage.OVERDUE) {
                request.remindedAt?.let { Text(words("rights.reminded", "day" to words.day(it))) }
                SecondaryButton(words("rights.remind"), onRemind, enabled = !state.doing.busy)
            }
            onReport?.let { Complain(found, words, it) }
        }
    }
}

private val RightsStage.banner: BannerKind
    get() = when (this) {
        RightsStage.WAITING -> BannerKind.OFFLINE
        RightsStage.NOT_TAKEN, RightsStage.OVERDUE -> BannerKind.WARNING
        RightsStage.SENT, RightsStage.EXTENDED -> BannerKind.INFO
        RightsStage.ANSWERED -> BannerKind.SUCCESS
    }

/** The days: asked, sent, due. */
@Composable
private fun Steps(request: RightsSummary, refused: Boolean, words: Words) = Card {
    ListRow(words("rights.step.made"), icon = Icons.Check, detail = words.day(request.madeAt))
    request.sentAt?.let { ListRow(words("rights.step.sent"), icon = Icons.Check, detail = words.day(it)) }
    val answered = request.answeredAt
    if (answered != null) {
        ListRow(words("rights.step.answered"), icon = if (refused) Icons.Close else Icons.Check, detail = words.day(answered))
    } else {
        request.dueAt?.let { ListRow(words("rights.step.due"), icon = request.stage.icon, detail = words.day(it)) }
    }
}

@Composable
private fun Asked(detail: RightsDetail, words: Words) {
    val request = detail.summary
    val reason = detail.reason
    SectionHeading(words("rights.about"))
    Text(
        when {
            request.consent == null -> words("rights.about.everything")
            request.fields.isEmpty() -> words("rights.about.consent")
            else -> words.list(request.fields.map(words::fieldName))
        },
    )
    if (reason != null) Text(words("rights.reason.was", "reason" to reason))
}

@Composable
private fun Reply(title: String, reply: RightsReply, words: Words) {
    val until = reply.until
    SectionHeading(title)
    Card {
        Text(words("rights.outcome.${reply.outcome}"), style = MaterialTheme.typography.titleSmall)
        reply.ground?.let { Text(words("rights.ground.$it")) }
        if (until != null) Text(words("rights.outcome.until", "day" to words.day(until)))
        if (reply.text.isNotEmpty()) SelectionContainer { Text(words("rights.said", "text" to words.chosen(reply.text))) }
        Text(words.day(reply.answeredAt), style = MaterialTheme.typography.bodySmall)
    }
}

/** What came with the answer: it lies among the person's records. */
@Composable
private fun Records(detail: RightsDetail, words: Words, onRecord: (String) -> (() -> Unit)?) {
    if (detail.records.isEmpty() && detail.waiting == 0uL) return
    SectionHeading(words("rights.came"))
    Card {
        detail.records.forEachIndexed { at, record ->
            ListRow(words("rights.came.record", "number" to at + 1), icon = Icons.File, onClick = onRecord(record))
        }
        if (detail.waiting > 0uL) Text(words("rights.came.waiting", "count" to detail.waiting.toLong()))
    }
}

@Composable
private fun Complain(detail: RightsDetail, words: Words, onReport: () -> Unit) {
    val authority = detail.authority
    SectionHeading(words("rights.complain"))
    Text(
        if (authority == null) words("rights.complain.text")
        else words("rights.complain.to", "authority" to authority.name),
    )
    SecondaryButton(words("rights.report"), onReport)
}
