package org.kist.wallet.home

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.kist.BackupStatus
import org.kist.Due
import org.kist.Facet
import org.kist.InboxItem
import org.kist.OpenRequest
import org.kist.Person
import org.kist.RecordSummary
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Outcome
import org.kist.wallet.state.Problem
import org.kist.wallet.state.attempt
import org.kist.wallet.state.load

/** Everything that home shows. */
data class HomeContent(
    /** The parts of life, the fullest first. */
    val areas: List<Facet>,
    /** What was last written, the newest first; few. */
    val newest: List<RecordSummary>,
    val due: List<Due>,
    val requests: List<OpenRequest>,
    val messages: List<InboxItem>,
    val backup: BackupStatus,
)

/** What home shows, and what becomes of asking the relay for news. */
data class HomeState(
    val content: Loadable<HomeContent> = Loadable.Loading(),
    val refreshing: Boolean = false,
    /** Why there are no news; what is on the device is shown all the same. */
    val problem: Problem? = null,
)

/** Home: what is in the store, what is new, what expires, and what waits for the person. */
class HomeModel(private val person: Person, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(HomeState())
    val state: StateFlow<HomeState> = states.asStateFlow()

    /** Looks at the store anew; called whenever home is shown. */
    fun look() {
        val before = states.value.content
        scope.load({ found ->
            // What is there stays in sight while it is looked at again.
            if (found !is Loadable.Loading || before !is Loadable.Ready) states.update { it.copy(content = found) }
        }) { content() }
    }

    /** Fetches what organisations sent, where there is a relay. */
    fun refresh() {
        if (states.value.refreshing) return
        states.update { it.copy(refreshing = true, problem = null) }
        scope.launch {
            val problem = when (val outcome = attempt { person.inbox.refresh() }) {
                is Outcome.Done -> Problem.of(outcome.value)
                is Outcome.Failed -> outcome.problem
            }
            states.update { it.copy(refreshing = false, problem = problem) }
            look()
        }
    }

    private suspend fun content() = HomeContent(
        areas = person.records.facets().areas,
        newest = person.records.page(limit = NEWEST).records,
        due = person.reminders(DAYS_AHEAD),
        requests = person.requests.pending(),
        messages = person.inbox.items(),
        backup = person.backup.status(),
    )

    private companion object {
        const val NEWEST = 3
        const val DAYS_AHEAD = 30
    }
}
