package org.kist.wallet.shots

import org.kist.ConsentDetail
import org.kist.ConsentState
import org.kist.ConsentSummary
import org.kist.GivenField
import org.kist.Pause
import org.kist.PausedBy
import org.kist.ReadInfo
import org.kist.ReadState
import org.kist.Rights
import org.kist.Schemas
import org.kist.WithdrawalProgress
import org.kist.WithdrawalState

/** Made-up consents, in every state. */
object SampleConsents {
    private const val DAY = 86_400L
    private val name = listOf(given("name", "given_name", Schemas.NAME, "identity"), given("name", "family_name", Schemas.NAME, "identity"))
    private val address = listOf(
        given("home", "street_address", Schemas.ADDRESS, "home"),
        given("home", "locality", Schemas.ADDRESS, "home"),
    )
    private val phone = listOf(given("phone", "phone_number", Schemas.PHONE, "contacts", required = false))
    private val purposes = mapOf(
        "en" to "To register you as a patient",
        "cy" to "I'ch cofrestru fel claf",
        "ar" to "لتسجيلك مريضًا",
    )

    val clinic = consent("Riverside Clinic", ConsentState.IN_FORCE, name + address + phone)
    val council = consent("Harbour Council", ConsentState.IN_FORCE, name + address, expiresAt = Samples.NOW + 12 * DAY, soon = true)
    val power = consent("Island Power", ConsentState.PAUSED, address)
        .copy(paused = Pause(PausedBy.PERSON, Samples.NOW - 2 * DAY, null))
    val silent = consent("Quick Loans Ltd", ConsentState.WITHDRAWN, name).copy(
        withdrawnAt = Samples.NOW - 9 * DAY,
        withdrawal = WithdrawalProgress(WithdrawalState.SILENT, Samples.NOW - 9 * DAY, Samples.NOW - 2 * DAY, null),
    )
    val acknowledged = consent("Shore Charity", ConsentState.WITHDRAWAL_ACKNOWLEDGED, name).copy(
        withdrawnAt = Samples.NOW - 20 * DAY,
        acknowledgedAt = Samples.NOW - 19 * DAY,
        withdrawal = WithdrawalProgress(WithdrawalState.ACKNOWLEDGED, Samples.NOW - 20 * DAY, null, null),
    )
    val all = listOf(clinic, council, power, silent, acknowledged)

    val pendingRead = ReadInfo(
        "1", "Harbour Council", "Harbour Council", "Harbour Council", address.map { it.field }, Samples.NOW - 3_600,
        (Samples.NOW - 3_000) * 1_000, ReadState.PENDING, null, null,
    )
    val answeredRead = pendingRead.copy(
        id = "2", organisation = "Riverside Clinic", state = ReadState.ANSWERED, decidedAt = Samples.NOW - DAY,
    )

    fun detail(consent: ConsentSummary) = ConsentDetail(
        summary = consent,
        legalBasis = "eu-gdpr:A6-1-a",
        rights = Rights(read = true, deliver = true, update = true),
        retention = "P2Y",
        keptAfterWithdrawal = listOf(
            mapOf("en" to "your vaccinations", "cy" to "eich brechiadau", "ar" to "تطعيماتك"),
        ),
        privacyNotice = "https://clinic.example/privacy",
        narrowings = emptyList(),
        receipt = null,
    )

    private fun given(id: String, claim: String, schema: String, area: String, required: Boolean = true) =
        GivenField("""$id:["$claim"]""", schema, area, required)

    private fun consent(
        organisation: String,
        state: ConsentState,
        given: List<GivenField>,
        expiresAt: Long? = null,
        soon: Boolean = false,
    ) = ConsentSummary(
        id = organisation,
        organisation = organisation,
        organisationId = organisation,
        purpose = purposes,
        fields = given.map { it.field },
        state = state,
        agreedAt = Samples.NOW - 90 * DAY,
        expiresAt = expiresAt,
        withdrawnAt = null,
        acknowledgedAt = null,
        paused = null,
        withdrawal = null,
        given = given,
        areas = given.mapNotNull { it.area }.distinct(),
        expiresSoon = soon,
        replaces = null,
        replacedBy = null,
        renewal = null,
    )
}
