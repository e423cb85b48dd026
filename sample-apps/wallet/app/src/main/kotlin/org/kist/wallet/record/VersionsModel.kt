package org.kist.wallet.record

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import org.kist.Person
import org.kist.RecordChange
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.load

/** The versions of a record, the newest first, with the rules by which their values are read. */
data class Versions(val changes: List<RecordChange>, val type: RecordType?)

/** What became of a record over time. */
class VersionsModel(private val person: Person, private val id: String, private val scope: CoroutineScope) {
    private val states = MutableStateFlow<Loadable<Versions>>(Loadable.Loading())
    val state: StateFlow<Loadable<Versions>> = states.asStateFlow()

    fun look() {
        scope.load({ states.value = it }) {
            val changes = person.curation.changes(id)
            Versions(changes.reversed(), changes.firstOrNull()?.let { person.typeOf(it.revision.schema) })
        }
    }
}
