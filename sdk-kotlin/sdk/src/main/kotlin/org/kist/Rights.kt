package org.kist

import java.util.Locale
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonObject
import org.kist.generated.Organisation as CoreOrganisation
import org.kist.generated.Person as CorePerson
import org.kist.generated.Report as CoreReport
import org.kist.generated.ReportSubject as CoreSubject
import org.kist.generated.RightsAnswer as CoreAnswer

/**
 * Requests of rights to organisations (GDPR articles 15 to 18, 20 and 21), each followed to its end, and reports to those who
 * supervise them. They can be made after a consent has ended.
 */
class DataRights internal constructor(private val core: CorePerson) {
    /**
     * Asks an organisation for a right. It is stored and stands in the history first; sending is tried now and at every
     * refresh of the inbox. `FieldNotOffered` for a field that was never given; `Malformed` for a rectification that says
     * nothing.
     */
    suspend fun ask(spec: RightsSpec): RightsSummary = cancellable { core.askForRight(spec, it) }

    /** Every request, the newest first. */
    suspend fun list(): List<RightsSummary> = cancellable { core.rightsRequests(it) }

    /** One request with everything that was said. */
    suspend fun get(id: String): RightsDetail = cancellable { core.rightsRequest(id, it) }

    /** Asks the organisation again, once in a day at most. `TooSoon`. */
    suspend fun remind(id: String): RightsSummary = cancellable { core.remindOfRights(id, it) }

    /** Makes a report from the record of what happened under a consent; [note] is what the person adds. It stays here. */
    suspend fun report(consent: String, note: String? = null): Report =
        cancellable { core.makeReport(consent, note, it) }.toReport()

    /**
     * Makes a report from a request that waits or that was refused: who asked, why, for what, and what of it was more than they
     * registered; [note] is what the person adds. It stays here. `NotFound`, also 90 days after the refusal.
     */
    suspend fun reportRequest(request: String, note: String? = null): Report =
        cancellable { core.makeRequestReport(request, note, it) }.toReport()

    /** Every report, the newest first. */
    suspend fun reports(): List<Report> = cancellable { core.reports(it) }.map { it.toReport() }

    /** A report as JSON, with the signed objects that prove it. */
    suspend fun document(report: String): JsonObject =
        Json.parseToJsonElement(cancellable { core.reportDocument(report, it) }).jsonObject

    /**
     * The signed request that a report is about, for an authority that asks for it. It may hold a token that sends to the
     * organisation, so it is no part of the document. `NotFound` for a report about a consent.
     */
    suspend fun reportedRequest(report: String): String = cancellable { core.reportedRequest(report, it) }

    /** A report as a page of HTML to read and print, in the language of [locale]. */
    suspend fun page(report: String, locale: Locale = Locale.getDefault()): String =
        cancellable { core.reportPage(report, KistMessages.reportWords(locale), it) }

    /** Notes that the person has sent a report, and what they want to remember of it, such as a reference. */
    suspend fun sent(report: String, note: String? = null): Report =
        cancellable { core.reportSent(report, note, it) }.toReport()
}

/** A report to an authority. Nothing is sent from here: the person sends it. Times are Unix seconds. */
data class Report(
    val id: String,
    /** The organisation that it is about: its legal name. */
    val organisation: String,
    val organisationId: String,
    val subject: ReportSubject,
    /** Whom it is for, where that is known. */
    val authority: Authority?,
    val madeAt: Long,
    /** When the person sent it, by their own word. */
    val sentAt: Long?,
    /** What they noted then, such as a reference. */
    val sentNote: String?,
)

/** What a report is about. */
sealed interface ReportSubject {
    /** A consent. */
    data class Consent(val id: String) : ReportSubject

    /** A request that nothing was agreed on. */
    data class Request(val id: String) : ReportSubject
}

private fun CoreReport.toReport() = Report(id, organisation, organisationId, subject.toSubject(), authority, madeAt, sentAt, sentNote)

private fun CoreSubject.toSubject(): ReportSubject = when (this) {
    is CoreSubject.Consent -> ReportSubject.Consent(id)
    is CoreSubject.Request -> ReportSubject.Request(id)
}

/** The queue of people's requests of rights, with its deadlines. */
class OrgRights internal constructor(private val core: CoreOrganisation) {
    /** Those that wait first, the first due first; then those that were answered, the newest first. */
    suspend fun list(): List<OrgRightsRequest> = cancellable { core.rightsRequests(it) }

    /**
     * Answers, once. An erasure takes the fields out of this store, a rectification puts the corrected ones in; what stands
     * in other systems of the organisation is for it to do before it says so. `AlreadyAnswered` with something else;
     * `RequestExpired` for more time after the first month.
     */
    suspend fun answer(id: String, answer: RightsAnswer): OrgRightsRequest =
        cancellable { core.answerRights(id, answer.toCore(), it) }
}

/** An organisation's answer to a request of a right; its text is by language. */
sealed interface RightsAnswer {
    /** It was done; what is delivered becomes credentials that are bound to this relationship alone. */
    data class Done(val deliver: List<Delivery> = emptyList(), val text: Map<String, String> = emptyMap()) : RightsAnswer

    /** It is refused, on a ground. */
    data class Refused(val ground: RefusalGround, val text: Map<String, String>) : RightsAnswer

    /** More time is needed: until [until], Unix seconds, or for the two months that the law allows. */
    data class Extended(val text: Map<String, String>, val until: Long? = null) : RightsAnswer
}

internal fun RightsAnswer.toCore(): CoreAnswer = when (this) {
    is RightsAnswer.Done -> CoreAnswer.Done(deliver.map { it.toCore() }, text)
    is RightsAnswer.Refused -> CoreAnswer.Refused(ground, text)
    is RightsAnswer.Extended -> CoreAnswer.Extended(until, text)
}
