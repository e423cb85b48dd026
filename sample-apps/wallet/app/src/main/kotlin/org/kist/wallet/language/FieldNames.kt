package org.kist.wallet.language

import java.util.Locale
import org.kist.KistMessages

// What fields, kinds of record and lengths of time are called. The core's catalogues have them in English and Welsh; the
// commonest stand in `things.json` as well, for the language that has the rooms of decisions alone.

/** The name of the claim that a field of an agreement is: `street_address` of `home:["street_address"]`. */
fun claimOf(field: String): String = Regex(""""([^"]+)"\]?$""").find(field)?.groupValues?.get(1) ?: field

/** What the claim of a field is called. */
fun Words.fieldName(field: String): String {
    val claim = claimOf(field)
    val own = "things.field.$claim"
    return if (has(own)) this(own) else core("fields", claim)
}

/** What a kind of record is called; what [schema] says where the kind is unknown. */
fun Words.thing(schema: String?): String {
    if (schema == null) return this("things.unknown")
    val own = "things.kind.${schema.removePrefix("urn:kist:schema:").substringBeforeLast(':')}"
    return if (has(own)) this(own) else kind(schema)
}

/** A length of time as ISO 8601 has it, `P2Y`; what is none is given back. */
fun Words.period(iso: String): String {
    val (count, unit) = Regex("""P(\d+)([YMWD])""").matchEntire(iso)?.destructured ?: return iso
    return this("things.period.${unit.lowercase(Locale.ROOT)}", "count" to count.toLong())
}

/** One of several texts by language: this one's, else English, else any. */
fun Words.chosen(texts: Map<String, String>): String = KistMessages.choose(texts, language.locale)
