package org.kist.wallet.record

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.onCompletion
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.kist.Person
import org.kist.StoredFile
import org.kist.wallet.ports.FilePicker
import org.kist.wallet.ports.Picture
import org.kist.wallet.ports.Previews
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Outcome
import org.kist.wallet.state.Problem
import org.kist.wallet.state.attempt
import org.kist.wallet.state.loadWork

/** What is shown of a record's files. */
data class FilesState(
    /** Small pictures by the ids of their files. */
    val small: Map<String, Picture> = emptyMap(),
    /** The file that is looked at, large. */
    val open: OpenFile? = null,
    /** A copy that is being saved, or was; null before. */
    val saving: Loadable<String>? = null,
)

/** A file that is looked at. */
data class OpenFile(val file: StoredFile, val picture: Loadable<Picture>)

/** The files of a record: small pictures, a look at one, a copy outside. */
class FilesModel(
    private val person: Person,
    private val picker: FilePicker,
    private val previews: Previews?,
    private val scope: CoroutineScope,
) {
    private val states = MutableStateFlow(FilesState())
    val state: StateFlow<FilesState> = states.asStateFlow()

    /** Fetches the small pictures of these files. One that can't be read is left out: the file has its name. */
    fun look(files: List<StoredFile>) {
        val missing = files.filter { it.hasThumbnail && it.id !in states.value.small }
        if (previews == null || missing.isEmpty()) return
        scope.launch {
            for (file in missing) {
                val found = attempt { person.files.thumbnail(file.id)?.let { previews.picture(it.bytes, SMALL) } }
                val picture = (found as? Outcome.Done)?.value ?: continue
                states.update { it.copy(small = it.small + (file.id to picture)) }
            }
        }
    }

    /** Whether it can be looked at here. */
    fun canOpen(file: StoredFile): Boolean = previews != null && file.mediaType.startsWith("image/")

    /** Shows a picture large. */
    fun open(file: StoredFile) {
        val previews = previews ?: return
        val show = { picture: Loadable<Picture> -> states.update { it.copy(open = OpenFile(file, picture)) } }
        show(Loadable.Loading())
        scope.launch {
            val read = attempt { previews.picture(person.files.read(file.id), LARGE) }
            if (states.value.open?.file?.id != file.id) return@launch
            when (read) {
                is Outcome.Done -> show(
                    read.value?.let { Loadable.Ready(it) } ?: Loadable.Failed(Problem.own("PictureDamaged", "file" to file.name)),
                )
                is Outcome.Failed -> show(Loadable.Failed(read.problem))
            }
        }
    }

    fun close() = states.update { it.copy(open = null) }

    /** Writes a copy where the person says; [title] is the dialog's. */
    fun save(file: StoredFile, title: String) {
        scope.launch {
            val to = picker.save(title, file.name) ?: return@launch
            scope.loadWork(
                { person.files.save(file.id, to).onCompletion { failed -> if (failed == null) picker.saved(to) } },
                cancelled = { states.update { it.copy(saving = null) } },
                into = { work ->
                    val told: Loadable<String> = when (work) {
                        is Loadable.Ready -> Loadable.Ready(to.fileName.toString())
                        is Loadable.Loading -> work
                        is Loadable.Failed -> work
                    }
                    states.update { it.copy(saving = told) }
                },
            )
        }
    }

    private companion object {
        /** The longest side of pictures in a list and on the whole screen, in pixels. */
        const val SMALL = 192
        const val LARGE = 2_048
    }
}
