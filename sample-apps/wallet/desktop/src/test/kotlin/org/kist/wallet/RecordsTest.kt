package org.kist.wallet

import androidx.compose.ui.ExperimentalComposeUiApi
import androidx.compose.ui.input.key.Key
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.hasContentDescription
import androidx.compose.ui.test.hasSetTextAction
import androidx.compose.ui.test.isRoot
import androidx.compose.ui.test.performKeyInput
import androidx.compose.ui.test.performTextInput
import androidx.compose.ui.test.pressKey
import java.nio.file.Files
import java.nio.file.Path
import java.time.Clock
import java.time.Duration
import java.time.Instant
import java.time.LocalDate
import java.time.ZoneOffset
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.CardOwner
import org.kist.NewRecord
import org.kist.Person
import org.kist.RecordFilter
import org.kist.RecordPlace
import org.kist.Schemas
import org.kist.body
import org.kist.json
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.TestDevice
import org.kist.wallet.world.WalletUi
import org.kist.wallet.world.onWallet
import org.kist.wallet.world.untilDraftKept

/** What a person keeps: added, found, corrected, settled, put away. It needs no relay. */
@OptIn(ExperimentalTestApi::class, ExperimentalComposeUiApi::class)
class RecordsTest {
    @TempDir
    lateinit var folder: Path

    private class Hands(var now: Instant = Instant.parse("2026-11-30T10:00:00Z")) : Clock() {
        override fun instant() = now
        override fun getZone() = ZoneOffset.UTC
        override fun withZone(zone: java.time.ZoneId) = this
    }

    private fun device(clock: Clock = Clock.systemUTC(), furnish: suspend (Person) -> Unit = {}) =
        TestDevice(folder.resolve("store"), clock, null, null).also { runBlocking { it.store().create(PASSPHRASE).use { alice -> furnish(alice) } } }

    private fun <T> TestDevice.inStore(look: suspend (Person) -> T): T = runBlocking { store().open(PASSPHRASE).use { look(it) } }

    private fun WalletUi.unlock() {
        type("Passphrase", PASSPHRASE)
        press("Open")
    }

    private fun WalletUi.find(text: String) {
        press("Find")
        isAt("Find something")
        type("Type a word", text)
        sees("1 record found") // before that, rows move as they are pressed
    }

    private fun WalletUi.addAddress() {
        press("Find")
        press("Add something")
        isAt("What do you want to add?")
        type("Type what it is", "addr")
        press("Address")
        isAt("Address")
    }

    @Test
    fun `k1 an address is added by a form, found as it is typed, corrected, and its history is kept`() {
        val device = device()
        onWallet(device) {
            unlock()
            addAddress()
            type("Street", "7 Larch Lane")
            press("Save")
            sees("This has to be here.")
            type("Town or city", "Stromness")
            type("Since (optional): day", "31")
            type("Since (optional): month", "2")
            type("Since (optional): year", "2021")
            sees("There is no such day.")
            type("Since (optional): day", "1")
            press("Kind (optional)")
            press("Home")
            press("Save")
            sees("1 February 2021")
            sees("Written by you")
            press("Back")
            isAt("Find something")
            type("Type a word", "larc")
            sees("1 record found")
            press("7 Larch Lane Stromness")
            press("Correct")
            type("Street", "9 Larch Lane")
            press("Save")
            sees("9 Larch Lane")
            press("History")
            sees("7 Larch Lane became 9 Larch Lane")
            sees("Version 1")
        }
        device.inStore { alice ->
            val record = alice.records.get(alice.records.list().single().id)
            assertEquals(
                mapOf("street_address" to "9 Larch Lane", "locality" to "Stromness", "kind" to "home", "since" to "2021-02-01"),
                Json.parseToJsonElement(record.body).jsonObject.mapValues { (it.value as JsonPrimitive).content },
            )
            assertEquals(2u, record.revision)
            assertTrue(alice.records.list(RecordFilter(place = RecordPlace.TRASH)).isEmpty(), "no draft is left behind")
        }
    }

    @Test
    fun `d1 a record that is there is given other labels and files in one version, and its history says so`() {
        val device = device { alice ->
            alice.records.addAll(
                listOf(
                    NewRecord(
                        Schemas.ADDRESS,
                        body("street_address" to "7 Larch Lane", "locality" to "Stromness").toString(),
                        tags = listOf("house"),
                        files = alice.files.attach("plan.txt", "a plan".toByteArray()).files.map { it.id },
                    ),
                ),
            )
            alice.records.list(RecordFilter(schemas = listOf(Schemas.DOCUMENT))).forEach { alice.records.delete(it.id) }
        }
        device.files.toOpen.add(Files.writeString(folder.resolve("lease.txt"), "a lease"))
        onWallet(device) {
            unlock()
            find("larch")
            press("7 Larch Lane Stromness")
            press("Correct")
            sees("house")
            type("Labels", "family, Orkney")
            press("Part of life")
            press("Home")
            press("Take away: plan.txt")
            press("Add a file")
            sees("lease.txt")
            press("Save")
            sees("Orkney")
            sees("lease.txt")
            press("History")
            sees("About you became Home")
            sees("Added: family")
            sees("Removed: house")
            sees("Added: lease.txt")
            sees("Removed: plan.txt")
        }
        device.inStore { alice ->
            val record = alice.records.get(alice.records.list().single().id)
            assertEquals(Triple(2u, "home", listOf("family", "Orkney")), Triple(record.revision, record.area, record.tags))
            assertEquals(listOf("lease.txt"), record.files.map { it.name })
        }
    }

    @Test
    fun `d2 two addresses that differ are settled side by side, a part from each`() {
        val device = device { alice ->
            alice.records.add(Schemas.ADDRESS, body("street_address" to "12 Bute Street", "locality" to "Cardiff", "kind" to "home"))
            alice.records.add(
                Schemas.ADDRESS,
                body("street_address" to "3 Castle Street", "locality" to "Cardiff", "kind" to "home", "postal_code" to "CF10 1BT"),
            )
        }
        onWallet(device) {
            unlock()
            find("bute")
            press("12 Bute Street Cardiff")
            sees("Another record says something else")
            press("Settle it")
            isAt("Which is right?")
            press("12 Bute Street")
            press("CF10 1BT")
            press("Keep this")
            sees("CF10 1BT")
            sees("12 Bute Street")
        }
        device.inStore { alice ->
            val kept = alice.records.list().single()
            val fields = alice.curation.fields(kept.id).associate { it.member to it.json }
            assertEquals(JsonPrimitive("12 Bute Street"), fields["/street_address"])
            assertEquals(JsonPrimitive("CF10 1BT"), fields["/postal_code"])
            assertEquals(1, alice.records.list(RecordFilter(place = RecordPlace.REPLACED)).size)
        }
    }

    @Test
    fun `d2 what is there twice is among the things to settle, and both can stay`() {
        val device = device { alice -> repeat(2) { alice.records.add(Schemas.PHONE, body("phone_number" to "+44 7700 900123")) } }
        onWallet(device) {
            unlock()
            press("Find")
            press("More")
            press("Things to settle")
            press("+44 7700 900123")
            sees("This is here more than once")
            press("All are right: keep each")
            sees("Nothing to settle")
        }
        device.inStore { alice ->
            assertEquals(2, alice.records.list().size)
            assertTrue(alice.curation.conflicts().isEmpty())
        }
    }

    @Test
    fun `d5 a record is marked, noted, confirmed, put away, brought back and deleted for good`() {
        val device = device { alice ->
            alice.records.add("urn:kist:schema:passport:1", body("number" to "123456789", "country" to "GB", "expires" to "2026-01-31"))
        }
        onWallet(device) {
            unlock()
            find("123456789")
            press("GB 123456789")
            sees("Ended on 31 January 2026")
            press("Favourite")
            press("Add a note")
            type("Your note", "In the blue box")
            press("Keep the note")
            sees("Your note is kept.")
            press("All of it is still right")
            sees("Noted: it is still right.")
            sees("You said on")
            press("Put in the trash")
            isAt("Find something")
            sees("Nothing found")
            press("More")
            press("Trash")
            press("GB 123456789")
            press("Bring it back")
            sees("It is back among your things.")
            sees("In the blue box")
            press("Put in the trash")
            sees("These can be brought back.")
            press("Empty the trash")
            press("Delete for good")
            sees("1 record was deleted for good")
        }
        device.inStore { assertTrue(it.records.list(RecordFilter(place = RecordPlace.ANYWHERE)).isEmpty()) }
    }

    @Test
    fun `k1 records are found by kind, label and source`() {
        val device = device { alice ->
            alice.records.addAll(
                listOf(
                    NewRecord(Schemas.NAME, body("given_name" to "Alice").toString(), tags = listOf("family")),
                    NewRecord(Schemas.PHONE, body("phone_number" to "+44 7700 900123").toString()),
                ),
            )
            alice.records.importVcard("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Morfydd Bevan\r\nEND:VCARD\r\n".toByteArray(), CardOwner.CONTACT)
        }
        onWallet(device) {
            unlock()
            press("Find")
            sees("3 records")
            press("Filter")
            press("Brought in from a file")
            press("Show what is left")
            sees("1 record")
            sees("Morfydd Bevan")
            press("Brought in from a file")
            press("Filter")
            press("family")
            press("Show what is left")
            sees("Alice")
            assertFalse(hasInSight("Morfydd Bevan"))
        }
    }

    @Test
    fun `a text of a megabyte pasted into a field is refused in a sentence, and nothing is lost`() {
        onWallet(device()) {
            unlock()
            addAddress()
            type("Street", "7 Larch Lane")
            reach(hasSetTextAction() and hasContentDescription("Street", substring = true)).performTextInput("x".repeat(1_000_000))
            sees("This field takes 10,000 characters at most")
            sees("7 Larch Lane")
            type("Town or city", "Stromness".repeat(40))
            press("Save")
            sees("This is too long: it has 360 characters, and 200 fit.")
            type("Town or city", "Stromness")
            press("Save")
            sees("Written by you")
        }
    }

    @Test
    fun `what breaks a rule of its kind is kept when the person says so`() {
        val device = device()
        onWallet(device) {
            unlock()
            addAddress()
            type("Street", "7 Larch Lane")
            type("Country", "Orkney")
            press("Save")
            sees("look at the fields that are marked (2)")
            press("Keep it as it is")
            sees("Doesn't fit its kind: is too short or too long")
        }
        device.inStore { assertEquals(1, it.records.list().size) }
    }

    @Test
    fun `k1 what was typed is asked about before it is left, by button and by key`() {
        val device = device()
        onWallet(device) {
            unlock()
            addAddress()
            type("Street", "7 Larch Lane")
            press("Back")
            sees("Leave without saving?")
            press("Go on writing")
            sees("7 Larch Lane")
            test.onAllNodes(isRoot())[0].performKeyInput { pressKey(Key.Escape) }
            sees("Leave without saving?")
            press("Leave, and lose it")
            isAt("What do you want to add?")
            press("Back")
            isAt("Find something")
        }
        device.inStore { assertTrue(it.records.list(RecordFilter(place = RecordPlace.ANYWHERE)).isEmpty()) }
    }

    @Test
    fun `s5 a form that is locked, or killed, in the middle comes back with what was typed`() {
        val clock = Hands()
        val device = device(clock)
        onWallet(device) {
            unlock()
            addAddress()
            untilDraftKept { type("Street", "7 Larch Lane") }
            clock.now += Duration.ofMinutes(6)
            isAt("Welcome back")
            assertFalse(hasInSight("7 Larch Lane"))
            unlock()
            isAt("Address")
            sees("What you had typed before is here again.")
            sees("7 Larch Lane")
            untilDraftKept { type("Town or city", "Stromness") }
            untilDraftKept { type("Labels", "harbour") }
        }
        assertFalse("Larch" in device.place.read().orEmpty(), "what was typed stands nowhere outside the store")
        onWallet(device) {
            unlock()
            isAt("Address")
            sees("7 Larch Lane")
            sees("Stromness")
            sees("harbour")
            press("Save")
            sees("Written by you")
        }
        device.inStore { assertEquals(1, it.records.list(RecordFilter(place = RecordPlace.ANYWHERE)).size) }
    }

    @Test
    fun `a record that is gone is said to be, with a way back`() {
        val device = device { it.records.add(Schemas.PHONE, body("phone_number" to "+44 7700 900123")) }
        onWallet(device) {
            unlock()
            find("900123")
            press("+44 7700 900123")
            sees("Written by you")
        }
        device.inStore { alice -> alice.records.list().forEach { alice.records.delete(it.id) } }
        onWallet(device) {
            unlock()
            sees("can't be found")
            press("Back")
            isAt("Find something")
        }
    }

    @Test
    fun `d5 home leads to what comes to an end`() {
        val soon = LocalDate.now().plusDays(10).toString()
        val device = device { it.records.add("urn:kist:schema:passport:1", body("number" to "123456789", "country" to "GB", "expires" to soon)) }
        onWallet(device) {
            unlock()
            sees("Coming up")
            press("About you")
            isAt("About you")
            press("GB 123456789")
            isAt("Passport")
        }
    }

}
