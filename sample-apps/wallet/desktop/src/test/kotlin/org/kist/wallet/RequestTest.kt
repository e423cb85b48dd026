package org.kist.wallet

import java.nio.file.Path
import kotlin.io.path.readText
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.ConsentState
import org.kist.FieldPattern
import org.kist.Kist
import org.kist.Person
import org.kist.RecordFilter
import org.kist.RecordPlace
import org.kist.Rule
import org.kist.Schemas
import org.kist.body
import org.kist.field
import org.kist.json
import org.kist.request
import org.kist.wallet.app.SessionState
import org.kist.wallet.state.DRAFT
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.TestDevice
import org.kist.wallet.world.WalletUi
import org.kist.wallet.world.WalletWorld
import org.kist.wallet.world.onWallet
import org.kist.wallet.world.qrPicture
import org.kist.wallet.world.untilDraftKept

/** J2 as a person does it, and a request in every way that it can go. */
class RequestTest {
    @TempDir
    lateinit var folder: Path

    private fun inWorld(test: (WalletWorld, TestDevice) -> Unit) = WalletWorld(folder).use { world ->
        val device = world.device()
        runBlocking { world.furnish(device) }
        test(world, device)
    }

    private fun WalletUi.unlock() {
        type("Passphrase", PASSPHRASE)
        press("Open")
    }

    private val WalletUi.person: Person get() = (wallet.session.state.value as SessionState.Open).person

    /** Scans a picture of the link, from home. */
    private fun WalletUi.scan(device: TestDevice, link: String) {
        device.files.toOpen.add(qrPicture(link, folder.resolve("code.png")))
        press("Scan")
        press("Choose a picture")
    }

    private fun alice(device: TestDevice, act: suspend (Person) -> Unit) =
        runBlocking { device.store().open(PASSPHRASE).use { act(it) } }

    @Test
    fun `j2 she scans at the desk, sees who and why and what, shares, and takes the result home`() = inWorld { world, device ->
        val hosted = runBlocking { world.clinic.requests.create(request) }
        val (paper, page) = folder.resolve("receipt.pdf") to folder.resolve("receipt.html")
        onWallet(device) {
            unlock()
            scan(device, hosted.uri)
            isAt("Riverside Clinic asks")
            seesWhoAndWhyAndWhat()
            press("Share 3 things")
            isAt("Shared")
            sees("Your answer is on its way to Riverside Clinic.")
            val answer = checkNotNull(runBlocking { world.clinic.requests.collect(hosted.id, wait = 10.seconds) })
            assertEquals(5, answer.fields.size, "the telephone number wasn't asked of her twice, and wasn't given")
            press("See what you agreed")
            sees("You and Riverside Clinic have both signed.")
            press("Check the signatures")
            sees("The signatures are right.")
            device.files.toSave.addAll(listOf(paper, page))
            press("Save to print")
            sees("Saved: receipt.pdf")
            press("Save as a web page")
            sees("Saved: receipt.html")
            val delivered = body("vaccine" to "Tetanus toxoid", "date" to "2026-11-23")
            runBlocking { world.clinic.deliveries.deliver(checkNotNull(answer.agreement), Schemas.VACCINATION, delivered) }
            press("Look for anything new")
            sees("Riverside Clinic sent something to your Kist.")
            press("Look at it")
            sees("Tetanus toxoid")
        }
        assertTrue("Riverside Clinic" in page.readText())
        alice(device) { alice ->
            val consent = alice.consents.list().single()
            assertEquals(ConsentState.IN_FORCE, consent.state)
            Kist.verifyReceipt(alice.consents.proof(consent.id))
        }
    }

    private fun WalletUi.seesWhoAndWhyAndWhat() {
        sees("Health Framework has checked who they are.")
        sees("To register you as a patient")
        sees("It is up to you. They may use it only if you say yes.")
        listOf("Alice", "Archer", "1 April 1990", "7 Larch Lane", "Stromness").forEach(::sees)
        sees("You wrote this on")
        sees("Needed")
        sees("Your choice")
        sees("They may read what you give. They are told each time it changes.")
        sees("They may send things to your Kist.")
        assertFalse(hasInSight("They may correct what they sent you before."), "that right isn't asked for")
        sees("They say they keep it for 2 years, then delete it.")
        sees("It goes on until you take it back.")
    }

    @Test
    fun `j2 killed at every step it comes back to the same place, and nothing is lost`() = inWorld { world, device ->
        val hosted = runBlocking { world.clinic.requests.create(request) }
        onWallet(device) {
            unlock()
            press("Scan")
            isAt("Scan a code")
        }
        onWallet(device) {
            unlock()
            isAt("Scan a code")
            scan(device, hosted.uri)
            isAt("Riverside Clinic asks")
        }
        onWallet(device) {
            unlock()
            isAt("Riverside Clinic asks")
            press("Say no")
            sees("Say no?")
        }
        onWallet(device) {
            unlock()
            isAt("Riverside Clinic asks")
            assertFalse(hasInSight("Say no?"), "a question that was half answered is asked anew")
            press("Share 3 things")
            isAt("Shared")
        }
        onWallet(device) {
            unlock()
            isAt("Shared")
            press("See what you agreed")
            sees("You have signed. Riverside Clinic hasn't signed yet.")
        }
        runBlocking { checkNotNull(world.clinic.requests.collect(hosted.id, wait = 10.seconds)) }
        onWallet(device) {
            unlock()
            isAt("Receipt")
            sees("You and Riverside Clinic have both signed.")
        }
    }

    @Test
    fun `j2 killed in the very moment of sharing, it was decided whole or not at all`() = inWorld { world, device ->
        val hosted = runBlocking { world.clinic.requests.create(request) }
        onWallet(device) {
            unlock()
            scan(device, hosted.uri)
            isAt("Riverside Clinic asks")
            press("Share 3 things")
        }
        var decided = false
        alice(device) { decided = it.consents.list().isNotEmpty() }
        onWallet(device) {
            unlock()
            isAt(if (decided) "Shared" else "Riverside Clinic asks")
            if (!decided) press("Share 3 things")
            isAt("Shared")
            // Killed between deciding and sending, it waits, and is sent now.
            sees("Your answer is on its way to Riverside Clinic.")
            press("Done")
            assertEquals(1, runBlocking { person.consents.list() }.size)
        }
        runBlocking { checkNotNull(world.clinic.requests.collect(hosted.id, wait = 10.seconds)) }
    }

    @Test
    fun `s5 without a network nothing is shared, it is said, and the same can be tried again`() = inWorld { world, device ->
        val hosted = runBlocking { world.clinic.requests.create(request) }
        onWallet(device) {
            unlock()
            scan(device, hosted.uri)
            isAt("Riverside Clinic asks")
            world.relay.whileStopped {
                press("Share 3 things")
                sees("You are offline, or your relay doesn't answer.")
                sees("Nothing has been shared.")
            }
            press("Try again")
            isAt("Shared")
        }
        runBlocking { checkNotNull(world.clinic.requests.collect(hosted.id, wait = 10.seconds)) }
    }

    @Test
    fun `s5 a decision that can't be sent waits on the device, over a kill too, and is sent later`() = inWorld { world, device ->
        val first = runBlocking { world.clinic.requests.create(request) }
        alice(device) { alice -> alice.requests.open(first.uri).let { alice.requests.answer(it.id, it.required) } }
        runBlocking { checkNotNull(world.clinic.requests.collect(first.id, wait = 10.seconds)) }
        // In a relationship that stands, nothing of the network is needed to decide.
        val second = runBlocking { world.clinic.requests.create(request) }
        onWallet(device) {
            unlock()
            scan(device, second.uri)
            isAt("Riverside Clinic asks")
            sees("You gave them this before")
            world.relay.whileStopped {
                press("Share 3 things")
                isAt("Not sent yet")
                sees("You are offline. Your answer waits here.")
                sees("It goes to Riverside Clinic as soon as there is a connection.")
            }
        }
        onWallet(device) {
            world.relay.whileStopped {
                unlock()
                sees("You are offline. Your answer waits here.")
                // It has been tried by itself, and has failed.
                sees("Try now")
            }
            press("Try now")
            sees("Your answer is on its way to Riverside Clinic.")
        }
        runBlocking { checkNotNull(world.clinic.requests.collect(second.id, wait = 10.seconds)) }
    }

    @Test
    fun `k3 what is optional and what is over-asked is given only if she ticks it`() = inWorld { world, device ->
        alice(device) { alice ->
            alice.records.add(Schemas.PHONE, body("phone_number" to "+44 7700 900123"))
            alice.records.add(Schemas.EMAIL, body("email" to "alice@example.org"))
        }
        val fields = request.fields + field("mail", Schemas.EMAIL, false, "email")
        val hosted = runBlocking { world.clinic.requests.create(request.copy(fields = fields)) }
        onWallet(device) {
            unlock()
            scan(device, hosted.uri)
            isAt("Riverside Clinic asks")
            sees("This is more than they should ask: E-mail address")
            sees("They never signed up to ask for this.")
            press("Telephone number: +44 7700 900123")
            press("Share 4 things")
            isAt("Shared")
        }
        val answer = checkNotNull(runBlocking { world.clinic.requests.collect(hosted.id, wait = 10.seconds) })
        assertTrue(answer.fields.any { it.field.startsWith("phone:") })
        assertFalse(answer.fields.any { it.field.startsWith("mail:") })
    }

    @Test
    fun `k3 of two records she says which`() = inWorld { world, device ->
        alice(device) { it.records.add(Schemas.ADDRESS, body("street_address" to "2 Quay Street", "locality" to "Kirkwall")) }
        val hosted = runBlocking { world.clinic.requests.create(request) }
        onWallet(device) {
            unlock()
            scan(device, hosted.uri)
            isAt("Riverside Clinic asks")
            sees("Which one?")
            press("7 Larch Lane, Stromness")
            press("Share 3 things")
            isAt("Shared")
        }
        val answer = checkNotNull(runBlocking { world.clinic.requests.collect(hosted.id, wait = 10.seconds) })
        assertEquals("\"7 Larch Lane\"", answer.fields.single { "street_address" in it.field }.json.toString())
    }

    @Test
    fun `s5 what she ticked and chose is there again after a kill and a lock, and no more than that`() = inWorld { world, device ->
        alice(device) { alice ->
            alice.records.add(Schemas.PHONE, body("phone_number" to "+44 7700 900123"))
            alice.records.add(Schemas.EMAIL, body("email" to "alice@example.org"))
            alice.records.add(Schemas.ADDRESS, body("street_address" to "2 Quay Street", "locality" to "Kirkwall"))
        }
        val fields = request.fields + field("mail", Schemas.EMAIL, false, "email")
        val hosted = runBlocking { world.clinic.requests.create(request.copy(fields = fields)) }
        onWallet(device) {
            unlock()
            scan(device, hosted.uri)
            isAt("Riverside Clinic asks")
            untilDraftKept { press("Telephone number: +44 7700 900123") }
        }
        onWallet(device) {
            unlock()
            isAt("Riverside Clinic asks")
            sees("Share 4 things")
            untilDraftKept { press("7 Larch Lane, Stromness") }
            wallet.lock()
            isAt("Welcome back")
            unlock()
            press("Share 4 things")
            isAt("Shared")
        }
        val answer = checkNotNull(runBlocking { world.clinic.requests.collect(hosted.id, wait = 10.seconds) })
        assertEquals("\"7 Larch Lane\"", answer.fields.single { "street_address" in it.field }.json.toString())
        assertTrue(answer.fields.any { it.field.startsWith("phone:") })
        assertFalse(answer.fields.any { it.field.startsWith("mail:") })
        alice(device) { assertTrue(drafts(it).isEmpty(), "what was chosen is forgotten once it is decided") }
    }

    @Test
    fun `s5 a record that she chose and deleted since isn't given`() = inWorld { world, device ->
        var quay = ""
        alice(device) { quay = it.records.add(Schemas.ADDRESS, body("street_address" to "2 Quay Street", "locality" to "Kirkwall")).id }
        val hosted = runBlocking { world.clinic.requests.create(request) }
        onWallet(device) {
            unlock()
            scan(device, hosted.uri)
            isAt("Riverside Clinic asks")
            untilDraftKept { press("2 Quay Street, Kirkwall") }
        }
        alice(device) { it.records.delete(quay) }
        onWallet(device) {
            unlock()
            isAt("Riverside Clinic asks")
            sees("7 Larch Lane")
            press("Say no")
            press("Yes, say no")
            isAt("You said no")
        }
        alice(device) { assertTrue(drafts(it).isEmpty(), "a no forgets it too") }
    }

    private suspend fun drafts(alice: Person) =
        alice.records.list(RecordFilter(schemas = listOf(DRAFT), place = RecordPlace.ANYWHERE))

    @Test
    fun `k3 an answer that she lets Kist remember is given again by one press, stands among her rules, and is taken back`() =
        inWorld { world, device ->
            val asked = runBlocking { List(3) { world.clinic.requests.create(request) } }
            onWallet(device) {
                unlock()
                scan(device, asked[0].uri)
                sees("If they ask the same again")
                press("Remember it for 30 days")
                press("Share 3 things")
                sees("Kist remembers this answer.")
                runBlocking { checkNotNull(world.clinic.requests.collect(asked[0].id, wait = 10.seconds)) }
                press("Done")
                scan(device, asked[1].uri)
                sees("You told Kist to remember an answer for this.")
                press("Give the same answer")
                isAt("Shared")
                val again = runBlocking { world.clinic.requests.collect(asked[1].id, wait = 10.seconds) }
                assertEquals(5, checkNotNull(again).fields.size)
                press("Done")
                press("Settings")
                press("Your rules")
                sees("Riverside Clinic may be given the same again.")
                press("Take this rule away")
                sees("No rules yet")
                press("Back")
                scan(device, asked[2].uri)
                isAt("Riverside Clinic asks")
                sees("Share 3 things")
                assertFalse(hasInSight("You told Kist to remember an answer for this."), "that was taken back")
            }
        }

    @Test
    fun `k3 what is more than they should ask can't be remembered`() = inWorld { world, device ->
        val fields = request.fields + field("mail", Schemas.EMAIL, false, "email")
        val hosted = runBlocking { world.clinic.requests.create(request.copy(fields = fields)) }
        onWallet(device) {
            unlock()
            scan(device, hosted.uri)
            isAt("Riverside Clinic asks")
            assertFalse(hasInSight("If they ask the same again"))
        }
    }

    @Test
    fun `k5 she says no, nothing is shared, and it stands in the history`() = inWorld { world, device ->
        val hosted = runBlocking { world.clinic.requests.create(request) }
        onWallet(device) {
            unlock()
            scan(device, hosted.uri)
            isAt("Riverside Clinic asks")
            press("Say no")
            press("Yes, say no")
            isAt("You said no")
            sees("Nothing was shared with Riverside Clinic.")
            press("Open the page of ICO")
            assertEquals(listOf("https://ico.example/"), device.links.opened)
        }
        onWallet(device) {
            unlock()
            isAt("You said no")
        }
        alice(device) { alice ->
            assertEquals("Refused", alice.history.entries().last().kind)
            assertTrue(alice.consents.list().isEmpty())
        }
    }

    @Test
    fun `k3 a rule of hers keeps a field back, and everything paused keeps all back`() = inWorld { world, device ->
        alice(device) { it.rules.add(Rule.Never(FieldPattern(Schemas.NAME, "[\"family_name\"]"))) }
        val hosted = runBlocking { world.clinic.requests.create(request) }
        onWallet(device) {
            unlock()
            scan(device, hosted.uri)
            isAt("Riverside Clinic asks")
            sees("A rule of yours keeps this back: Family name")
            press("Not now")
            runBlocking {
                person.rules.list().forEach { person.rules.remove(it.id) }
                person.consents.pauseEverything()
            }
            scan(device, hosted.uri)
            sees("You have paused everything.")
        }
    }

    @Test
    fun `u2 the whole of it is done by keyboard alone`() = inWorld { world, device ->
        val hosted = runBlocking { world.clinic.requests.create(request) }
        device.clipboard.copy(hosted.uri)
        onWallet(device) {
            unlock()
            isAt("Your Kist")
            byKeyboard("Scan")
            byKeyboard("Paste a link or a picture")
            isAt("Riverside Clinic asks")
            byKeyboard("Share 3 things")
            isAt("Shared")
            byKeyboard("See what you agreed")
            isAt("Receipt")
        }
    }
}
