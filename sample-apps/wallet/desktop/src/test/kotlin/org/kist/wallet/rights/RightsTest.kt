package org.kist.wallet.rights

import java.nio.file.Path
import kotlin.io.path.readText
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.DataRight
import org.kist.Delivery
import org.kist.OrgEvent
import org.kist.RightsAnswer
import org.kist.Schemas
import org.kist.body
import org.kist.field
import org.kist.request
import org.kist.share
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.WalletWorld
import org.kist.wallet.world.gone
import org.kist.wallet.world.onWallet
import org.kist.wallet.world.unlock

/** Rights from the phone to the organisation and back. */
class RightsTest {
    @TempDir
    lateinit var folder: Path

    private val name = field("name", Schemas.NAME, true, "given_name", "family_name")

    @Test
    fun `k6 a copy is asked for with its deadline, comes among the records, and a report can be made`() {
        WalletWorld(folder).use { world ->
            val device = world.device()
            runBlocking {
                world.furnish(device)
                device.store().open(PASSPHRASE).use { share(it, world.clinic, name) }
            }
            val page = folder.resolve("report.html")
            device.files.toSave.add(page)
            onWallet(device) {
                unlock()
                press("Shared")
                press("Your rights")
                press("Riverside Clinic")
                press("Ask them")
                sees("It isn't said yet what you want.")
                press("A copy of your data")
                type("Why?", "To see what you have")
                press("Ask them")
                isAt("A copy of your data")
                sees("to answer")
                sees("You wrote: To see what you have")
                runBlocking {
                    val asked = world.clinic.inbox.refresh().filterIsInstance<OrgEvent.RightsRequested>().single()
                    assertEquals(DataRight.ACCESS, asked.right)
                    val vaccination = body("vaccine" to "Tetanus toxoid", "date" to "2026-11-23")
                    val copy = RightsAnswer.Done(listOf(Delivery(Schemas.VACCINATION, vaccination)), mapOf("en" to "All we have"))
                    world.clinic.rights.answer(asked.request, copy)
                }
                press("Look for news")
                sees("They say that they did it.")
                sees("In their words: All we have")
                press("Record 1")
                sees("Tetanus toxoid")
                press("Back")
                press("Make a report")
                type("What do you want to add?", "There is more than that")
                press("Make the report")
                sees("Nothing was sent.")
                press("Save it to read and print")
                sees("It was saved.")
                type("What do you want to remember?", "by post, reference 7")
                press("Yes, I have sent it")
                sees("by post, reference 7")
            }
            assertTrue("There is more than that" in page.readText())
        }
    }

    @Test
    fun `k6 what is wrong is corrected by a record of the person's own`() {
        WalletWorld(folder).use { world ->
            val device = world.device()
            val agreement = runBlocking {
                world.furnish(device)
                device.store().open(PASSPHRASE).use { alice ->
                    share(alice, world.clinic, name).also {
                        alice.records.add(Schemas.NAME, body("given_name" to "Alys", "family_name" to "Archer"))
                    }
                }
            }
            onWallet(device) {
                unlock()
                press("Shared")
                press("Riverside Clinic")
                press("Use your rights")
                press("A correction")
                press("Ask them")
                sees("Nothing is corrected yet.")
                press("Alys Archer")
                press("Ask them")
                isAt("A correction")
            }
            runBlocking {
                world.clinic.inbox.refresh()
                world.clinic.rights.answer(world.clinic.rights.list().single().id, RightsAnswer.Done())
                val received = world.clinic.agreements.get(agreement).received.single { it.field == """name:["given_name"]""" }
                assertEquals("\"Alys\"", received.value)
            }
        }
    }

    @Test
    fun `k6 a request for too much is refused and reported, from where it is and later from among the rights`() {
        WalletWorld(folder).use { world ->
            val device = world.device()
            val greedy = request.copy(fields = request.fields + field("mail", Schemas.EMAIL, true, "email"))
            runBlocking {
                world.furnish(device)
                device.store().open(PASSPHRASE).use { alice ->
                    alice.requests.refuse(alice.requests.open(world.clinic.requests.create(request).uri).id)
                    alice.requests.open(world.clinic.requests.create(greedy).uri)
                }
            }
            val page = folder.resolve("report.html")
            device.files.toSave.add(page)
            onWallet(device) {
                unlock()
                press("Riverside Clinic asks for something")
                sees("You can report this to ICO, who watches over Riverside Clinic.")
                press("Tell the authority")
                isAt("Report to the authority")
                press("Back")
                press("Say no")
                press("Yes, say no")
                isAt("You said no")
                press("Tell the authority")
                type("What do you want to add?", "They need no address of mine")
                press("Make the report")
                sees("Nothing was sent.")
                press("Save it to read and print")
                sees("It was saved.")
                press("Back")
                isAt("You said no")
            }
            // The clinic is believed no more, and what it asked can be reported still.
            runBlocking {
                world.framework.expel("NTRGB-1234")
                val bundle = Json.parseToJsonElement(world.framework.publish(validDays = 30)).jsonObject
                val list = bundle.getValue("list").jsonPrimitive.content
                device.store().open(PASSPHRASE).use { it.trust.updateList("Health Framework", list) }
            }
            onWallet(device) {
                type("Passphrase", PASSPHRASE)
                press("Open")
                isAt("You said no")
                sees("Tell the authority")
                press("Done")
                press("Shared")
                press("Your rights")
                sees("What you said no to")
                sees("Your reports")
                press("Riverside Clinic")
                isAt("Report to the authority")
                press("Make the report")
                type("What do you want to remember?", "by post, reference 8")
                press("Yes, I have sent it")
                sees("by post, reference 8")
                press("Back")
                isAt("Your rights")
                gone("What you said no to")
            }
            val said = page.readText()
            assertTrue("They need no address of mine" in said && "never registered" in said, said)
        }
    }
}
