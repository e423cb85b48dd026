package org.kist

import java.nio.file.Path
import java.util.Locale
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** Requests of rights from the phone to the organisation's queue and back, and a report. */
class RightsTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun k6_rights_are_asked_for_answered_in_time_and_reported() = within {
        World(folder).use { world ->
            world.alice().use { alice ->
                val consent = share(alice, world.clinic, *request.fields.toTypedArray())
                val given = """name:["given_name"]"""
                val alys = alice.records.add(Schemas.NAME, body("given_name" to "Alys", "family_name" to "Archer"))
                val correction = RightsSpec(
                    DataRight.RECTIFICATION, consent, corrections = listOf(CorrectedField(given, alys.id)),
                )
                val asked = alice.rights.ask(correction)
                assertEquals(RightsStage.SENT, asked.stage)
                val event = world.clinic.inbox.refresh().single() as OrgEvent.RightsRequested
                assertEquals(asked.id to DataRight.RECTIFICATION, event.request to event.right)
                val queued = world.clinic.rights.list().single()
                assertEquals(listOf(given to "Alys"), queued.corrected.map { it.field to it.json.jsonPrimitive.content })
                assertEquals(OrgRightsState.ANSWERED, world.clinic.rights.answer(asked.id, RightsAnswer.Done()).state)
                val received = world.clinic.agreements.get(consent).received
                assertEquals("Alys", received.single { it.field == given }.json.jsonPrimitive.content)

                alice.consents.withdraw(consent)
                val copy = alice.rights.ask(RightsSpec(DataRight.ACCESS, consent))
                val erasure = alice.rights.ask(RightsSpec(DataRight.ERASURE, consent))
                world.clinic.inbox.refresh()
                val vaccination = body("vaccine" to "Tetanus toxoid", "date" to "2026-11-23")
                world.clinic.rights.answer(
                    copy.id,
                    RightsAnswer.Done(listOf(Delivery(Schemas.VACCINATION, vaccination)), mapOf("en" to "All we have")),
                )
                val law = RightsAnswer.Refused(RefusalGround.LEGAL_OBLIGATION, mapOf("en" to "A law asks to keep it"))
                world.clinic.rights.answer(erasure.id, law)
                val answered = alice.inbox.refresh().filterIsInstance<InboxEvent.RightsAnswered>()
                assertEquals(
                    mapOf(
                        asked.id to RightsOutcome.DONE,
                        copy.id to RightsOutcome.DONE,
                        erasure.id to RightsOutcome.REFUSED,
                    ),
                    answered.associate { it.request to it.outcome },
                )
                val record = answered.single { it.request == copy.id }.records.single()
                assertEquals("Riverside Clinic", alice.records.get(record).provenance.verifiedBy)
                val refusal = alice.rights.get(erasure.id)
                assertEquals(RefusalGround.LEGAL_OBLIGATION, refusal.answer?.ground)
                assertEquals("ICO", refusal.authority?.name)
                val late = failing<KistException.Input> { world.clinic.rights.answer(erasure.id, RightsAnswer.Done()) }
                assertEquals("AlreadyAnswered", late.code)

                val report = alice.rights.report(consent, note = "They keep what I asked them to erase")
                assertEquals("ICO", report.authority?.name)
                assertEquals(ReportSubject.Consent(consent), report.subject)
                assertTrue("Riverside Clinic" in alice.rights.document(report.id).toString())
                val page = alice.rights.page(report.id, Locale.UK)
                assertTrue("They keep what I asked them to erase" in page, page)
                assertEquals("ref 7", alice.rights.sent(report.id, note = "ref 7").sentNote)
                assertEquals(listOf(report.id), alice.rights.reports().map { it.id })
            }
        }
    }

    @Test
    fun k6_a_refused_request_is_reported() = within {
        World(folder).use { world ->
            world.alice().use { alice ->
                val open = alice.requests.open(world.clinic.requests.create(request).uri)
                alice.requests.refuse(open.id)
                val refused = alice.requests.refused().single()
                assertEquals(open.id to "ICO", refused.id to refused.authority.name)
                val report = alice.rights.reportRequest(open.id, note = "They need none of it")
                assertEquals(ReportSubject.Request(open.id), report.subject)
                val document = alice.rights.document(report.id)
                assertEquals(open.id, document.getValue("request").jsonObject.getValue("id").jsonPrimitive.content)
                val page = alice.rights.page(report.id, Locale.UK)
                assertTrue("They need none of it" in page && "Refused at" in page, page)
                assertEquals(3, alice.rights.reportedRequest(report.id).split(".").size)
                assertEquals("NotFound", failing<KistException.Input> { alice.rights.reportRequest("nothing") }.code)
            }
        }
    }
}
