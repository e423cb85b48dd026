package org.kist.wallet.consents

import java.nio.file.Path
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.FieldChoice
import org.kist.FieldSpec
import org.kist.Member
import org.kist.OrgEvent
import org.kist.Organisation
import org.kist.Rights
import org.kist.Schemas
import org.kist.ask
import org.kist.body
import org.kist.field
import org.kist.json
import org.kist.share
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.TestDevice
import org.kist.wallet.world.WalletWorld
import org.kist.wallet.world.confirm
import org.kist.wallet.world.onWallet
import org.kist.wallet.world.unlock

private val home = field("home", Schemas.ADDRESS, true, "street_address", "locality")
private val name = field("name", Schemas.NAME, true, "given_name", "family_name")
private val phone = field("phone", Schemas.PHONE, false, "phone_number")

/** Consents by what a person does: J3, and K1 and K4 of it. */
class ConsentJourneysTest {
    @TempDir
    lateinit var folder: Path

    /** Shares with each organisation while the wallet is shut; gives the agreements. */
    private fun WalletWorld.sharing(
        device: TestDevice,
        organisations: List<Organisation>,
        vararg fields: FieldSpec,
        rights: Rights = Rights(read = true, deliver = true, update = true),
    ): List<String> = runBlocking {
        furnish(device)
        device.store().open(PASSPHRASE).use { alice -> organisations.map { share(alice, it, *fields, rights = rights) } }
    }

    private fun member(world: WalletWorld, name: String, id: String) = runBlocking {
        world.world.admit(Member(name, id, mapOf(Schemas.ADDRESS to listOf("street_address", "locality"))))
    }

    @Test
    fun `j3 an address changed once reaches everyone who has it, one of them switched off meanwhile`() {
        WalletWorld(folder).use { world ->
            val council = member(world, "Harbour Council", "NTRGB-2001")
            val power = Member("Island Power", "NTRGB-5001", mapOf(Schemas.ADDRESS to listOf("street_address", "locality")))
            val switchedOff = runBlocking { world.world.admit(power) }
            val device = world.device()
            val agreements = world.sharing(device, listOf(world.clinic, council, switchedOff), home)
            world.world.close(switchedOff)

            onWallet(device) {
                unlock()
                press("Shared")
                press("By what")
                sees("3 organisations may use this.")
                press("Home")
                press("7 Larch Lane Stromness")
                press("Correct")
                type("Street", "1 Pier Road")
                press("Save")
                sees("Written by you")
                press("Back")
                press("Shared")
                press("Look for news")
                press("What happened")
                press("Who got or read something")
                for (organisation in listOf("Riverside Clinic", "Harbour Council", "Island Power")) {
                    sees("$organisation was told what changed: Street")
                }
            }

            runBlocking {
                val again = world.world.reopen(power)
                for ((organisation, agreement) in listOf(world.clinic, council, again) zip agreements) {
                    val told = organisation.inbox.refresh().filterIsInstance<OrgEvent.Updated>().single()
                    assertEquals(listOf("""home:["street_address"]"""), told.fields)
                    val received = organisation.agreements.get(agreement).received
                    val street = received.single { it.field == """home:["street_address"]""" }
                    assertEquals("1 Pier Road", street.json.jsonPrimitive.content)
                }
                // What is asked while her phone is shut waits, and is answered when it is open.
                again.reads.ask(agreements[2])
            }
            onWallet(device) {
                type("Passphrase", PASSPHRASE)
                press("Open")
                isAt("What happened")
                press("Back")
                press("Island Power")
                isAt("Island Power")
                press("Look for news")
                sees("Island Power asked for")
                sees("Read on")
            }
        }
    }

    @Test
    fun `k4 a withdrawal holds while nobody is reached, is sent later, and is confirmed in the end`() {
        WalletWorld(folder).use { world ->
            val device = world.device()
            world.sharing(device, listOf(world.clinic), name)
            onWallet(device) {
                unlock()
                press("Shared")
                press("Riverside Clinic")
                isAt("Riverside Clinic")
                sees("Riverside Clinic may use this")
                world.relay.whileStopped {
                    press("Take back")
                    sees("Take back what you share with Riverside Clinic?")
                    confirm("Take back")
                    sees("You took it back")
                    sees("Not told yet")
                    sees("It holds already.")
                }
                press("Look for news")
                sees("Sent to them")
                sees("They haven't said yet that they know")
                runBlocking { assertTrue(world.clinic.inbox.refresh().single() is OrgEvent.Withdrawn) }
                press("Look for news")
                sees("They said that they know")
                press("Back")
                sees("You share nothing now.")
                press("Show ended ones too")
                sees("Taken back, they know")
            }
        }
    }

    @Test
    fun `k1 several are withdrawn at once, and everything is paused in one act and goes on`() {
        WalletWorld(folder).use { world ->
            val council = member(world, "Harbour Council", "NTRGB-2001")
            val device = world.device()
            world.sharing(device, listOf(world.clinic, council), home)
            onWallet(device) {
                unlock()
                press("Shared")
                byKeyboard("Pause everything")
                sees("Everything is paused")
                byKeyboard("Let everything go on")
                sees("On · until you take it back")
                press("Choose several")
                press("Harbour Council")
                sees("1 chosen")
                press("Pause")
                sees("1 consent is paused")
                press("Undo")
                sees("1 consent goes on")
                press("Choose several")
                press("Choose all")
                sees("2 chosen")
                press("Take back")
                sees("Take back 2 consents?")
                confirm("Take back")
                sees("You took back 2 consents")
            }
            runBlocking {
                for (organisation in listOf(world.clinic, council)) {
                    assertTrue(organisation.inbox.refresh().single() is OrgEvent.Withdrawn)
                }
            }
        }
    }

    @Test
    fun `k1 who has my number is found, told less, and the rest goes on`() {
        WalletWorld(folder).use { world ->
            val device = world.device()
            runBlocking {
                world.furnish(device)
                device.store().open(PASSPHRASE).use { alice ->
                    alice.records.add(Schemas.PHONE, body("phone_number" to "+44 7700 900123"))
                    val hosted = ask(world.clinic, name, phone)
                    val open = alice.requests.open(hosted.uri)
                    val optional = open.evaluation.fields.single { it.credential == "phone" }
                    val choice = FieldChoice(checkNotNull(optional.field), optional.matches.single().candidate)
                    alice.requests.answer(open.id, open.required + choice)
                    checkNotNull(world.clinic.requests.collect(hosted.id))
                    alice.inbox.refresh()
                }
            }
            onWallet(device) {
                unlock()
                press("Shared")
                type("Who has it?", "telephone")
                press("Riverside Clinic")
                press("Share less")
                press("Share less from now on")
                sees("Nothing would change.")
                press("Telephone number")
                press("Share less from now on")
                sees("without Telephone number")
                sees("they haven't said that they know")
                runBlocking { assertTrue(world.clinic.inbox.refresh().any { it is OrgEvent.Amended }) }
                press("Look for news")
                sees("they know")
                press("Back")
                sees("Nobody has anything like that.")
            }
        }
    }

    @Test
    fun `s5 a consent that was looked at when the app locked is there again`() {
        WalletWorld(folder).use { world ->
            val device = world.device()
            world.sharing(device, listOf(world.clinic), name)
            onWallet(device) {
                unlock()
                press("Shared")
                press("Riverside Clinic")
                isAt("Riverside Clinic")
            }
            onWallet(device) {
                isAt("Welcome back")
                type("Passphrase", PASSPHRASE)
                press("Open")
                isAt("Riverside Clinic")
                sees("To register you as a patient")
            }
        }
    }
}
