package org.kist.wallet.practice

import java.time.Clock
import java.time.Instant
import java.time.temporal.ChronoUnit
import java.util.Locale
import org.kist.ConsentState
import org.kist.FieldChoice
import org.kist.Rights
import org.kist.Schemas
import org.kist.Validity
import org.kist.wallet.language.Language
import org.kist.wallet.language.Words
import org.kist.wallet.receipt.Agreed
import org.kist.wallet.receipt.Given
import org.kist.wallet.receipt.ReceiptDesk
import org.kist.wallet.receipt.nameOf
import org.kist.wallet.request.AskedField
import org.kist.wallet.request.Asking
import org.kist.wallet.request.ChoiceDraft
import org.kist.wallet.request.Found
import org.kist.wallet.request.Held
import org.kist.wallet.request.Joint
import org.kist.wallet.request.Part
import org.kist.wallet.request.Purpose
import org.kist.wallet.request.Remember
import org.kist.wallet.request.RequestDesk
import org.kist.wallet.request.Terms
import org.kist.wallet.request.Who

/**
 * A make-believe clinic and a make-believe patient. It lives in memory alone: it is given no store, no port and no network, so
 * that nothing of the person's can get into it, and nothing out of it.
 */
class PracticeClinic(private val clock: Clock = Clock.systemUTC()) : RequestDesk, ReceiptDesk {
    private var found: Found = Found.Open(asking())
    private var agreed: Agreed? = null

    override suspend fun find(id: String): Found = found

    override suspend fun answer(id: String, fields: List<FieldChoice>, language: String, remember: Remember) {
        val asking = (found as? Found.Open)?.asking ?: return
        val schemas = asking.parts.associate { it.credential to it.schema }
        agreed = Agreed(
            id = REQUEST,
            organisation = asking.who.name,
            purpose = asking.purposes.single().text,
            legalBasis = CONSENT,
            given = fields.map { Given(schemas[it.field.substringBefore(':')], nameOf(it.field)) },
            rights = RIGHTS,
            retention = RETENTION,
            keptAfterWithdrawal = emptyList(),
            privacyNotice = "",
            agreedAt = now(),
            endsAt = null,
            state = ConsentState.IN_FORCE,
            countersigned = true,
        )
        found = Found.Answered(asking.who.name, REQUEST, waiting = false, session = null, countersigned = true)
    }

    override suspend fun answerRemembered(id: String) = Unit

    override suspend fun refuse(id: String) {
        (found as? Found.Open)?.let { found = Found.Refused(it.asking.who.name) }
    }

    override suspend fun send() = Unit

    override fun draft(id: String): ChoiceDraft? = null

    override suspend fun joint(id: String): Joint? = null

    override suspend fun renewTrust(framework: String): Boolean = false

    override suspend fun agreed(id: String): Agreed = checkNotNull(agreed) { "nothing was agreed yet" }

    override suspend fun fetch(id: String): List<String> = emptyList()

    override suspend fun page(id: String, locale: Locale): String = throw UnsupportedOperationException("practice has no page")

    override suspend fun proof(id: String): ByteArray = throw UnsupportedOperationException("practice proves nothing")

    override suspend fun verify(id: String) = throw UnsupportedOperationException("practice proves nothing")

    /** Takes back what was agreed; a make-believe clinic acknowledges at once. */
    fun withdraw() {
        agreed = agreed?.copy(state = ConsentState.WITHDRAWAL_ACKNOWLEDGED)
    }

    private fun asking() = Asking(
        id = REQUEST,
        who = Who(
            name = inEnglish("practice.clinic"),
            id = "PRACTICE-1",
            country = "GB",
            framework = inEnglish("practice.framework"),
            memberSince = now() - ChronoUnit.DAYS.duration.seconds * 400,
        ),
        purposes = listOf(Purpose(inEvery("practice.purpose"), CONSENT, RETENTION)),
        terms = Terms(RIGHTS, Validity.Standing, storage = listOf("GB")),
        parts = listOf(
            part("name", Schemas.NAME, true, "given_name" to "Robin", "family_name" to "Example"),
            part("birth", Schemas.BIRTH, true, "birthdate" to "1990-04-01"),
            part("phone", Schemas.PHONE, false, "phone_number" to "+44 7700 900000"),
            part("email", Schemas.EMAIL, false, "email" to "robin@example.org", over = listOf("NotRegistered")),
        ),
        expiresAt = now() + ChronoUnit.MINUTES.duration.seconds * 10,
    )

    private fun part(
        credential: String,
        schema: String,
        required: Boolean,
        vararg claims: Pair<String, String>,
        over: List<String> = emptyList(),
    ): Part {
        val values = claims.associate { (name, value) -> "$credential:[\"$name\"]" to value }
        val fields = claims.map { (name, _) ->
            AskedField("$credential:[\"$name\"]", credential, name, required, byDefault = required, overAsking = over)
        }
        return Part(credential, schema, fields, listOf(Held("practice", values, null, now())))
    }

    private fun now(): Long = Instant.now(clock).epochSecond

    private fun inEnglish(key: String) = Words(Language.ENGLISH)(key)

    private fun inEvery(key: String) = Language.entries.associate { it.tag to Words(it)(key) }

    companion object {
        /** The one request of the make-believe clinic, and its agreement. */
        const val REQUEST = "practice"
        private const val CONSENT = "eu-gdpr:A6-1-a"
        private const val RETENTION = "P2Y"
        private val RIGHTS = Rights(read = true, deliver = true, update = false)
    }
}
