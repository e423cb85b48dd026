package org.kist

import java.nio.file.Files.readAllBytes
import java.nio.file.Files.write
import java.nio.file.Path
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** What a council grants; no type that Kist knows. */
private const val SUPPORT = "urn:example:schema:support:1"

/** Journeys of one person among several organisations, with the real relay. */
class JourneysTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun j4_a21_council_clinic_and_charity_have_nothing_in_common_but_what_she_showed() = within {
        World(folder).use { world ->
            val council = world.admit(
                Member(
                    "Harbour Council",
                    "NTRGB-2001",
                    mapOf(Schemas.NAME to listOf("given_name", "family_name"), Schemas.ADDRESS to listOf("locality")),
                    issues = listOf(SUPPORT),
                ),
            )
            val support = mapOf(SUPPORT to listOf("scheme", "until"))
            val charity = world.admit(Member("Shore Charity", "NTRGB-3001", support))
            world.alice().use { alice ->
                val name = field("name", Schemas.NAME, true, "given_name", "family_name")
                val home = field("home", Schemas.ADDRESS, true, "locality")
                val granted = field("support", SUPPORT, true, "scheme", "until")
                val byCouncil = share(alice, council, name, home)
                val byClinic = share(alice, world.clinic, *request.fields.toTypedArray())

                // What the council grants is bound to her relationship with it, and shown to nobody else.
                council.deliveries.deliver(byCouncil, SUPPORT, body("scheme" to "Warm homes", "until" to "2027-03-31"))
                val delivered = alice.inbox.refresh().filterIsInstance<InboxEvent.Delivered>().single()
                val letter = alice.records.get(delivered.record)
                assertEquals("Harbour Council", letter.provenance.verifiedBy)
                assertFalse(alice.requests.open(ask(charity, granted).uri).evaluation.answerable)

                // It reaches the charity through her alone, in her own words.
                alice.records.add(SUPPORT, letter.json)
                val byCharity = share(alice, charity, granted)
                val received = charity.agreements.get(byCharity).received
                assertEquals(listOf("Warm homes", "2027-03-31"), received.map { it.json.jsonPrimitive.content })
                assertTrue(received.all { it.organisation == null })

                val organisations = listOf(council to byCouncil, world.clinic to byClinic, charity to byCharity)
                for ((organisation, own) in organisations) {
                    assertEquals(listOf(own), organisation.agreements.list().map { it.id })
                    for ((_, other) in organisations - (organisation to own)) {
                        assertEquals("NotFound", failing<KistException.Input> { organisation.agreements.get(other) }.code)
                    }
                }
                assertEquals(3, alice.consents.list().map { it.organisation }.toSet().size)
                val held = organisations.map { (organisation, _) -> madeByKist(organisation) }
                assertTrue(held.all { it.size > 3 })
                for ((at, one) in held.withIndex()) for (other in held.drop(at + 1)) {
                    assertEquals(emptySet<String>(), one intersect other)
                }
            }
        }
    }

    @Test
    fun a19_a22_who_asks_for_too_much_gets_no_more_and_then_stands_still() = within {
        World(folder).use { world ->
            val asks = mapOf(Schemas.NAME to listOf("given_name"))
            val lender = world.admit(Member("Quick Loans Ltd", "NTRGB-4001", asks, issues = listOf(SUPPORT)))
            world.alice().use { alice ->
                val name = field("name", Schemas.NAME, true, "given_name")
                val birth = field("birth", Schemas.BIRTH, false, "birthdate")
                val open = alice.requests.open(ask(lender, name, birth).uri)
                val tooMuch = open.evaluation.fields.single { it.credential == "birth" }
                assertEquals(listOf("NotRegistered"), tooMuch.overAsking)
                assertFalse(tooMuch.chosenByDefault)
                assertTrue("OverAsking" in open.evaluation.warnings.map { it.code })
                alice.requests.refuse(open.id)
                val agreement = share(alice, lender, name, birth)
                assertEquals(listOf("Alice"), lender.agreements.get(agreement).received.map { it.json.jsonPrimitive.content })

                world.framework.suspend("NTRGB-4001")
                takeNewestList(world, alice)
                val told = alice.organisationChanges()
                assertEquals(listOf(MemberState.ACTIVE to MemberState.SUSPENDED), told.map { it.from to it.to })
                alice.told(told)
                assertTrue(alice.organisationChanges().isEmpty())
                val paused = alice.consents.get(agreement).summary
                assertEquals(ConsentState.PAUSED, paused.state)
                assertEquals(PausedBy.FRAMEWORK, paused.paused?.by)
                assertEquals(MemberState.SUSPENDED, paused.paused?.standing)
                lender.deliveries.deliver(agreement, SUPPORT, body("scheme" to "A loan", "until" to "2027-03-31"))
                assertTrue(alice.inbox.refresh().single() is InboxEvent.Waiting)
                assertTrue(alice.records.list(RecordFilter(schemas = listOf(SUPPORT))).isEmpty())

                world.framework.expel("NTRGB-4001")
                takeNewestList(world, alice)
                val again = ask(lender, name)
                val refused = failing<KistException.Trust> { alice.requests.open(again.uri) }
                assertEquals("OrganisationNotTrusted" to "Expelled", refused.code to refused.word("reason"))
                assertEquals(ConsentState.WITHDRAWN, alice.consents.withdraw(agreement).state)
                assertEquals(2, alice.history.entries().count { it.kind == "OrganisationStanding" })
            }
        }
    }

    @Test
    fun j3_c4_an_address_changed_once_reaches_three_organisations_one_of_them_switched_off_meanwhile() = within {
        World(folder).use { world ->
            val asks = mapOf(Schemas.ADDRESS to listOf("street_address", "locality"))
            val council = world.admit(Member("Harbour Council", "NTRGB-2001", asks))
            val power = Member("Island Power", "NTRGB-5001", asks)
            val switchedOff = world.admit(power)
            world.alice().use { alice ->
                val home = field("home", Schemas.ADDRESS, true, "street_address", "locality")
                val all = listOf(world.clinic, council, switchedOff)
                val agreements = all.map { share(alice, it, home, rights = Rights(read = true, deliver = false, update = true)) }
                world.close(switchedOff)

                val address = alice.records.list(RecordFilter(schemas = listOf(Schemas.ADDRESS))).single().id
                alice.records.correct(address, body("street_address" to "1 Pier Road", "locality" to "Stromness"))
                alice.inbox.refresh()
                assertEquals(3, alice.history.entries().count { it.kind == "UpdateSent" })

                val again = world.reopen(power)
                for ((organisation, agreement) in listOf(world.clinic, council, again) zip agreements) {
                    val told = organisation.inbox.refresh().filterIsInstance<OrgEvent.Updated>().single()
                    assertEquals(agreement to listOf("""home:["street_address"]"""), told.agreement to told.fields)
                    val street = organisation.agreements.get(agreement).received.single { it.field == """home:["street_address"]""" }
                    assertEquals("1 Pier Road" to told.asOf, street.json.jsonPrimitive.content to street.asOf)
                }

                // What isn't told is asked, and answered when her phone is on.
                val asked = again.reads.ask(agreements[2])
                assertEquals(ReadState.PENDING, asked.state)
                assertTrue(alice.inbox.refresh().single() is InboxEvent.ReadAnswered)
                assertEquals(ReadState.ANSWERED, alice.consents.reads(agreements[2]).single().state)
                assertTrue(again.inbox.refresh().single() is OrgEvent.ReadAnswered)
                assertEquals(ReadState.ANSWERED, again.reads.list().single().state)
            }
        }
    }

    @Test
    fun d9_a_file_goes_to_the_clinic_and_is_there_whole() = within {
        World(folder).use { world ->
            world.alice().use { alice ->
                val consent = share(alice, world.clinic, field("name", Schemas.NAME, true, "given_name"))
                val bytes = "%PDF-1.4\n".toByteArray() + ByteArray(700_000) { (it % 251).toByte() }
                val kept = alice.files.attach(write(folder.resolve("letter.pdf"), bytes)).await().files.single()
                val sent = alice.files.send(consent, kept.id)
                assertEquals(TransferState.UNDERWAY to bytes.size.toULong(), sent.state to sent.size)
                var received: OrgEvent.FileReceived? = null
                while (received == null) {
                    alice.inbox.refresh()
                    received = world.clinic.inbox.refresh().firstNotNullOfOrNull { it as? OrgEvent.FileReceived }
                }
                val saved = folder.resolve("saved.pdf")
                world.clinic.files.save(received.transfer, saved)
                assertArrayEquals(bytes, readAllBytes(saved))
                assertTrue(alice.inbox.refresh().any { it is InboxEvent.FileArrived })
                assertEquals(TransferState.DONE, alice.files.transfers().single().state)
            }
        }
    }

    private suspend fun takeNewestList(world: World, alice: Person) {
        val bundle = Json.parseToJsonElement(world.framework.publish(validDays = 30)).jsonObject
        alice.trust.updateList("Health Framework", bundle.getValue("list").jsonPrimitive.content)
    }

    /** What looks random in all that an organisation holds: ids, keys, digests, addresses, signatures. */
    private suspend fun madeByKist(organisation: Organisation): Set<String> {
        val agreements = organisation.agreements.list().map { organisation.agreements.get(it.id) }
        val texts = "$agreements ${organisation.requests.list()}"
        val words = Regex("[A-Za-z0-9_-]{16,}").findAll(texts).map { it.value }
        return words.filter { it.any(Char::isDigit) && it.any(Char::isUpperCase) }.toSet()
    }
}
