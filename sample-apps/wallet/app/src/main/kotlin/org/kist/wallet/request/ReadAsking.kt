package org.kist.wallet.request

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.longOrNull
import org.kist.Evaluation
import org.kist.FieldEvaluation
import org.kist.OpenRequest
import org.kist.RequestWarning
import org.kist.browserSession
import org.kist.byRules
import org.kist.holds
import org.kist.organisation

/** What an evaluated request is on the screen. */
internal fun read(request: OpenRequest): Asking {
    val evaluation = request.evaluation
    return Asking(
        id = request.id,
        who = who(evaluation),
        purposes = evaluation.purposes.map { stated ->
            Purpose(stated.text, stated.legalBasis, stated.retention, stated.keptAfterWithdrawal.map { KeptThing(it.text, it.period) })
        },
        terms = evaluation.agreement?.let { offered ->
            Terms(offered.rights, offered.holds, offered.recipients.map { it.name }, offered.storage, offered.privacyNotice)
        },
        parts = evaluation.fields.groupBy { it.credential }.map { (credential, fields) -> part(credential, fields) },
        alternatives = evaluation.alternatives.map { alternative ->
            Alternative(
                alternative.required,
                alternative.options.map { Option(it.fields, it.available, it.less.isNotEmpty(), it.byDefault) },
            )
        },
        warnings = evaluation.warnings.filterNot { it.code in saidAtFields }.map { warning(it, evaluation) },
        verdict = evaluation.byRules,
        expiresAt = request.expiresAt,
        session = request.browserSession,
    )
}

/** What is said beneath each field that it is about. */
private val saidAtFields = setOf("LinksYou", "SensitiveFields", "OverAsking", "MoreThanLastTime")

private fun who(evaluation: Evaluation): Who {
    val asker = evaluation.asker
    val principal = asker.onBehalfOf ?: asker.organisation
    return Who(
        name = principal.name,
        id = principal.id,
        country = asker.country,
        supplier = asker.organisation.name.takeIf { asker.onBehalfOf != null },
        framework = asker.framework.ifEmpty { null },
        memberSince = asker.activeSince,
        contacts = asker.contacts,
        supervisor = asker.supervisoryAuthority,
        supervisorUri = asker.supervisoryAuthorityUri,
    )
}

private fun part(credential: String, fields: List<FieldEvaluation>) = Part(
    credential = credential,
    schema = fields.firstNotNullOfOrNull { it.types.firstOrNull() }.orEmpty(),
    fields = fields.map(::asked),
    held = held(fields),
)

private fun asked(field: FieldEvaluation) = AskedField(
    field = field.field,
    credential = field.credential,
    name = lastName(field.path),
    required = field.required,
    byDefault = field.chosenByDefault,
    why = field.purpose,
    oneOf = field.values.map(::inWords),
    overAsking = field.overAsking,
    sharedBeforeMs = field.sharedBeforeMs,
    linking = field.linking,
    sensitive = field.sensitive,
    withheld = field.withheldBy != null,
)

/** The records that answer a part, each once, with what each has of every field. */
private fun held(fields: List<FieldEvaluation>): List<Held> {
    val found = fields.flatMap { it.matches }.distinctBy { it.candidate }
    return found.map { first ->
        val values = fields.mapNotNull { field ->
            val match = field.matches.firstOrNull { it.candidate == first.candidate } ?: return@mapNotNull null
            (field.field ?: field.credential) to match.values.joinToString { inWords(it.value) }
        }
        Held(first.candidate, values.toMap(), first.organisation?.name, first.asOf, first.expiresAt, first.expired)
    }
}

private fun warning(warning: RequestWarning, evaluation: Evaluation): Warning {
    val details = Json.parseToJsonElement(warning.details).jsonObject
    val credential = (details["credential"] as? JsonPrimitive)?.contentOrNull
    return Warning(
        code = warning.code,
        details = details.mapNotNull { (name, value) -> plain(value)?.let { name to it } }.toMap(),
        instead = (details["instead"] as? JsonArray).orEmpty().map { lastName(it.jsonObject["path"]?.toString()) },
        fields = evaluation.fields.filter { it.field in warning.fields }.map { lastName(it.path) },
        schema = evaluation.fields.firstOrNull { it.credential == credential }?.types?.firstOrNull(),
    )
}

private fun plain(value: JsonElement): Any? =
    (value as? JsonPrimitive)?.let { if (it.isString) it.content else it.longOrNull }

/** The last name of a claim's path, which is what the catalogues know it by; numbers and wildcards are passed over. */
internal fun lastName(path: String?): String {
    val steps = path?.let { Json.parseToJsonElement(it).jsonArray }.orEmpty()
    return steps.lastOrNull { it is JsonPrimitive && it.isString }?.jsonPrimitive?.content.orEmpty()
}

/** A value of JSON as people write it. */
internal fun inWords(json: String): String = inWords(Json.parseToJsonElement(json))

private fun inWords(value: JsonElement): String = when (value) {
    JsonNull -> ""
    is JsonPrimitive -> value.content
    is JsonArray -> value.map(::inWords).filter(String::isNotEmpty).joinToString()
    is JsonObject -> value.values.map(::inWords).filter(String::isNotEmpty).joinToString()
}
