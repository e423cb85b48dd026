package org.kist.wallet.history

import androidx.compose.ui.graphics.vector.ImageVector
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.jsonObject
import org.kist.HistoryEntry
import org.kist.wallet.consents.name
import org.kist.wallet.design.Icons
import org.kist.wallet.language.Words
import org.kist.wallet.language.fieldName
import org.kist.wallet.language.thing

/** What an entry is about, for the person who looks for it. */
enum class HistoryTopic(internal val icon: ImageVector) {
    /** Somebody asked. */
    ASKED(Icons.Scan),

    /** Somebody was given something, or has read it. */
    GIVEN(Icons.Forward),

    /** Something came. */
    CAME(Icons.Inbox),

    /** Somebody was refused. */
    REFUSED(Icons.Close),

    /** What the person did. */
    DONE(Icons.Person),
}

/** What the entry is about. */
val HistoryEntry.topic: HistoryTopic
    get() = when (kind) {
        "RequestSeen", "NobodyVouched" -> HistoryTopic.ASKED
        "Disclosed", "UpdateSent", "DecidedByRule" -> HistoryTopic.GIVEN
        "ReadAnswered" -> if (wasRefused) HistoryTopic.REFUSED else HistoryTopic.GIVEN
        "Refused" -> HistoryTopic.REFUSED
        in fromOutside -> HistoryTopic.CAME
        else -> HistoryTopic.DONE
    }

private val fromOutside = setOf(
    "ReceiptStored", "Delivered", "MessageReceived", "WithdrawalAcknowledged", "AmendmentAcknowledged", "RightsAnswered",
    "OrganisationStanding",
)

/** It came of somebody else, while the person may have been away. */
val HistoryEntry.isNews: Boolean get() = topic == HistoryTopic.CAME || kind == "ReadAnswered" || kind == "UpdateSent"

private val HistoryEntry.members: JsonObject get() = Json.parseToJsonElement(event).jsonObject

private val HistoryEntry.wasRefused: Boolean get() = members["refused"].word() != null

/** What happened, in a sentence. */
internal fun Words.happened(entry: HistoryEntry): String {
    val members = entry.members
    val key = "history.event.${keyOf(entry, members)}"
    val said = if (has(key)) key else "history.event.other"
    return this(
        said,
        "organisation" to (entry.organisation ?: members["with"].name()),
        "fields" to fields(members["fields"]),
        "gone" to fields(members["gone"]),
        "thing" to thing(members["credential_type"].word()),
        "right" to core("words", members["right"].word().orEmpty()),
        "state" to core("words", members["state"].word().orEmpty()),
        "framework" to members["framework"].word().orEmpty(),
        "kind" to entry.kind,
    )
}

/** The sentence's key: some kinds have one for each case. */
private fun keyOf(entry: HistoryEntry, members: JsonObject): String = when (entry.kind) {
    "Paused", "Resumed" -> if (entry.organisation == null) "${entry.kind}.everything" else entry.kind
    "ReadAnswered" -> if (entry.wasRefused) "ReadAnswered.refused" else entry.kind
    "UpdateSent" -> if (fieldsIn(members["fields"]).isEmpty()) "UpdateSent.gone" else entry.kind
    "RightsAnswered" -> "RightsAnswered.${members["outcome"].word()}"
    "DeveloperMode" -> "DeveloperMode.${members["on"].word()}"
    else -> entry.kind
}

private fun Words.fields(list: JsonElement?): String {
    val named = fieldsIn(list).map { field ->
        val claim = (field["path"] as? JsonArray)?.lastOrNull().word()
        if (claim == null) thing(field["credential_type"].word()) else fieldName(claim)
    }.distinct()
    return if (named.isEmpty()) this("history.no_fields") else list(named)
}

private fun fieldsIn(list: JsonElement?): List<JsonObject> = (list as? JsonArray).orEmpty().map { it.jsonObject }

private fun JsonElement?.word(): String? = (this as? JsonPrimitive)?.contentOrNull

private fun JsonElement?.name(): String = (this as? JsonObject)?.get("name").word().orEmpty()
