package org.kist.wallet.backup

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.kist.BackupReport
import org.kist.BackupStatus
import org.kist.Person
import org.kist.RehearsalReport
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.loadWork
import org.kist.wallet.state.lookAgain

/** What the screen of the backup shows. */
data class BackupState(
    val status: Loadable<BackupStatus> = Loadable.Loading(),
    /** The backup that was begun here; null before. */
    val backup: Loadable<BackupReport>? = null,
    /** The trial restore that was begun here; null before. */
    val rehearsal: Loadable<RehearsalReport>? = null,
) {
    /** Something is under way: one thing at a time. */
    val busy: Boolean get() = backup is Loadable.Loading || rehearsal is Loadable.Loading
}

/** The backup: where it stands, bringing it up to date, and proof that it can be restored. */
class BackupModel(private val person: Person, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(BackupState())
    val state: StateFlow<BackupState> = states.asStateFlow()

    fun look() {
        scope.lookAgain({ states.value.status }, { found -> states.update { it.copy(status = found) } }) { person.backup.status() }
    }

    /** Brings the backup up to date. */
    fun run() {
        if (states.value.busy) return
        scope.loadWork({ person.backup.run() }, cancelled = { tell(null) }, into = ::tell)
    }

    /** Restores it into a folder apart, and throws that away. */
    fun rehearse() {
        if (states.value.busy) return
        scope.loadWork(
            { person.backup.rehearse() },
            cancelled = { states.update { it.copy(rehearsal = null) } },
            into = { found -> states.update { it.copy(rehearsal = found) } },
        )
    }

    private fun tell(found: Loadable<BackupReport>?) {
        states.update { it.copy(backup = found) }
        if (found !is Loadable.Loading) look()
    }
}
