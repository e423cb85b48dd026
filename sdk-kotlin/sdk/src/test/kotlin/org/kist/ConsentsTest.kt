package org.kist

import java.nio.file.Path
import java.util.Locale
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** What a person can do about requests and consents besides saying yes: sessions, pauses, the developer's mode. */
class ConsentsTest {
    @TempDir
    lateinit var folder: Path

    private val lean = request.copy(fields = request.fields.filter { it.id == "name" })

    @Test
    fun a28_an_answer_is_given_out_to_the_session_that_brings_the_code() = within {
        World(folder).use { world ->
            world.alice().use { alice ->
                val typed = world.clinic.requests.create(lean.copy(session = BrowserSession.AcrossDevices))
                val open = alice.requests.open(typed.uri)
                assertEquals(BrowserSession.AcrossDevices, open.browserSession)
                alice.requests.answer(open.id, open.required)
                val code = alice.requests.sessionCode(open.id) as SessionCode.Type
                assertFalse(code.digits in code.toString())
                val none = failing<KistException.Consent> { world.clinic.requests.collect(typed.id) }
                assertEquals("SessionCodeMissing", none.code)
                val wrong = failing<KistException.Consent> { world.clinic.requests.collect(typed.id, code = "none") }
                assertEquals("SessionMismatch" to 4L, wrong.code to wrong.number("left"))
                assertNotNull(world.clinic.requests.collect(typed.id, code = code.digits))

                val back = "https://clinic.example/back"
                val opened = world.clinic.requests.create(lean.copy(session = BrowserSession.SameDevice(back)))
                val here = alice.requests.open(opened.uri)
                alice.requests.answer(here.id, here.required)
                val address = (alice.requests.sessionCode(here.id) as SessionCode.Open).uri
                val brought = address.removePrefix("$back?response_code=")
                assertNotNull(world.clinic.requests.collect(opened.id, code = brought))
            }
        }
    }

    @Test
    fun k1_k10_one_consent_or_everything_stands_still() = within {
        World(folder).use { world ->
            world.alice().use { alice ->
                val hosted = world.clinic.requests.create(lean)
                val open = alice.requests.open(hosted.uri)
                alice.consents.pauseEverything()
                assertNotNull(alice.consents.everythingPaused())
                val refused = failing<KistException.Consent> { alice.requests.answer(open.id, open.required) }
                assertEquals("ConsentPaused", refused.code)
                alice.consents.resumeEverything()
                assertNull(alice.consents.everythingPaused())

                val consent = checkNotNull(alice.requests.answer(open.id, open.required)).id
                checkNotNull(world.clinic.requests.collect(hosted.id))
                assertEquals(PausedBy.PERSON, alice.consents.pause(consent).paused?.by)
                world.clinic.deliveries.deliver(
                    consent, Schemas.VACCINATION, body("vaccine" to "Tetanus toxoid", "date" to "2026-11-23"),
                )
                assertTrue(alice.inbox.refresh().last() is InboxEvent.Waiting)
                assertEquals(ConsentState.IN_FORCE, alice.consents.resume(consent).state)
                assertTrue(alice.inbox.refresh().single() is InboxEvent.Delivered)
            }
        }
    }

    @Test
    fun k3_rules_keep_back_remember_and_give_together() = within {
        World(folder).use { world ->
            world.alice().use { alice ->
                alice.records.add(Schemas.PHONE, body("phone_number" to "+44 7700 900123"))
                val asked = request.copy(fields = request.fields.filter { it.id == "name" || it.id == "phone" })
                suspend fun open() = alice.requests.open(world.clinic.requests.create(asked).uri)

                val tomorrow = System.currentTimeMillis() / 1000 + 24 * 3600
                val first = open()
                assertEquals(Verdict.Ask, first.evaluation.byRules)
                alice.requests.answer(first.id, first.required, "en", rememberUntil = tomorrow)
                val remembered = alice.rules.list().single()
                assertEquals(tomorrow, (remembered.rule as Rule.Remember).until)
                val again = open()
                assertTrue(again.evaluation.byRules is Verdict.Remembered)
                assertNotNull(alice.requests.answerRemembered(again.id))
                alice.rules.remove(remembered.id)

                alice.rules.add(Rule.Profile("clinics", listOf(FieldPattern(Schemas.PHONE))))
                val third = open()
                assertEquals(2, third.required.size)
                assertEquals(3, alice.requests.choices(third.id, profile = "clinics").size)
                val kept = alice.rules.add(Rule.Never(FieldPattern(Schemas.NAME, """["family_name"]""")))
                val refused = alice.requests.get(third.id)
                assertTrue(refused.evaluation.byRules is Verdict.Refuse)
                assertEquals(listOf(kept.id), refused.evaluation.fields.mapNotNull { it.withheldBy })
                val error = failing<KistException.Consent> { alice.requests.answer(third.id, third.required) }
                assertEquals("KeptBack", error.code)
            }
        }
    }

    @Test
    fun k1_k5_who_has_my_number_is_asked_narrowed_renewed_and_proven() = within {
        World(folder).use { world ->
            world.alice().use { alice ->
                alice.records.add(Schemas.PHONE, body("phone_number" to "+44 7700 900123"))
                val asked = request.copy(fields = request.fields.filter { it.id == "name" || it.id == "phone" })
                val hosted = world.clinic.requests.create(asked)
                val open = alice.requests.open(hosted.uri)
                val phone = open.evaluation.fields.single { it.credential == "phone" }
                val all = open.required + FieldChoice(checkNotNull(phone.field), phone.matches.single().candidate)
                val consent = checkNotNull(alice.requests.answer(open.id, all)).id
                checkNotNull(world.clinic.requests.collect(hosted.id))
                alice.inbox.refresh()
                assertTrue(alice.consents.effortSaved().keystrokes > 10u)

                val mine = ConsentFilter(schema = Schemas.PHONE)
                assertEquals(listOf(consent), alice.consents.find(mine).map { it.id })
                alice.consents.narrow(consent, Narrowing(listOf(phone.field!!)))
                assertTrue(alice.consents.find(mine).isEmpty())
                assertTrue(world.clinic.inbox.refresh().any { it is OrgEvent.Amended })
                assertTrue(alice.inbox.refresh().any { it is InboxEvent.NarrowingAcknowledged })
                assertNotNull(alice.consents.get(consent).narrowings.single().acknowledgedAt)

                val renewing = world.clinic.requests.create(asked.copy(replaces = consent))
                val renewal = alice.requests.open(renewing.uri)
                assertEquals(renewal.id, alice.consents.get(consent).summary.renewal)
                val newer = checkNotNull(alice.requests.answer(renewal.id, renewal.required)).id
                checkNotNull(world.clinic.requests.collect(renewing.id))
                alice.inbox.refresh()
                assertEquals(newer, alice.consents.get(consent).summary.replacedBy)

                val page = alice.consents.receiptPage(newer, Locale.UK)
                assertTrue("Riverside Clinic" in page, page)
                val proven = Kist.verifyReceipt(alice.consents.proof(newer))
                assertEquals("Riverside Clinic", proven.getValue("organisation").jsonPrimitive.content)
                val evidence = alice.history.evidence()
                assertEquals(2, Kist.verifyEvidence(evidence).getValue("agreements").jsonArray.size)
                val outcomes = alice.consents.change(listOf(newer, "nothing"), ConsentAct.Withdraw)
                assertEquals(listOf(null, "NotFound"), outcomes.map { it.error })
            }
        }
    }

    @Test
    fun t1_without_a_framework_only_a_developer_is_asked_and_told_so() = within {
        World(folder).use { world ->
            world.store().create(PASSPHRASE).use { developer ->
                val hosted = world.clinic.requests.create(lean)
                assertFalse(developer.developerMode())
                val missing = failing<KistException.Trust> { developer.requests.open(hosted.uri) }
                assertEquals("TrustListMissing", missing.code)
                developer.setDeveloperMode(true)
                assertTrue(developer.developerMode())
                val evaluation = developer.requests.open(hosted.uri).evaluation
                assertEquals("", evaluation.asker.framework)
                assertTrue("NobodyVouches" in evaluation.warnings.map { it.code })
            }
        }
    }
}
