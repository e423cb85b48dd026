package org.kist

import java.nio.file.Path
import kotlin.time.Duration.Companion.seconds
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** A desk service asks for the clinic: the clinic orders, the desk carries, Alice sees both, and the clinic alone opens. */
class SuppliersTest {
    @TempDir
    lateinit var folder: Path

    private val deskMember = Member("Desk Services", "NTRGB-50", mapOf(Schemas.NAME to listOf("given_name")))
    private val asked = request.copy(fields = listOf(field("name", Schemas.NAME, true, "given_name")))

    @Test
    fun t3_a_desk_asks_for_the_clinic_which_alone_opens_the_answer() = within {
        World(folder).use { world ->
            val desk = world.admit(deskMember)
            mandate(world)
            world.alice().use { alice ->
                val commission = world.clinic.commissions.order(asked, desk.commissions.card())
                val hosted = desk.commissions.carry(commission)
                assertNull(desk.commissions.carried(hosted.id))
                assertEquals("Riverside Clinic", desk.requests.list().single().organisation)

                val open = alice.requests.open(hosted.uri)
                val asker = open.evaluation.asker
                assertEquals("Desk Services" to "Riverside Clinic", asker.organisation.name to asker.onBehalfOf?.name)
                val consent = checkNotNull(alice.requests.answer(open.id, open.required))
                assertEquals("Riverside Clinic", consent.organisation)

                val carried = checkNotNull(desk.commissions.carried(hosted.id, wait = 10.seconds))
                assertTrue("Alice" !in carried)
                assertEquals("NotFound", failing<KistException> { desk.commissions.open(carried) }.code)
                assertEquals(emptyList<OrgAgreementSummary>(), desk.agreements.list())
                val answer = checkNotNull(world.clinic.commissions.open(carried))
                assertEquals(consent.id to listOf("\"Alice\""), answer.agreement to answer.fields.map { it.value })
                assertEquals(answer, world.clinic.commissions.open(carried), "however often it is brought")
                desk.requests.close(hosted.id)

                alice.inbox.refresh()
                assertEquals(ConsentState.IN_FORCE, alice.consents.get(consent.id).summary.state)
            }
        }
    }

    @Test
    fun a18_a_commission_serves_the_supplier_that_the_registration_names_and_no_other() = within {
        World(folder).use { world ->
            val desk = world.admit(deskMember)
            val shop = world.admit(Member("Corner Shop", "NTRGB-51", deskMember.asks))
            val early = failing<KistException> { world.clinic.commissions.order(asked, desk.commissions.card()) }
            assertEquals("OrganisationNotTrusted", early.code, "it isn't registered")
            mandate(world)
            val other = failing<KistException> { world.clinic.commissions.order(asked, shop.commissions.card()) }
            assertEquals("OrganisationNotTrusted", other.code)
            val commission = world.clinic.commissions.order(asked, desk.commissions.card())
            assertEquals("MixUpRefused", failing<KistException> { shop.commissions.carry(commission) }.code)
            assertEquals(emptyList<HostedRequestSummary>(), shop.requests.list())
            assertEquals("Malformed", failing<KistException> { desk.commissions.carry("{}") }.code)
        }
    }

    /** The clinic's registration anew, by which the desk may ask for it for a day. */
    private suspend fun mandate(world: World) {
        val now = System.currentTimeMillis() / 1000
        val suppliers = Json.parseToJsonElement(
            """[{
              "sub": "${deskMember.id}", "sub_ln": "${deskMember.name}", "role": "dpv:DataProcessor",
              "intended_uses": ["care"], "nbf": ${now - 60}, "exp": ${now + 24 * 3600}
            }]""",
        )
        val spec = JsonObject(clinicMember.application() + ("suppliers" to suppliers))
        world.clinic.install(world.framework.admit(world.clinic.apply(spec)))
    }
}
