package org.kist.wallet.language

import org.kist.KistMessages

// What fields, kinds of record and lengths of time are called.

/** The name of the claim that a field of an agreement is: `street_address` of `home:["street_address"]`; a name as it is. */
fun claimOf(field: String): String = Regex(""""([^"]+)"\]?$""").find(field)?.groupValues?.get(1) ?: field

/** What the claim of a field is called. */
fun Words.fieldName(field: String): String = core("fields", claimOf(field))

/** What a kind of record is called. */
fun Words.thing(schema: String?): String = if (schema == null) this("thing.unknown") else kind(schema)

/** A length of time as ISO 8601 has it, in whole years, months, weeks and days: `P1Y6M`; what is none is given back. */
fun Words.period(iso: String): String {
    val parts = Regex("""(\d+)([YMWD])""").findAll(iso).toList()
        .map { (it.groupValues[1].toIntOrNull() ?: return iso) to it.groupValues[2] }
    return if (parts.isEmpty()) iso else list(parts.map { (count, unit) -> this("period.$unit", "count" to count) })
}

/** One of several texts by language: this one's, else English, else any. */
fun Words.chosen(texts: Map<String, String>): String = KistMessages.choose(texts, language.locale)
