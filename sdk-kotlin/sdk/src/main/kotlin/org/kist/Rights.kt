package org.kist

import java.util.Locale
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonObject
import org.kist.generated.Organisation as CoreOrganisation
import org.kist.generated.Person as CorePerson
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
    suspend fun report(consent: String, note: String? = null): Report = cancellable { core.makeReport(consent, note, it) }

    /** Every report, the newest first. */
    suspend fun reports(): List<Report> = cancellable { core.reports(it) }

    /** A report as JSON, with the signed objects that prove it. */
    suspend fun document(report: String): JsonObject =
        Json.parseToJsonElement(cancellable { core.reportDocument(report, it) }).jsonObject

    /** A report as a page of HTML to read and print, in the language of [locale]. */
    suspend fun page(report: String, locale: Locale = Locale.getDefault()): String =
        cancellable { core.reportPage(report, KistMessages.reportWords(locale), it) }

    /** Notes that the person has sent a report, and what they want to remember of it, such as a reference. */
    suspend fun sent(report: String, note: String? = null): Report = cancellable { core.reportSent(report, note, it) }
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
