package org.kist.wallet.backup

import java.nio.file.Path
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.onCompletion
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.kist.ExportReport
import org.kist.Person
import org.kist.wallet.language.Words
import org.kist.wallet.ports.FilePicker
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.loadWork

/** What the screen of an export shows. */
data class ExportState(
    /** Keys, agreements and history come too, sealed under a code. */
    val sealed: Boolean = false,
    val archive: Path? = null,
    /** The export that was begun; null before. */
    val work: Loadable<ExportReport>? = null,
)

/** Writes everything into one file that any computer can read. */
class ExportModel(private val person: Person, private val files: FilePicker, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(ExportState())
    val state: StateFlow<ExportState> = states.asStateFlow()

    fun seal(sealed: Boolean) = states.update { it.copy(sealed = sealed) }

    /** Writes it where the person chooses, with pages in their language. */
    fun export(words: Words) {
        if (states.value.work is Loadable.Loading) return
        scope.launch {
            val archive = files.save(words("backup.export.save"), words("backup.export.file")) ?: return@launch
            states.update { it.copy(archive = archive) }
            scope.loadWork(
                { person.export(archive, states.value.sealed, words.language.locale).onCompletion { if (it == null) files.saved(archive) } },
                cancelled = { states.update { it.copy(work = null) } },
                into = { found -> states.update { it.copy(work = found) } },
            )
        }
    }
}
