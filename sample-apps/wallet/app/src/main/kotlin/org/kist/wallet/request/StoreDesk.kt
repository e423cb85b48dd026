package org.kist.wallet.request

import java.time.Clock
import java.time.Duration
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.kist.ConsentState
import org.kist.FieldChoice
import org.kist.HistoryEntry
import org.kist.KistException
import org.kist.Person

/** The person's own store. */
class StoreDesk(private val person: Person, private val clock: Clock = Clock.systemUTC()) : RequestDesk {
    override suspend fun find(id: String): Found = try {
        Found.Open(read(person.requests.get(id)))
    } catch (error: KistException) {
        if (error.code != "NotFound") throw error
        decided(id)
    }

    override suspend fun answer(id: String, fields: List<FieldChoice>, language: String, remember: Remember) {
        val until = remember.days?.let { clock.instant().plus(Duration.ofDays(it)).epochSecond }
        person.requests.answer(id, fields, language, until)
    }

    override suspend fun answerRemembered(id: String) {
        person.requests.answerRemembered(id)
    }

    override suspend fun refuse(id: String) = person.requests.refuse(id)

    override suspend fun send() = person.requests.resume()

    override fun draft(id: String) = ChoiceDraft(person, id)

    override suspend fun joint(id: String): Joint? =
        person.clusters.list().firstOrNull { cluster -> cluster.members.any { it.request?.id == id } }?.let { Joint(it.id, it.name) }

    override suspend fun renewTrust(framework: String): Boolean {
        val before = person.trust.anchors().first { it.label == framework }
        return person.trust.refresh(framework).listSequence != before.listSequence
    }

    /** What became of a request that doesn't wait any more: the history knows it by the request's id. */
    private suspend fun decided(id: String): Found {
        val entries = person.history.entries().filter { event(it).word("request") == id }
        val last = entries.lastOrNull { it.kind in decisions } ?: return Found.Gone
        val organisation = last.organisation.orEmpty()
        if (last.kind == "Refused") return refused(id, organisation)
        val consent = event(last).word("agreement")
        val agreed = consent?.let { person.consents.get(it) }
        val waiting = agreed?.summary?.state == ConsentState.AWAITING_SEND
        return Found.Answered(organisation, consent, waiting, person.requests.sessionCode(id), agreed?.receipt != null)
    }

    private suspend fun refused(id: String, organisation: String): Found {
        val authority = person.requests.refused().firstOrNull { it.id == id }?.authority ?: return Found.Refused(organisation)
        return Found.Refused(organisation, authority.name, authority.uri)
    }

    private fun event(entry: HistoryEntry): JsonObject = Json.parseToJsonElement(entry.event).jsonObject

    private fun JsonObject.word(name: String): String? = get(name)?.jsonPrimitive?.contentOrNull

    private companion object {
        val decisions = setOf("Agreed", "Disclosed", "Refused")
    }
}
