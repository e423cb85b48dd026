package org.kist.wallet.trash

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.kist.Person
import org.kist.RecordFilter
import org.kist.RecordPlace
import org.kist.RecordSummary
import org.kist.wallet.state.DRAFT
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Outcome
import org.kist.wallet.state.Problem
import org.kist.wallet.state.attempt
import org.kist.wallet.state.load

/** What the trash shows. */
data class TrashState(
    val records: Loadable<List<RecordSummary>> = Loadable.Loading(),
    /** The person is asked whether all of it shall go for good. */
    val asking: Boolean = false,
    /** How many records went. */
    val emptied: Int? = null,
    val problem: Problem? = null,
)

/** The trash: looked through, and emptied. */
class TrashModel(private val person: Person, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(TrashState())
    val state: StateFlow<TrashState> = states.asStateFlow()

    fun look() {
        scope.load({ found ->
            val shown = states.value.records
            if (found !is Loadable.Loading || shown !is Loadable.Ready) states.update { it.copy(records = found) }
        }) { records() }
    }

    fun ask(asking: Boolean) = states.update { it.copy(asking = asking) }

    /** Deletes for good what lies there. What is being typed in a form and isn't saved yet lies there too, and stays. */
    fun empty() {
        states.update { it.copy(asking = false, problem = null) }
        scope.launch {
            val outcome = attempt { records().onEach { person.records.delete(it.id) }.size }
            when (outcome) {
                is Outcome.Done -> states.update { it.copy(emptied = outcome.value) }
                is Outcome.Failed -> states.update { it.copy(problem = outcome.problem) }
            }
            look()
        }
    }

    private suspend fun records(): List<RecordSummary> =
        person.records.list(RecordFilter(place = RecordPlace.TRASH)).filterNot { it.schema == DRAFT }
}
