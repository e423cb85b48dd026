package org.kist.wallet.request

import java.time.LocalDate
import java.util.Locale
import org.kist.wallet.language.Words
import org.kist.wallet.language.chosen
import org.kist.wallet.language.fieldName
import org.kist.wallet.language.period

/** What a field is called on its own: its name, or the kind of record where all of one is asked for. */
internal fun Words.field(field: AskedField, schema: String): String =
    if (field.name.isEmpty()) kind(schema) else fieldName(field.name)

/** What a field is called apart from its record: by the kind of record where that is all that is asked of it. */
internal fun Words.apartFrom(field: AskedField, part: Part): String =
    if (part.fields.size == 1 && part.schema.isNotEmpty()) kind(part.schema) else field(field, part.schema)

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

/** What the right to read means: what changes is told as long as the agreement stands. */
internal fun Words.mayRead(once: Boolean): String = this(if (once) "request.right.read.once" else "request.right.read")

/** What is kept after a withdrawal, and how long where that is said. */
internal fun Words.kept(thing: KeptThing): String {
    val what = chosen(thing.text)
    return thing.period?.let { this("request.kept.for", "what" to what, "time" to period(it)) } ?: this("request.kept", "what" to what)
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
        "fields" to list(warning.fields.map(::fieldName)),
        "instead" to list(warning.instead.map(::fieldName)),
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
