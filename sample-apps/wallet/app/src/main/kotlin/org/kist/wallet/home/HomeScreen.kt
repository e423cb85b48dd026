package org.kist.wallet.home

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.unit.dp
import org.kist.Due
import org.kist.OpenRequest
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.app.Tab
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.Empty
import org.kist.wallet.design.IconAct
import org.kist.wallet.design.Icons
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.state.Loadable
import org.kist.wallet.unlock.StoreProblem

/** Home: the first place of the bar. */
object HomeDestination : Destination("home", tab = Tab(0, Icons.Home, "home.tab")) {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> HomeModel(stay.person, scope).also(HomeModel::refresh) }
        LaunchedEffect(model) { model.look() }
        val state by model.state.collectAsState()
        HomeScreen(
            state,
            HomeActs(
                onLock = stay.wallet::lock,
                onRefresh = model::refresh,
                onBackup = stay.wayTo("kit"),
                onArea = { stay.wayTo("search", it) },
                onRecord = { stay.wayTo("record", it) },
                onRequest = { stay.wayTo("request", it) },
                onConsent = { stay.wayTo("consent", it) },
                onRights = { stay.wayTo("rights", it) },
                onInbox = stay.wayTo("inbox"),
                onAdd = stay.wayTo("edit"),
                onDamaged = stay.wayTo("damaged"),
            ),
        )
    }
}

/** Where home leads to; null where a build hasn't the room. */
class HomeActs(
    val onLock: () -> Unit = {},
    val onRefresh: () -> Unit = {},
    val onBackup: (() -> Unit)? = null,
    val onArea: (String) -> (() -> Unit)? = { null },
    val onRecord: (String) -> (() -> Unit)? = { null },
    val onRequest: (String) -> (() -> Unit)? = { null },
    val onConsent: (String) -> (() -> Unit)? = { null },
    val onRights: (String) -> (() -> Unit)? = { null },
    val onInbox: (() -> Unit)? = null,
    val onAdd: (() -> Unit)? = null,
    val onDamaged: (() -> Unit)? = null,
)

@Composable
fun HomeScreen(state: HomeState, acts: HomeActs) {
    val words = LocalWords.current
    Screen(words("home.title"), tools = { IconAct(Icons.Lock, words("home.lock"), acts.onLock) }) {
        state.problem?.let { ProblemBanner(it, onRetry = acts.onRefresh) }
        val damage = (state.content as? Loadable.Failed)?.problem?.takeIf { it.isDamage }
        if (damage != null) return@Screen StoreProblem(damage, acts.onDamaged)
        Loaded(state.content) { content ->
            BackupLine(content, words, acts)
            Waiting(content, words, acts)
            Expiring(content, words, acts)
            if (content.areas.isEmpty()) {
                Empty(Icons.Chest, words("home.empty.title"), words("home.empty.text")) {
                    acts.onAdd?.let { PrimaryButton(words("home.add"), it, icon = Icons.Plus) }
                }
            } else {
                Newest(content, words, acts)
                Areas(content, words, acts)
            }
        }
    }
}

@Composable
private fun BackupLine(content: HomeContent, words: Words, acts: HomeActs) {
    val last = content.backup.lastBackupAt
    when {
        content.backup.relay == null -> Banner(
            BannerKind.WARNING,
            words("home.backup.none"),
            text = words("home.backup.none.text"),
            acts = acts.onBackup?.let { { PlainButton(words("home.backup.set_up"), it) } },
        )
        last == null -> Banner(BannerKind.WARNING, words("home.backup.never"))
        else -> Text(
            words("home.backup.last", "when" to words.moment(last)),
            style = MaterialTheme.typography.bodySmall,
        )
    }
}

/** What waits for a decision or to be read. */
@Composable
private fun Waiting(content: HomeContent, words: Words, acts: HomeActs) {
    if (content.requests.isEmpty() && content.messages.isEmpty()) return
    SectionHeading(words("home.waiting"))
    Card {
        content.requests.forEach { request ->
            ListRow(
                words("home.request", "organisation" to asker(request)),
                detail = words("home.request.until", "when" to words.moment(request.expiresAt)),
                icon = Icons.Consents,
                onClick = acts.onRequest(request.id),
            )
        }
        if (content.messages.isNotEmpty()) {
            ListRow(
                words("home.messages", "count" to content.messages.size),
                detail = words.list(content.messages.map { it.organisation }.distinct()),
                icon = Icons.Inbox,
                onClick = acts.onInbox,
            )
        }
    }
}

private fun asker(request: OpenRequest): String =
    request.evaluation.asker.let { (it.onBehalfOf ?: it.organisation).name }

/** What expires, and who owes an answer. */
@Composable
private fun Expiring(content: HomeContent, words: Words, acts: HomeActs) {
    if (content.due.isEmpty()) return
    SectionHeading(words("home.due"))
    Card {
        content.due.forEach { due ->
            when (due) {
                is Due.InRecord -> ListRow(
                    due.reminder.title.ifEmpty { words.kind(due.reminder.schema) },
                    detail = words(if (due.reminder.passed) "home.due.passed" else "home.due.comes", "day" to words.day(due.reminder.date)),
                    icon = Icons.Clock,
                    onClick = acts.onRecord(due.reminder.record),
                )
                is Due.SilentWithdrawal -> ListRow(
                    words("home.due.silent", "organisation" to due.organisation),
                    detail = words("home.due.silent.since", "day" to words.day(due.silentSince)),
                    icon = Icons.Organisation,
                    onClick = acts.onConsent(due.consent),
                )
                is Due.OverdueRights -> ListRow(
                    words("home.due.rights", "organisation" to due.organisation),
                    detail = words("home.due.rights.by", "day" to words.day(due.dueAt)),
                    icon = Icons.Organisation,
                    onClick = acts.onRights(due.request),
                )
            }
        }
    }
}

@Composable
private fun Newest(content: HomeContent, words: Words, acts: HomeActs) {
    SectionHeading(words("home.newest"))
    Card {
        content.newest.forEach { record ->
            ListRow(
                record.title.ifEmpty { words.kind(record.schema) },
                detail = words("home.record", "kind" to words.kind(record.schema), "day" to words.day(record.changedMs / MILLISECONDS)),
                icon = Icons.ofArea(record.area),
                onClick = acts.onRecord(record.id),
            )
        }
    }
}

@Composable
private fun Areas(content: HomeContent, words: Words, acts: HomeActs) {
    SectionHeading(words("home.areas"))
    Card(Modifier.fillMaxWidth().padding(bottom = 8.dp)) {
        content.areas.forEach { area ->
            ListRow(
                words.area(area.value),
                mark = words("home.records", "count" to area.records.toLong()),
                icon = Icons.ofArea(area.value),
                onClick = acts.onArea(area.value),
            )
        }
    }
}

private const val MILLISECONDS = 1_000L
