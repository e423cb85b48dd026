package org.kist.wallet.consents

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import kotlin.time.Duration.Companion.seconds
import org.kist.EffortSaved
import org.kist.ReadInfo
import org.kist.ReadState
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.app.Tab
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.Chip
import org.kist.wallet.design.DangerButton
import org.kist.wallet.design.Empty
import org.kist.wallet.design.Field
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
import org.kist.wallet.design.TickRow
import org.kist.wallet.edit.isEmpty
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.language.chosen
import org.kist.wallet.receipt.standing
import org.kist.wallet.rights.icon
import org.kist.wallet.state.valueOrNull

/** All consents: a place of the bar. */
object ConsentsDestination : Destination("consents", tab = Tab(3, Icons.Consents, "consents.tab")) {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> ConsentsModel(stay.person, scope) }
        stay.Looking(model::look)
        val state by model.state.collectAsState()
        ConsentsScreen(
            state,
            ConsentsActs(
                onView = model::layOutBy,
                onEnded = model::showEnded,
                onSeek = model::seek,
                onRefresh = model::refresh,
                onChoose = model::choose,
                onTick = model::tick,
                onTickAll = model::tickAll,
                onAskToWithdraw = model::askToWithdraw,
                onChange = model::change,
                onUndo = model::undo,
                onPauseEverything = model::pauseEverything,
                onResumeEverything = model::resumeEverything,
                onConsent = { stay.wayTo("consent", it) },
                onCluster = { stay.wayTo("cluster", it) },
                places = listOfNotNull(
                    stay.wayTo("inbox")?.let { Place(Icons.Inbox, "consents.place.inbox", it) },
                    stay.wayTo("connections")?.let { Place(Icons.Organisation, "consents.place.connections", it) },
                    stay.wayTo("rights")?.let { Place(Icons.Rights, "consents.place.rights", it) },
                    stay.wayTo("history")?.let { Place(Icons.History, "consents.place.history", it) },
                ),
            ),
        )
    }
}

/** A room beside this one. */
class Place(val icon: ImageVector, val nameKey: String, val onGo: () -> Unit)

/** What can be done on the screen of all consents. */
class ConsentsActs(
    val onView: (ConsentView) -> Unit = {},
    val onEnded: (Boolean) -> Unit = {},
    val onSeek: (String) -> Unit = {},
    val onRefresh: () -> Unit = {},
    val onChoose: (Boolean) -> Unit = {},
    val onTick: (String, Boolean) -> Unit = { _, _ -> },
    val onTickAll: () -> Unit = {},
    val onAskToWithdraw: (Boolean) -> Unit = {},
    val onChange: (BulkAct) -> Unit = {},
    val onUndo: () -> Unit = {},
    val onPauseEverything: () -> Unit = {},
    val onResumeEverything: () -> Unit = {},
    val onConsent: (String) -> (() -> Unit)? = { null },
    val onCluster: (String) -> (() -> Unit)? = { null },
    val places: List<Place> = emptyList(),
)

@Composable
fun ConsentsScreen(state: ConsentsState, acts: ConsentsActs) {
    val words = LocalWords.current
    val content = state.content.valueOrNull
    val choosing = state.chosen != null
    val canPause = content != null && content.pausedSince == null && content.consents.any { it.stands }
    Screen(
        words(if (choosing) "consents.choosing" else "consents.title"),
        tools = {
            when {
                choosing -> IconAct(Icons.Close, words("consents.choose.end"), { acts.onChoose(false) })
                content != null -> IconAct(Icons.Refresh, words("consents.refresh"), acts.onRefresh, enabled = !state.doing.busy)
            }
        },
        acts = if (!choosing && !canPause) null else ({ Foot(state, choosing, words, acts) }),
    ) {
        state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
        Loaded(state.content) { found ->
            if (found.pausedSince != null) EverythingPaused(found.pausedSince, words, acts)
            state.bulk?.let { BulkBanner(it, found, words, acts) }
            if (found.consents.isEmpty()) {
                Empty(Icons.Consents, words("consents.empty.title"), words("consents.empty.text"))
            } else {
                if (!choosing) Sorting(state, words, acts)
                Groups(state, found, words, acts)
                if (!choosing) {
                    Reads(found.reads, words, acts)
                    Effort(found.effort, words)
                }
            }
            if (!choosing) Places(acts.places, words)
        }
    }
    state.askingToWithdraw?.let { kept ->
        Question(
            words("consents.withdraw.several", "count" to state.chosen.orEmpty().size),
            words.withdrawalMeans(kept),
            yes = words("consents.withdraw"),
            onYes = { acts.onChange(BulkAct.WITHDRAW) },
            onNo = { acts.onAskToWithdraw(false) },
            danger = true,
        )
    }
}

@Composable
private fun Foot(state: ConsentsState, choosing: Boolean, words: Words, acts: ConsentsActs) {
    if (choosing) {
        BulkButtons(state, words, acts)
    } else {
        val text = words("consents.pause_everything")
        SecondaryButton(text, acts.onPauseEverything, Modifier.fillMaxWidth(), Icons.Pause, !state.doing.busy)
    }
}

@Composable
private fun BulkButtons(state: ConsentsState, words: Words, acts: ConsentsActs) {
    val count = state.chosen.orEmpty().size
    val ready = count > 0 && !state.doing.busy
    Text(words("consents.chosen", "count" to count), style = MaterialTheme.typography.titleSmall)
    FlowRow(horizontalArrangement = Arrangement.spacedBy(Space.small), verticalArrangement = Arrangement.spacedBy(Space.small)) {
        SecondaryButton(words("consents.pause"), { acts.onChange(BulkAct.PAUSE) }, icon = Icons.Pause, enabled = ready)
        SecondaryButton(words("consents.resume"), { acts.onChange(BulkAct.RESUME) }, enabled = ready)
        DangerButton(words("consents.withdraw"), { acts.onAskToWithdraw(true) }, enabled = ready)
    }
}

@Composable
private fun EverythingPaused(since: Long, words: Words, acts: ConsentsActs) {
    Banner(
        BannerKind.WARNING,
        words("consents.everything_paused"),
        text = words("consents.everything_paused.text", "when" to words.moment(since)),
        acts = { PlainButton(words("consents.everything_paused.undo"), acts.onResumeEverything) },
    )
}

/** What became of the last act with several, by name where it wasn't done. */
@Composable
private fun BulkBanner(bulk: BulkDone, content: ConsentsContent, words: Words, acts: ConsentsActs) {
    val said = when (bulk.act) {
        BulkAct.PAUSE -> words("consents.done.pause", "count" to bulk.done.size)
        BulkAct.RESUME -> words("consents.done.resume", "count" to bulk.done.size)
        BulkAct.WITHDRAW -> words("consents.done.withdraw", "count" to bulk.done.size)
    }
    if (bulk.done.isNotEmpty()) {
        Banner(
            BannerKind.SUCCESS,
            said,
            text = if (bulk.act == BulkAct.WITHDRAW) words("consents.done.withdraw.text") else null,
            acts = if (bulk.act == BulkAct.WITHDRAW) null else ({ PlainButton(words("consents.undo"), acts.onUndo) }),
        )
    }
    bulk.failed.forEach { failed ->
        val name = content.consents.firstOrNull { it.id == failed.id }?.organisation ?: return@forEach
        Banner(
            BannerKind.ERROR,
            words("consents.done.failed", "organisation" to name),
            text = words.core("errors", checkNotNull(failed.error)),
        )
    }
}

/** By whom, by what, by part of life; and what is sought. */
@Composable
private fun Sorting(state: ConsentsState, words: Words, acts: ConsentsActs) {
    Field(words("consents.seek"), state.sought, acts.onSeek, hint = words("consents.seek.hint"))
    FlowRow(
        Modifier.semantics { contentDescription = words("consents.view") },
        Arrangement.spacedBy(Space.small),
        Arrangement.spacedBy(Space.small),
    ) {
        ConsentView.entries.forEach { view ->
            Chip(words("consents.view.$view"), selected = view == state.view, onClick = { acts.onView(view) })
        }
        Chip(words("consents.ended"), selected = state.withEnded, onClick = { acts.onEnded(!state.withEnded) })
    }
}

@Composable
private fun Groups(state: ConsentsState, content: ConsentsContent, words: Words, acts: ConsentsActs) {
    val choosing = state.chosen != null
    val view = if (choosing) ConsentView.ORGANISATION else state.view
    val consents = content.consents.filter { if (choosing) it.stands else state.sought.isBlank() || it.fits(state.sought, words) }
    val groups = consents.grouped(view, state.withEnded || state.sought.isNotBlank())
        .filter { view == ConsentView.ORGANISATION || state.sought.isBlank() || it.fits(view, state.sought, words) }
    if (groups.isEmpty()) {
        Text(words(if (state.sought.isBlank()) "consents.none_now" else "consents.none_found"))
        return
    }
    if (choosing) {
        PlainButton(words("consents.tick_all"), acts.onTickAll)
    } else if (content.consents.any { it.stands }) {
        PlainButton(words("consents.choose"), { acts.onChoose(true) })
    }
    if (view == ConsentView.ORGANISATION) {
        val (together, alone) = groups.together(content.clusters)
        if (alone.consents.isNotEmpty()) Card { Rows(alone, view, state, words, acts) }
        together.forEach { (cluster, group) ->
            SectionHeading(words.chosen(cluster.name))
            Text(words("consents.cluster.text"), style = MaterialTheme.typography.bodyMedium)
            Card {
                Rows(group, view, state, words, acts)
                acts.onCluster(cluster.id)?.takeIf { !choosing }?.let { PlainButton(words("consents.cluster.go"), it, icon = Icons.People) }
            }
        }
    } else {
        groups.forEach { group ->
            SectionHeading(group.name(view, words))
            Holders(group, words)
            Card { Rows(group, view, state, words, acts) }
        }
    }
}

@Composable
private fun Holders(group: ConsentGroup, words: Words) {
    val holders = group.consents.filter { it.stands }.map { it.organisationId }.distinct().size
    val text = if (holders == 0) words("consents.holders.none") else words("consents.holders", "count" to holders)
    Text(text, style = MaterialTheme.typography.bodyMedium)
}

@Composable
private fun Rows(group: ConsentGroup, view: ConsentView, state: ConsentsState, words: Words, acts: ConsentsActs) {
    val chosen = state.chosen
    group.consents.forEach { consent ->
        val shown = if (view == ConsentView.THING) consent.fieldsOf(group.key, words) else consent.things(words)
        val detail = listOf(shown, consent.standsUntil(words)).filter(String::isNotEmpty).joinToString("\n")
        if (chosen != null) {
            TickRow(consent.organisation, consent.id in chosen, { acts.onTick(consent.id, it) }, detail = detail)
        } else {
            ListRow(
                consent.organisation,
                detail = detail,
                icon = consent.standing(words).icon,
                onClick = acts.onConsent(consent.id),
            )
        }
    }
}

/** What organisations asked to read, and what waits for an answer. */
@Composable
private fun Reads(reads: List<ReadInfo>, words: Words, acts: ConsentsActs) {
    val waiting = reads.filter { it.state == ReadState.PENDING }
    if (waiting.isEmpty()) return
    SectionHeading(words("consents.reads"))
    Card {
        waiting.forEach { read -> ReadRow(read, words) }
        PlainButton(words("consents.reads.answer"), acts.onRefresh)
    }
}

/** What the person needn't type. */
@Composable
private fun Effort(effort: EffortSaved, words: Words) {
    if (effort.fields == 0uL) return
    val seconds = effort.seconds.toLong()
    Banner(
        BannerKind.INFO,
        words("consents.effort", "count" to effort.fields.toLong(), "time" to words.duration(seconds.seconds)),
    )
}

@Composable
private fun Places(places: List<Place>, words: Words) {
    if (places.isEmpty()) return
    SectionHeading(words("consents.places"))
    Card { places.forEach { place -> ListRow(words(place.nameKey), icon = place.icon, onClick = place.onGo) } }
}
