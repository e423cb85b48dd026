package org.kist.wallet.request

import org.kist.BrowserSession
import org.kist.Rights
import org.kist.Validity
import org.kist.Verdict

// A request as the screen shows it: what the core's evaluation comes to, part by part.

/** A request that waits for the person's decision. */
data class Asking(
    val id: String,
    val who: Who,
    val purposes: List<Purpose>,
    /** The agreement that is offered; null for a single sharing without one. */
    val terms: Terms?,
    /** What is asked, each part from one record of the person's. */
    val parts: List<Part>,
    /** Where the organisation takes one of several things. */
    val alternatives: List<Alternative> = emptyList(),
    /** What to point out about the request as a whole; what is about a field stands at the field. */
    val warnings: List<Warning> = emptyList(),
    /** What the person's rules come to. */
    val verdict: Verdict = Verdict.Ask,
    /** When it ends, Unix seconds. */
    val expiresAt: Long,
    /** The session of a browser that the answer is given out to. */
    val session: BrowserSession? = null,
) {
    /** Every field that is asked for, in the request's order. */
    val fields: List<AskedField> get() = parts.flatMap { it.fields }
}

/** Who asks, and who says so. */
data class Who(
    val name: String,
    val id: String,
    /** ISO 3166-1 alpha-2. */
    val country: String,
    /** The supplier that carries the request for the organisation. */
    val supplier: String? = null,
    /** What the framework is called that vouches; null where nobody does. */
    val framework: String?,
    /** Since when it is a member there, Unix seconds. */
    val memberSince: Long = 0,
    /** Where a person reaches it: URIs. */
    val contacts: List<String> = emptyList(),
    val supervisor: String = "",
    val supervisorUri: String = "",
)

/** Why. Texts are by language. */
data class Purpose(
    val text: Map<String, String>,
    /** A term of DPV. */
    val legalBasis: String,
    /** ISO 8601. */
    val retention: String,
    val keptAfterWithdrawal: List<KeptThing> = emptyList(),
)

/** What is kept after a withdrawal and why, by language, and how long, ISO 8601, where that is said. */
data class KeptThing(val text: Map<String, String>, val period: String? = null)

/** What is agreed beside what is given. */
data class Terms(
    val rights: Rights,
    val holds: Validity,
    /** Who else receives the data. */
    val recipients: List<String> = emptyList(),
    /** Where it is stored, ISO 3166-1 alpha-2. */
    val storage: List<String> = emptyList(),
    val privacyNotice: String = "",
)

/** What one record is to answer. */
data class Part(
    /** Its name in the request. */
    val credential: String,
    /** The kind of record, a schema's URI; empty where it isn't said. */
    val schema: String,
    val fields: List<AskedField>,
    /** The records that would answer, the best first. */
    val held: List<Held>,
)

/** One field that is asked for. */
data class AskedField(
    /** Its name in a decision; null where the whole record is asked for, which can't be given in part. */
    val field: String?,
    /** The part that it belongs to. */
    val credential: String,
    /** The last name of its path, as the catalogues have it; empty for a whole record. */
    val name: String,
    /** The organisation says that there is no answer without it. */
    val required: Boolean,
    /** It is given unless the person says otherwise. */
    val byDefault: Boolean,
    /** Why this field, by language. */
    val why: Map<String, String>? = null,
    /** The values of which it must have one, in words; empty where any will do. */
    val oneOf: List<String> = emptyList(),
    /** What it goes beyond, as codes of the core. */
    val overAsking: List<String> = emptyList(),
    /** When it was last shown to this organisation, Unix milliseconds. */
    val sharedBeforeMs: Long? = null,
    /** Whether it lets organisations find out that they know the same person, as a code of the core. */
    val linking: String? = null,
    /** It is about health, beliefs, origin and the like. */
    val sensitive: Boolean = false,
    /** A rule of the person's keeps it back. */
    val withheld: Boolean = false,
)

/** A record that would answer a part. */
data class Held(
    /** Its name in a decision. */
    val candidate: String,
    /** The values, by the field's name in a decision. */
    val values: Map<String, String>,
    /** Who signed it; null for the person's own word. */
    val signedBy: String?,
    /** Since when it is known to be so, Unix seconds. */
    val asOf: Long,
    /** Until when whoever signed it vouches for it, Unix seconds. */
    val expiresAt: Long? = null,
    /** That time is over. */
    val expired: Boolean = false,
)

/** Several things of which the organisation takes one. */
data class Alternative(val required: Boolean, val options: List<Option>)

/** One of several things. */
data class Option(
    val fields: List<String>,
    /** All of it can be given. */
    val available: Boolean,
    /** Another option tells less. */
    val tellsMore: Boolean,
    val byDefault: Boolean,
)

/** Something to point out. */
data class Warning(
    /** A code of the core. */
    val code: String,
    /** What it is about, as the warning's sentence names it. */
    val details: Map<String, Any> = emptyMap(),
    /** Fields that would tell less: last names of their paths. */
    val instead: List<String> = emptyList(),
    /** The fields that it is about: last names of their paths. */
    val fields: List<String> = emptyList(),
    /** The kind of record that it is about. */
    val schema: String? = null,
)
