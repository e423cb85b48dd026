package org.kist.wallet.edit

import java.nio.file.Path
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.kist.FileDetails
import org.kist.Person
import org.kist.Record
import org.kist.StoredFile
import org.kist.wallet.ports.FilePicker
import org.kist.wallet.ports.Previews
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.attempt
import org.kist.wallet.state.loadWork

/** A file of a record. One that was taken in for it and isn't saved yet is a [document] of its own until then. */
data class Attached(val document: String?, val file: StoredFile)

/** The files of a form. */
data class AttachState(
    val files: List<Attached> = emptyList(),
    /** What is being taken in; null where nothing is. */
    val working: Loadable<Unit>? = null,
    /** The files that the record has, as it is saved. */
    val saved: List<StoredFile> = emptyList(),
) {
    /** Files that were taken in, by their ids. */
    val added: List<String> get() = files.filter { it.document != null }.map { it.file.id }

    /** Files that were taken away, by their ids. */
    val removed: List<String> get() = (saved - files.map { it.file }.toSet()).map { it.id }
}

/** Takes files into the store for a record that is being written. */
class Attachments(
    private val person: Person,
    private val picker: FilePicker,
    private val previews: Previews?,
    private val scope: CoroutineScope,
) {
    private val states = MutableStateFlow(AttachState())
    val state: StateFlow<AttachState> = states.asStateFlow()

    /** Begins with the files that a record has. */
    fun begin(saved: List<StoredFile>) = states.update { it.copy(files = saved.map { file -> Attached(null, file) }, saved = saved) }

    /** Lets the person choose a file; [title] is the dialog's. */
    fun choose(title: String) {
        scope.launch { picker.open(title)?.let { attach(it) } }
    }

    /** Takes a file in, with a small picture where it is one. */
    private suspend fun attach(path: Path) {
        val details = FileDetails(thumbnail = previews?.thumbnail(path))
        scope.loadWork(
            { person.files.attach(path, details) },
            cancelled = { states.update { it.copy(working = null) } },
            into = ::tell,
        )
    }

    private fun tell(work: Loadable<Record>) = states.update { state ->
        when (work) {
            is Loadable.Ready -> {
                val document = work.value
                state.copy(files = state.files + Attached(document.id, document.files.single()), working = null)
            }
            is Loadable.Loading -> state.copy(working = work)
            is Loadable.Failed -> state.copy(working = work)
        }
    }

    /** Takes a file away again. */
    fun remove(attached: Attached) {
        states.update { it.copy(files = it.files - attached) }
        if (attached.document != null) scope.launch { attempt { person.records.delete(attached.document) } }
    }

    /** The record has them now: the documents by which they came go, and the files stay with the record. */
    suspend fun bound() = clear()

    /** The record won't be: what was taken in for it goes. */
    suspend fun giveUp() = clear()

    private suspend fun clear() {
        for (document in states.value.files.mapNotNull { it.document }) person.records.delete(document)
        states.value = AttachState()
    }
}
