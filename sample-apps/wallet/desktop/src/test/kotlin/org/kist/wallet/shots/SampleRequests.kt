package org.kist.wallet.shots

import org.kist.ConsentState
import org.kist.MemberStanding
import org.kist.Rights
import org.kist.Schemas
import org.kist.Validity
import org.kist.wallet.receipt.Agreed
import org.kist.wallet.receipt.Given
import org.kist.wallet.request.AskedField
import org.kist.wallet.request.Asking
import org.kist.wallet.request.Held
import org.kist.wallet.request.KeptThing
import org.kist.wallet.request.Member
import org.kist.wallet.request.Part
import org.kist.wallet.request.Purpose
import org.kist.wallet.request.Terms
import org.kist.wallet.request.Together
import org.kist.wallet.request.Who

/** A clinic's request and what was agreed on it, as made-up things. */
object SampleRequests {
    private const val DAY = 86_400L

    val purpose = mapOf(
        "en" to "To register you as a patient",
        "cy" to "I'ch cofrestru fel claf",
        "ar" to "لتسجيلك مريضًا",
    )

    val asking = Asking(
        id = "request",
        who = Who(
            name = "Riverside Clinic",
            id = "NTRGB-1234",
            country = "GB",
            framework = "Health Framework",
            memberSince = Samples.NOW - 400 * DAY,
            contacts = listOf("mailto:privacy@clinic.example"),
            supervisor = "Information Commissioner",
            supervisorUri = "https://ico.example/",
        ),
        purposes = listOf(
            Purpose(
                purpose,
                "eu-gdpr:A6-1-a",
                "P2Y",
                listOf(
                    KeptThing(mapOf("en" to "the day of your visit, for the law on accounts", "ar" to "يوم زيارتك، لأجل قانون المحاسبة"), "P7Y"),
                ),
            ),
        ),
        terms = Terms(
            Rights(read = true, deliver = true, update = true),
            Validity.Standing,
            recipients = listOf("Harbour Laboratory"),
            storage = listOf("GB"),
        ),
        parts = listOf(
            part("name", Schemas.NAME, "given_name" to "Alice", "family_name" to "Archer"),
            part("home", Schemas.ADDRESS, "street_address" to "7 Larch Lane", "locality" to "Stromness").let { part ->
                val values = part.fields.map { it.field.orEmpty() }.zip(listOf("2 Quay Street", "Kirkwall")).toMap()
                val older = Held("older", values, "Harbour Council", Samples.NOW - 900 * DAY)
                part.copy(
                    fields = part.fields.map { it.copy(sharedBeforeMs = (Samples.NOW - 60 * DAY) * 1_000) },
                    held = part.held + older,
                )
            },
            part("phone", Schemas.PHONE, "phone_number" to "+44 7700 900123", required = false) {
                val why = mapOf("en" to "To tell you when a visit is moved", "ar" to "لنخبرك عند تغيير موعد الزيارة")
                it.copy(linking = "LinksYou", why = why)
            },
            part("condition", "urn:kist:schema:condition:1", "name" to "Asthma", required = false) {
                it.copy(sensitive = true, overAsking = listOf("NotRegistered"))
            },
        ),
        expiresAt = Samples.NOW + 600,
    )

    /** The clinic and a council that asks for less. */
    val together = Together(
        id = "cluster",
        name = mapOf("en" to "Care on the islands", "cy" to "Gofal ar yr ynysoedd", "ar" to "الرعاية في الجزر"),
        lead = "Council of the Islands",
        members = listOf(
            Member(
                "NTRGB-1234", "Riverside Clinic",
                mapOf("en" to "Looks after your health", "cy" to "Yn gofalu am eich iechyd", "ar" to "ترعى صحتك"),
                MemberStanding.READY, asking = asking,
            ),
            Member(
                "NTRGB-25", "Council of the Islands",
                mapOf("en" to "Sends help to your home", "cy" to "Yn anfon cymorth i’ch cartref", "ar" to "ترسل المساعدة إلى بيتك"),
                MemberStanding.READY,
                asking = asking.copy(
                    id = "council",
                    who = asking.who.copy(name = "Council of the Islands", id = "NTRGB-25"),
                    purposes = listOf(
                        Purpose(
                            mapOf("en" to "To plan help at home", "cy" to "I gynllunio cymorth gartref", "ar" to "لتخطيط المساعدة في البيت"),
                            "eu-gdpr:A6-1-a", "P1Y",
                        ),
                    ),
                    parts = listOf(
                        part("name", Schemas.NAME, "given_name" to "Alice"),
                        part("phone", Schemas.PHONE, "phone_number" to "+44 7700 900123", required = false),
                    ),
                ),
            ),
        ),
    )

    val agreed = Agreed(
        id = "9c1f0a77d2",
        organisation = "Riverside Clinic",
        purpose = purpose,
        legalBasis = "eu-gdpr:A6-1-a",
        given = listOf(
            Given(Schemas.NAME, "given_name"),
            Given(Schemas.NAME, "family_name"),
            Given(Schemas.ADDRESS, "street_address"),
            Given(Schemas.ADDRESS, "locality"),
        ),
        rights = Rights(read = true, deliver = true, update = false),
        retention = "P2Y",
        keptAfterWithdrawal = emptyList(),
        privacyNotice = "https://clinic.example/privacy",
        agreedAt = Samples.NOW,
        endsAt = null,
        state = ConsentState.IN_FORCE,
        countersigned = true,
    )

    fun part(
        credential: String,
        schema: String,
        vararg claims: Pair<String, String>,
        required: Boolean = true,
        mark: (AskedField) -> AskedField = { it },
    ): Part {
        val names = claims.associate { (name, value) -> "$credential:[\"$name\"]" to value }
        val fields = claims.map { (name, _) ->
            mark(AskedField("$credential:[\"$name\"]", credential, name, required, byDefault = required))
        }
        return Part(credential, schema, fields, listOf(Held(credential, names, null, Samples.NOW - 3 * DAY)))
    }
}
