package org.kist.wallet.rights

import java.nio.file.Files
import java.util.Locale
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.withContext
import org.kist.ConsentSummary
import org.kist.CorrectedField
import org.kist.DataRight
import org.kist.Person
import org.kist.RecordFilter
import org.kist.RecordSummary
import org.kist.RefusedRequest
import org.kist.Report
import org.kist.ReportSubject
import org.kist.RightsDetail
import org.kist.RightsOutcome
import org.kist.RightsSpec
import org.kist.RightsStage
import org.kist.RightsSummary
import org.kist.wallet.ports.FilePicker
import org.kist.wallet.state.Acts
import org.kist.wallet.state.Doing
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem
import org.kist.wallet.state.load
import org.kist.wallet.state.lookAgain
import org.kist.wallet.state.valueOrNull

/** What was asked for, what was reported or can be, and about what more can be asked. */
data class RightsContent(
    val requests: List<RightsSummary>,
    val reports: List<Report>,
    /** Requests of organisations that the person refused, and about which no report was made. */
    val turnedDown: List<RefusedRequest>,
    /** One consent of each organisation that has or had something: what a new request begins at. */
    val askable: List<ConsentSummary>,
    /** Those of the requests that the organisation refused. */
    val refused: Set<String> = emptySet(),
)

/** All requests of rights. */
data class RightsState(val content: Loadable<RightsContent> = Loadable.Loading(), val doing: Doing = Doing())

/** The requests of rights with their deadlines, and the reports. */
class RightsModel(private val person: Person, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(RightsState())
    val state: StateFlow<RightsState> = states.asStateFlow()
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }

    /** Looks at the store; called whenever the screen is shown. */
    fun look() {
        scope.lookAgain({ states.value.content }, { found -> states.update { it.copy(content = found) } }) { content() }
    }

    /** Sends what waits, and fetches answers. */
    fun refresh() = acts.run {
        person.inbox.refresh()
        val content = content()
        states.update { it.copy(content = Loadable.Ready(content)) }
    }

    private suspend fun content(): RightsContent {
        val (requests, reports) = person.rights.list() to person.rights.reports()
        val reported = reports.mapNotNull { (it.subject as? ReportSubject.Request)?.id }
        val answered = requests.filter { it.stage == RightsStage.ANSWERED }
        return RightsContent(
            requests,
            reports,
            person.requests.refused().filter { it.id !in reported },
            person.consents.list().distinctBy { it.organisationId },
            answered.filter { person.rights.get(it.id).isRefused }.map { it.id }.toSet(),
        )
    }
}

/** The organisation said no. */
internal val RightsDetail.isRefused: Boolean get() = answer?.outcome == RightsOutcome.REFUSED

/** One request of a right. */
data class OneRightState(
    val content: Loadable<RightsDetail> = Loadable.Loading(),
    /** The consent that a report would be about. */
    val consent: String? = null,
    val doing: Doing = Doing(),
)

/** One request: how far it is, what was answered, ask again. */
class RightModel(private val person: Person, private val id: String, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(OneRightState())
    val state: StateFlow<OneRightState> = states.asStateFlow()
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }

    /** Looks at the store; called whenever the screen is shown. */
    fun look() {
        scope.lookAgain({ states.value.content }, { found -> states.update { it.copy(content = found) } }) { content() }
    }

    /** Sends what waits, and fetches the answer. */
    fun refresh() = acting { person.inbox.refresh() }

    /** Asks the organisation again. */
    fun remind() = acting { person.rights.remind(id) }

    private fun acting(call: suspend () -> Unit) = acts.run {
        call()
        val content = content()
        states.update { it.copy(content = Loadable.Ready(content)) }
    }

    private suspend fun content(): RightsDetail {
        val detail = person.rights.get(id)
        val organisation = detail.summary.organisationId
        val consent = detail.summary.consent ?: person.consents.list().firstOrNull { it.organisationId == organisation }?.id
        states.update { it.copy(consent = consent) }
        return detail
    }
}

/** A new request of a right. */
data class AskState(
    val consent: Loadable<ConsentSummary> = Loadable.Loading(),
    val right: DataRight? = null,
    /** About everything that the organisation has, and not this consent alone. */
    val everything: Boolean = false,
    /** The fields that are ticked; none means all. */
    val fields: Set<String> = emptySet(),
    /** For a correction: the record that is right, by field. */
    val corrections: Map<String, String> = emptyMap(),
    /** The person's records of the kinds that were given. */
    val records: List<RecordSummary> = emptyList(),
    val reason: String = "",
    /** The request that was made: the screen can be left for it. */
    val made: String? = null,
    val doing: Doing = Doing(),
)

/** Asks an organisation for a right. */
class AskModel(private val person: Person, private val id: String, scope: CoroutineScope) {
    private val states = MutableStateFlow(AskState())
    val state: StateFlow<AskState> = states.asStateFlow()
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }

    init {
        scope.load({ found -> states.update { it.copy(consent = found) } }) {
            val consent = person.consents.get(id).summary
            val kinds = consent.given.mapNotNull { it.schema }.distinct()
            val records = if (kinds.isEmpty()) emptyList() else person.records.list(RecordFilter(schemas = kinds))
            states.update { it.copy(records = records) }
            consent
        }
    }

    /** Says which right; a copy is of everything unless the person says otherwise. */
    fun choose(right: DataRight) = states.update {
        it.copy(right = right, everything = right == DataRight.ACCESS, corrections = emptyMap(), doing = Doing())
    }

    fun askForEverything(everything: Boolean) = states.update { it.copy(everything = everything) }

    fun tick(field: String, on: Boolean) = states.update { it.copy(fields = if (on) it.fields + field else it.fields - field) }

    /** Says which record is right for a field; null takes that back. */
    fun correct(field: String, record: String?) = states.update {
        it.copy(corrections = if (record == null) it.corrections - field else it.corrections + (field to record), doing = Doing())
    }

    fun typeReason(reason: String) = states.update { it.copy(reason = reason) }

    /** Asks. It is stored first, and sent as soon as the network is there. */
    fun ask() {
        val now = states.value
        val right = now.right
        if (right == null) {
            say(Problem.own("RightNotChosen"))
            return
        }
        if (right == DataRight.RECTIFICATION && now.corrections.isEmpty()) {
            say(Problem.own("NothingCorrected"))
            return
        }
        val corrects = right == DataRight.RECTIFICATION
        val spec = RightsSpec(
            right,
            id,
            everything = now.everything && !corrects,
            fields = if (now.everything || corrects) emptyList() else now.fields.toList(),
            corrections = now.corrections.map { (field, record) -> CorrectedField(field, record) },
            reason = now.reason.trim().ifEmpty { null },
        )
        acts.run {
            val made = person.rights.ask(spec)
            states.update { it.copy(made = made.id) }
        }
    }

    private fun say(problem: Problem) = states.update { it.copy(doing = Doing(problem = problem)) }
}

/** A report to the authority, being made or made. */
data class ReportState(
    val note: String = "",
    /** Null while it isn't made. */
    val report: Report? = null,
    val sentNote: String = "",
    /** It was written to a file just now. */
    val saved: Boolean = false,
    val doing: Doing = Doing(),
)

/** Makes a report about a consent or a request, or follows one that was made. Kist sends it to nobody. */
class ReportModel(
    private val person: Person,
    private val files: FilePicker,
    private val subject: ReportSubject?,
    made: String?,
    scope: CoroutineScope,
) {
    private val states = MutableStateFlow(ReportState())
    val state: StateFlow<ReportState> = states.asStateFlow()
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }

    init {
        if (made != null) {
            acts.run {
                val report = person.rights.reports().first { it.id == made }
                states.update { it.copy(report = report) }
            }
        }
    }

    fun typeNote(note: String) = states.update { it.copy(note = note) }

    fun typeSentNote(note: String) = states.update { it.copy(sentNote = note) }

    /** Makes it from what happened. */
    fun make() = acts.run {
        val note = states.value.note.trim().ifEmpty { null }
        val report = when (val about = checkNotNull(subject)) {
            is ReportSubject.Consent -> person.rights.report(about.id, note)
            is ReportSubject.Request -> person.rights.reportRequest(about.id, note)
        }
        states.update { it.copy(report = report) }
    }

    /** Writes the page to read and print; [title] is the dialog's. */
    fun savePage(title: String, locale: Locale) = saving(title, "report.html") { person.rights.page(it, locale) }

    /** Writes the document with the signed objects that prove it; [title] is the dialog's. */
    fun saveDocument(title: String) = saving(title, "report.json") { person.rights.document(it).toString() }

    private fun saving(title: String, name: String, text: suspend (String) -> String) = acts.run {
        val report = checkNotNull(states.value.report)
        val place = files.save(title, name)
        if (place != null) {
            val written = text(report.id)
            withContext(Dispatchers.IO) { Files.writeString(place, written) }
            files.saved(place)
            states.update { it.copy(saved = true) }
        }
    }

    /** Notes that the person has sent it. */
    fun sent() = acts.run {
        val report = checkNotNull(states.value.report)
        val noted = person.rights.sent(report.id, states.value.sentNote.trim().ifEmpty { null })
        states.update { it.copy(report = noted) }
    }
}

/** The records of the store that could take the place of what a field gave. */
internal fun AskState.recordsFor(field: String): List<RecordSummary> {
    val schema = consent.valueOrNull?.given?.firstOrNull { it.field == field }?.schema
    return records.filter { it.schema == schema }
}
