package org.kist.wallet.request

import java.time.LocalDate
import java.util.Locale
import org.kist.KistMessages
import org.kist.wallet.language.Words

/** A field by its last name, as people call it. */
internal fun Words.field(name: String): String = core("fields", name)

/** What a field is called on its own: its name, or the kind of record where all of one is asked for. */
internal fun Words.field(field: AskedField, schema: String): String =
    if (field.name.isEmpty()) kind(schema) else field(field.name)

/** One of several texts by language: the reader's, else English, else any. */
internal fun Words.choose(texts: Map<String, String>): String = KistMessages.choose(texts, language.locale)

/** A value as the language writes it: days as days, all else as it is, cut where nobody would read on. */
internal fun Words.value(value: String): String {
    val day = value.takeIf { it.length == ISO_DAY }?.let { runCatching { LocalDate.parse(it) }.getOrNull() }
    return when {
        day != null -> day(day)
        value == "true" -> this("request.yes")
        value == "false" -> this("request.no")
        value.length > LONGEST -> apart(value.take(LONGEST) + "…")
        else -> apart(value)
    }
}

/** A country by its ISO code. */
internal fun Words.country(code: String): String =
    Locale.Builder().setRegion(code.takeIf { it.matches(twoLetters) } ?: return code).build().getDisplayCountry(language.locale)

/** A span of time of ISO 8601 in whole years, months, weeks and days. */
internal fun Words.period(iso: String): String {
    val parts = Regex("""(\d+)([YMWD])""").findAll(iso).map { it.groupValues[1].toInt() to it.groupValues[2] }.toList()
    return if (parts.isEmpty()) iso else list(parts.map { (count, unit) -> this("request.period.$unit", "count" to count) })
}

/** By what right, in plain words; the term itself where it is none of the law's usual ones. */
internal fun Words.legalBasis(term: String): String {
    val key = "request.basis.$term"
    return if (has(key)) this(key) else this("request.basis.other", "basis" to term)
}

/** What is pointed out about a request: what it is, and what to do about it. */
internal fun Words.warning(warning: Warning): Pair<String, String> {
    val details = warning.details.mapValues { (name, value) ->
        when {
            name.endsWith("_at") && value is Long -> moment(value)
            name == "registered" || name == "offered" -> period(value.toString())
            else -> value
        }
    }
    val parameters = details + mapOf(
        "kind" to warning.schema?.let(::kind).orEmpty(),
        "fields" to list(warning.fields.map(::field)),
        "instead" to list(warning.instead.map(::field)),
    )
    val key = "request.warning.${warning.code}"
    // What a newer core points out is said in the core's own words.
    if (!has(key)) return core("warnings", warning.code) to ""
    val named = parameters.map { (name, value) -> name to value }.toTypedArray()
    return this(key, *named) to this("request.warning.${warning.code}.do", *named)
}

private const val ISO_DAY = 10
private const val LONGEST = 300
private val twoLetters = Regex("[A-Z]{2}")
