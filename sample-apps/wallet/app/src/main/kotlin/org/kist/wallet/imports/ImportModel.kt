package org.kist.wallet.imports

import java.nio.file.Path
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.kist.ImportColumn
import org.kist.ImportHow
import org.kist.ImportPlan
import org.kist.ImportPreview
import org.kist.ImportReport
import org.kist.Person
import org.kist.wallet.edit.Kind
import org.kist.wallet.edit.kinds
import org.kist.wallet.ports.FilePicker
import org.kist.wallet.record.RecordType
import org.kist.wallet.record.Rule
import org.kist.wallet.record.typeOf
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Outcome
import org.kist.wallet.state.Problem
import org.kist.wallet.state.attempt
import org.kist.wallet.state.loadWork

/** Where an import is. */
sealed interface ImportStage {
    /** Nothing is chosen yet. */
    data class Choose(val problem: Problem? = null) : ImportStage

    /** The source is being read; nothing is written by that. */
    data class Reading(val name: String, val cancel: () -> Unit) : ImportStage

    /** What would be taken and what not. */
    data class Look(
        val name: String,
        val plan: ImportPlan,
        val how: ImportHow,
        /** Places in the plan that the person leaves out. */
        val without: Set<Int> = emptySet(),
        /** What a column can become: members of the kind of its rows. */
        val members: List<String> = emptyList(),
        /** The kind of a table's rows; null where none was found. */
        val kind: String? = null,
        /** What the rows of a table can be. */
        val kinds: List<Kind> = emptyList(),
    ) : ImportStage {
        /** How many records would be taken. */
        val taken: Int get() = plan.records.indices.count { it !in without && plan.records[it].already == null }
    }

    /** The records go in, or it failed in the middle. */
    data class Taking(val work: Loadable<ImportReport>) : ImportStage

    /** What came of it. */
    data class Done(val report: ImportReport) : ImportStage
}

/** Takes files of other programs in: shows first what would be taken and what not, and why. */
class ImportModel(private val person: Person, private val picker: FilePicker, private val scope: CoroutineScope) {
    private val states = MutableStateFlow<ImportStage>(ImportStage.Choose())
    val state: StateFlow<ImportStage> = states.asStateFlow()
    private var preview: ImportPreview? = null
    private var source: Path? = null
    private var reading: Job? = null

    init {
        // What was read holds the store open: it is let go of when the screen is left, and before the app locks.
        scope.coroutineContext.job.invokeOnCompletion { forget() }
    }

    /** Lets the person choose a file, and hands it on. */
    fun chooseFile(title: String, onChosen: (Path) -> Unit) {
        scope.launch { picker.open(title)?.let(onChosen) }
    }

    /** Lets the person choose a folder. */
    fun chooseFolder(title: String) {
        scope.launch { picker.openFolder(title)?.let { read(it) } }
    }

    /** Reads a file or folder, such as one that was dropped on the window. */
    fun read(from: Path, how: ImportHow = ImportHow()) {
        reading?.cancel()
        source = from
        val name = from.fileName?.toString().orEmpty()
        reading = scope.launch {
            states.value = ImportStage.Reading(name) {
                reading?.cancel()
                states.value = ImportStage.Choose()
            }
            states.value = when (val outcome = attempt { look(from, name, how) }) {
                is Outcome.Done -> outcome.value
                is Outcome.Failed -> ImportStage.Choose(outcome.problem)
            }
        }
    }

    /** Reads the same once more, otherwise. */
    fun readAs(how: ImportHow) {
        source?.let { read(it, how) }
    }

    /** What a column becomes; null leaves it out. */
    fun map(column: String, member: String?) {
        val look = states.value as? ImportStage.Look ?: return
        val others = look.how.columns.filterNot { it.header == column }
        readAs(look.how.copy(columns = others + ImportColumn(column, member), schema = look.kind))
    }

    /** The kind of a table's rows. */
    fun kind(uri: String) {
        val look = states.value as? ImportStage.Look ?: return
        readAs(look.how.copy(schema = uri, columns = emptyList()))
    }

    /** Takes a record of the plan, or leaves it out. */
    fun select(place: Int, taken: Boolean) = selecting { if (taken) it - place else it + place }

    /** Takes all of them, or none. */
    fun selectAll(taken: Boolean) = states.update { stage ->
        (stage as? ImportStage.Look)?.copy(without = if (taken) emptySet() else stage.plan.records.indices.toSet()) ?: stage
    }

    /** Takes what was chosen. */
    fun take() {
        val look = states.value as? ImportStage.Look ?: return
        val preview = preview ?: return
        scope.loadWork(
            { preview.take(look.without) },
            // What went in before stays; the same file again takes the rest.
            cancelled = { again() },
            into = { work ->
                states.value = when (work) {
                    is Loadable.Ready -> ImportStage.Done(work.value).also { forget() }
                    // A plan is taken once: what is left after a failure is seen by reading the source again.
                    is Loadable.Failed -> ImportStage.Taking(work.copy(retry = { readAs(look.how) }))
                    is Loadable.Loading -> ImportStage.Taking(work)
                }
            },
        )
    }

    /** Begins anew. */
    fun again() {
        forget()
        states.value = ImportStage.Choose()
    }

    private fun forget() {
        preview?.close()
        preview = null
    }

    private fun selecting(by: (Set<Int>) -> Set<Int>) = states.update { stage ->
        (stage as? ImportStage.Look)?.copy(without = by(stage.without)) ?: stage
    }

    private suspend fun look(from: Path, name: String, how: ImportHow): ImportStage.Look {
        forget()
        val read = person.records.previewImport(from, how)
        preview = read
        val plan = withContext(Dispatchers.Default) { read.plan() }
        val kind = how.schema ?: plan.records.firstOrNull()?.schema
        if (plan.columns.isEmpty()) return ImportStage.Look(name, plan, how, kind = kind)
        val members = kind?.let { person.typeOf(it) }?.let(::columnMembers).orEmpty()
        return ImportStage.Look(name, plan, how, members = members, kind = kind, kinds = person.kinds())
    }
}

/** What a column of a table can become: each member that holds one value, and the first of those that hold several. */
internal fun columnMembers(type: RecordType): List<String> {
    fun within(rule: Rule, path: String): List<String> = when (rule) {
        is Rule.Group -> rule.members.flatMap { within(it.rule, "$path/${it.name}") }
        is Rule.Many -> within(rule.item, "$path/0")
        else -> listOf(path.removePrefix("/"))
    }
    return within(Rule.Group(type.members), "")
}
