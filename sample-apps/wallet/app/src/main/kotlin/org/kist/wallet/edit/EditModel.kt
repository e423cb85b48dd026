package org.kist.wallet.edit

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.kist.NewRecord
import org.kist.Person
import org.kist.RecordEdit
import org.kist.SourceKind
import org.kist.json
import org.kist.wallet.record.RecordType
import org.kist.wallet.record.typeOf
import org.kist.wallet.state.Drafts
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Outcome
import org.kist.wallet.state.Problem
import org.kist.wallet.state.attempt
import org.kist.wallet.state.load
import org.kist.wallet.state.valueOrNull

/** What a form is for. */
sealed interface Editing {
    /** What a draft of it is known by. */
    val name: String

    /** A new record of a kind. */
    data class New(val kind: String) : Editing {
        override val name get() = "new $kind"
    }

    /** A record that is there. */
    data class Existing(val record: String) : Editing {
        override val name get() = record
    }
}

/** What the form shows. */
data class EditState(
    val form: Loadable<Form> = Loadable.Loading(),
    /** What is said beside fields, by their pointers: after the first try to save, and then as it is mended. */
    val problems: Map<String, FieldProblem> = emptyMap(),
    val labels: Labels = Labels(),
    /** The parts of life to choose from. */
    val areas: List<String> = emptyList(),
    val files: AttachState = AttachState(),
    /** Who sent the record: its files are theirs, and stay. Null where nobody did. */
    val sender: String? = null,
    /** What was typed before the app was shut is here again. */
    val restored: Boolean = false,
    val saving: Boolean = false,
    /** Why it wasn't saved. */
    val problem: Problem? = null,
    /** The core refused it for a rule of its kind, and the person may keep it all the same. */
    val refused: Boolean = false,
    /** Asks before what was typed is given up. */
    val askingToLeave: Boolean = false,
    /** The record that it was saved as. */
    val saved: String? = null,
    /** The person goes without saving. */
    val left: Boolean = false,
)

/** Adds a record or corrects one, by a form that is made from its schema. */
class EditModel(
    private val person: Person,
    private val editing: Editing,
    private val attachments: Attachments,
    private val scope: CoroutineScope,
) {
    private val states = MutableStateFlow(EditState())
    val state: StateFlow<EditState> = states.asStateFlow()
    private val drafts = Drafts(person, of = editing.name)
    private var keeping: Job? = null
    private var begun: Begun? = null
    private var tried = false

    init {
        scope.load({ found -> states.update { it.copy(form = found) } }) { form() }
        scope.launch { attachments.state.collect { files -> states.update { it.copy(files = files) } } }
    }

    /** The person types: [entry] stands at a place now. */
    fun type(place: Place, entry: Entry) = change { it.with(place, entry) }

    /** One more in a list. */
    fun add(place: Place) = change { it.adding(place) }

    /** One fewer in a list. */
    fun remove(place: Place) = change { it.removing(place) }

    /** The person labels it otherwise. */
    fun label(labels: Labels) {
        states.update { it.copy(labels = labels) }
        keepDraft(states.value.form.valueOrNull ?: return)
    }

    /** Saves it; what doesn't fit is said beside its field, and nothing is written. With [anyway], what the core refused is kept. */
    fun save(anyway: Boolean = false) {
        val form = states.value.form.valueOrNull?.tidied() ?: return
        if (states.value.saving) return
        tried = true
        // Labels and files can be changed although the record itself breaks a rule of its kind.
        val problems = if (editing is Editing.New || isOther(form)) form.problems() else emptyMap()
        states.update { it.copy(form = Loadable.Ready(form), problems = problems, problem = null) }
        if (problems.isNotEmpty() && !anyway) {
            states.update { it.copy(problem = Problem.own("FieldsToMend", "count" to problems.size), refused = true) }
            return
        }
        states.update { it.copy(saving = true) }
        scope.launch {
            when (val outcome = attempt { write(form, anyway) }) {
                is Outcome.Done -> states.update { it.copy(saving = false, saved = outcome.value) }
                is Outcome.Failed -> refuse(outcome.problem)
            }
        }
    }

    /** Goes without saving, if nothing was typed; else asks first. True where the person stays to be asked. */
    fun askToLeave(): Boolean {
        if (states.value.saved != null || states.value.left || !isChanged()) return false
        states.update { it.copy(askingToLeave = true) }
        return true
    }

    fun stay() = states.update { it.copy(askingToLeave = false) }

    /** Gives up what was typed. */
    fun giveUp() {
        keeping?.cancel()
        states.update { it.copy(askingToLeave = false) }
        scope.launch {
            // A draft or a file that can't be taken away now mustn't keep the person here.
            attempt { drafts.drop() }
            attempt { attachments.giveUp() }
            states.update { it.copy(left = true) }
        }
    }

    private fun isChanged(): Boolean {
        val form = states.value.form.valueOrNull ?: return false
        val files = states.value.files
        return isTyped(form) || files.added.isNotEmpty() || files.removed.isNotEmpty()
    }

    /** Another record than it was begun with. */
    private fun isOther(form: Form): Boolean = begun?.form?.let(form::differsFrom) == true

    /** Something was typed: what a draft keeps. */
    private fun isTyped(form: Form): Boolean = isOther(form) || begun?.labels?.let { it != states.value.labels } == true

    private fun change(by: (Form) -> Form) {
        val form = by(states.value.form.valueOrNull ?: return)
        val problems = if (tried) form.problems() else emptyMap()
        states.update { state ->
            state.copy(form = Loadable.Ready(form), problems = problems, problem = state.problem?.takeIf { problems.isNotEmpty() })
        }
        keepDraft(form)
    }

    /** A moment after the last key, so that not each of them is written. */
    private fun keepDraft(form: Form) {
        keeping?.cancel()
        keeping = scope.launch {
            delay(PAUSE_MS)
            // What can't be kept as a draft is still in the form: whoever saves it is told what is wrong.
            attempt { if (isTyped(form)) drafts.keep(draftOf(form, states.value.labels)) else drafts.drop() }
        }
    }

    private suspend fun form(): Form {
        val record = (editing as? Editing.Existing)?.let { person.records.get(it.record) }
        val type = type(record?.schema ?: (editing as Editing.New).kind)
        val begun = Begun(Form.of(type, record?.json), Labels.of(record?.area ?: type.area, record?.tags.orEmpty())).also { begun = it }
        val draft = drafts.find()
        val areas = (person.kinds().map(Kind::area) + begun.labels.area).distinct()
        attachments.begin(record?.files.orEmpty())
        states.update {
            it.copy(
                labels = draft?.let(::labelsOfDraft) ?: begun.labels,
                areas = areas,
                sender = record?.provenance?.takeIf { from -> from.source == SourceKind.DELIVERED }?.from,
                restored = draft != null,
            )
        }
        return draft?.let { Form.ofDraft(type, it) } ?: begun.form
    }

    /** A kind that no schema describes has a form without fields: what is in its records stays as it is. */
    private suspend fun type(uri: String): RecordType = person.typeOf(uri) ?: RecordType(uri, "other", emptyList())

    private suspend fun write(form: Form, anyway: Boolean): String {
        keeping?.cancel()
        val id = when (editing) {
            is Editing.New -> add(form, anyway)
            is Editing.Existing -> person.records.edit(editing.record, changes(form, anyway)).id
        }
        // The record is there: what can't be cleared away now is no reason to say that it isn't.
        attempt { drafts.drop() }
        attempt { attachments.bound() }
        return id
    }

    private suspend fun add(form: Form, anyway: Boolean): String {
        val labels = states.value.labels
        val files = attachments.state.value.added
        val draft = NewRecord(form.type.uri, form.body.toString(), labels.area, labels.words, files, keepViolations = anyway)
        return person.records.addAll(listOf(draft)).single().id
    }

    /** What is other than in the record: all of it becomes one version. */
    private fun changes(form: Form, anyway: Boolean): RecordEdit {
        val labels = states.value.labels
        val files = attachments.state.value
        val before = begun?.labels
        return RecordEdit(
            body = form.body.toString().takeIf { isOther(form) },
            area = labels.area.takeIf { it != before?.area },
            tags = labels.words.takeIf { it != before?.words },
            attach = files.added,
            detach = files.removed,
            keepViolations = anyway,
        )
    }

    /** What the core found is said beside the field, where it names one. */
    private fun refuse(problem: Problem) {
        val field = problem.parameters["field"]?.toString()
        val rule = problem.parameters["rule"]?.toString()
        val beside = if (field != null && rule != null) mapOf(field to FieldProblem("Other")) else emptyMap()
        states.update { it.copy(saving = false, problem = problem, problems = beside, refused = problem.code == "RecordInvalid") }
    }

    /** What the form was begun with. */
    private class Begun(val form: Form, val labels: Labels)

    private companion object {
        const val PAUSE_MS = 600L
    }
}
