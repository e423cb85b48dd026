package org.kist.wallet

import java.nio.file.Files
import java.nio.file.Path
import java.time.Clock
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText
import kotlin.random.Random
import kotlinx.coroutines.runBlocking
import org.jetbrains.skia.EncodedImageFormat
import org.jetbrains.skia.Surface
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.Person
import org.kist.RecordFilter
import org.kist.RecordPlace
import org.kist.Schemas
import org.kist.await
import org.kist.body
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.TestDevice
import org.kist.wallet.world.WalletUi
import org.kist.wallet.world.gone
import org.kist.wallet.world.onWallet

/** Files of other programs, and files that go with records. */
class ImportsTest {
    @TempDir
    lateinit var folder: Path

    private fun device(home: Path = folder.resolve("store"), furnish: suspend (Person) -> Unit = {}) =
        TestDevice(home, Clock.systemUTC(), null, null).also { runBlocking { it.store().create(PASSPHRASE).use { alice -> furnish(alice) } } }

    private fun <T> TestDevice.inStore(look: suspend (Person) -> T): T = runBlocking { store().open(PASSPHRASE).use { look(it) } }

    private fun file(name: String, text: String): Path = folder.resolve(name).also { it.writeText(text) }

    private fun WalletUi.unlock() {
        type("Passphrase", PASSPHRASE)
        press("Open")
    }

    private fun WalletUi.beginImport() {
        press("Find")
        press("More")
        press("Bring in a file")
        isAt("Bring in what you have")
    }

    @Test
    fun `k2 cards are shown before they are taken, with what is left out and why`() {
        val cards = file(
            "contacts.vcf",
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Morfydd Bevan\r\nX-SHOE-SIZE:38\r\nEND:VCARD\r\n" +
                "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Owain Parry\r\nTEL:+44 7700 900123\r\nEND:VCARD\r\n",
        )
        val device = device()
        device.files.toOpen.addAll(listOf(cards, cards))
        onWallet(device) {
            unlock()
            beginImport()
            press("Choose a file")
            isAt("What would be taken")
            sees("X-SHOE-SIZE")
            sees("No record has a place for it")
            press("Morfydd Bevan")
            press("Take 1 record")
            sees("1 record was added")
            press("Choose something else")
            press("Choose a file")
            sees("1 record is here already")
            press("Take 1 record")
            sees("1 record was added")
        }
        device.inStore { alice -> assertEquals(setOf("Morfydd Bevan", "Owain Parry"), alice.records.list().map { it.title }.toSet()) }
    }

    @Test
    fun `k2 one's own card becomes records that can be shared one by one`() {
        val device = device()
        device.files.toOpen.add(file("me.vcf", "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Alice Archer\r\nN:Archer;Alice;;;\r\nEMAIL:alice@example.org\r\nEND:VCARD\r\n"))
        onWallet(device) {
            unlock()
            beginImport()
            press("Choose a file")
            press("These cards are my own")
            press("Take 2 records")
            sees("2 records were added")
        }
        device.inStore { alice -> assertEquals(setOf(Schemas.NAME, Schemas.EMAIL), alice.records.list().map { it.schema }.toSet()) }
    }

    @Test
    fun `k2 a table's rows and columns become what the person says`() {
        val device = device()
        device.files.toOpen.add(file("jabs.csv", "Jab,When\nInfluenza,03/04/2026\nTetanus,05/04/2026\n"))
        onWallet(device) {
            unlock()
            beginImport()
            press("Choose a file")
            sees("No column fits")
            press("Each row is")
            type("Type what it is", "vacc")
            press("Vaccination")
            press("Jab")
            press("Vaccine")
            press("When")
            press("Date")
            press("Day first: 3/4 is 3 April")
            press("Take 2 records")
            sees("2 records were added")
        }
        device.inStore { alice ->
            val dates = alice.records.list().flatMap { alice.curation.fields(it.id) }.filter { it.member == "/date" }.map { it.value }
            assertEquals(setOf("\"2026-04-03\"", "\"2026-04-05\""), dates.toSet())
        }
    }

    @Test
    fun `k2 calendars, health records and json are read, and a file that is none is attached`() {
        val device = device()
        device.files.toOpen.addAll(
            listOf(
                file("calendar.ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261130T100000\r\nSUMMARY:Choir\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"),
                file("health.json", """{"resourceType":"Immunization","status":"completed","vaccineCode":{"text":"Influenza"},"occurrenceDateTime":"2026-10-02","patient":{"display":"me"}}"""),
                file("note.json", """{"schema":"urn:kist:schema:note:1","body":{"text":"Bring the tent"}}"""),
                file("letter.txt", "Dear Alice"),
            ),
        )
        onWallet(device) {
            unlock()
            beginImport()
            repeat(4) {
                press("Choose a file")
                press("Take 1 record")
                sees("1 record was added")
                press("Choose something else")
            }
        }
        device.inStore { alice ->
            val kinds = listOf("event", "vaccination", "note", "document").map { "urn:kist:schema:$it:1" }
            assertEquals(kinds.toSet(), alice.records.list().map { it.schema }.toSet())
        }
    }

    @Test
    fun `k2 a long import shows its progress and is cancelled, and the same file takes the rest`() {
        val rows = (1..6_000).joinToString("\n", "full_name,email\n") { "Person $it,person$it@example.org" }
        val table = file("people.csv", rows)
        val device = device()
        device.files.toOpen.addAll(listOf(table, table))
        onWallet(device) {
            unlock()
            beginImport()
            press("Choose a file")
            press("Take 6,000 records")
            sees("% done")
            press("Cancel")
            isAt("Bring in what you have")
        }
        val before = device.inStore { it.records.list().size }
        assertTrue(before < 6_000, "it was cancelled before its end")
        onWallet(device) {
            unlock()
            press("Choose a file")
            press("Take ${"%,d".format(6_000 - before)} records")
            sees("were added")
        }
        assertEquals(6_000, device.inStore { it.records.list().size })
    }

    @Test
    fun `k2 what is dropped on the window is read, a card, a folder and an archive alike`() {
        val card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Morfydd Bevan\r\nEND:VCARD\r\n"
        val papers = Files.createDirectory(folder.resolve("papers"))
        papers.resolve("letter.txt").writeText("Dear Alice")
        val archive = folder.resolve("kist.zip")
        val device = device { it.export(archive, sealedState = false).await() }
        onWallet(device) {
            unlock()
            beginImport()
            device.files.drop(folder.resolve("gone.vcf"))
            sees("Problem")
            device.files.drop(file("contacts.vcf", card))
            isAt("What would be taken")
            sees("Morfydd Bevan")
            // What is dropped later takes its place: nothing was taken yet.
            device.files.drop(papers)
            gone("Morfydd Bevan")
            press("Take 1 record")
            sees("1 record was added")
            device.files.drop(archive)
            isAt("Everything from a Kist")
        }
        device.inStore { alice -> assertEquals(listOf("urn:kist:schema:document:1"), alice.records.list().map { it.schema }) }
    }

    @Test
    fun `k2 a folder that the person chooses comes in as a whole, each file as what it is`() {
        val papers = Files.createDirectory(folder.resolve("papers"))
        papers.resolve("contacts.vcf").writeText("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Owain Parry\r\nEND:VCARD\r\n")
        papers.resolve("letter.txt").writeText("Dear Alice")
        Files.createDirectory(papers.resolve("deeper")).resolve("photo.txt").writeText("Dear Bob")
        val device = device()
        device.files.toOpen.add(papers)
        onWallet(device) {
            unlock()
            beginImport()
            press("Choose a folder")
            isAt("What would be taken")
            sees("Owain Parry")
            sees("letter.txt")
            press("Take 3 records")
            sees("3 records were added")
        }
        device.inStore { alice -> assertEquals(3, alice.records.list().size) }
    }

    @Test
    fun `k6 everything from another kist comes in by its archive`() {
        val archive = folder.resolve("kist.zip")
        TestDevice(folder.resolve("old"), Clock.systemUTC(), null, null).let { old ->
            runBlocking {
                old.store().create(PASSPHRASE).use { alice ->
                    alice.records.add(Schemas.PHONE, body("phone_number" to "+44 7700 900123"))
                    alice.export(archive, sealedState = false).await()
                }
            }
        }
        val device = device()
        device.files.toOpen.add(archive)
        onWallet(device) {
            unlock()
            beginImport()
            press("Choose a file")
            isAt("Everything from a Kist")
            press("Take it in")
            sees("1 record was added")
        }
        device.inStore { assertEquals("+44 7700 900123", it.records.list().single().title) }
    }

    @Test
    fun `k3 a picture is attached to a new record, looked at, and saved as it was`() {
        val picture = folder.resolve("shore.png")
        val surface = Surface.makeRasterN32Premul(300, 200).also { it.canvas.clear(0xFF336699.toInt()) }
        picture.writeBytes(checkNotNull(surface.makeImageSnapshot().encodeToData(EncodedImageFormat.PNG)).bytes)
        val copy = folder.resolve("copy.png")
        val device = device()
        device.files.toOpen.add(picture)
        device.files.toSave.add(copy)
        onWallet(device) {
            unlock()
            addNote("The shore at evening")
            press("Add a file")
            sees("shore.png")
            press("Save")
            isAt("Note")
            sees("The shore at evening")
            sees("Picture: shore.png") // the small one
            press("Look at it")
            press("Close")
            press("Save a copy")
            sees("Saved: copy.png")
        }
        assertArrayEquals(picture.readBytes(), copy.readBytes())
        device.inStore { alice ->
            val note = alice.records.list(RecordFilter(place = RecordPlace.ANYWHERE)).single()
            assertEquals(listOf("shore.png"), alice.records.get(note.id).files.map { it.name })
        }
    }

    @Test
    fun `a corrupted picture is said to be in a sentence, and can be saved all the same`() {
        val picture = folder.resolve("broken.png")
        val sound = Surface.makeRasterN32Premul(300, 200).makeImageSnapshot().encodeToData(EncodedImageFormat.PNG)
        picture.writeBytes(checkNotNull(sound).bytes.copyOf(60))
        val copy = folder.resolve("copy.png")
        val device = device { it.files.attach(picture).await() }
        device.files.toSave.add(copy)
        onWallet(device) {
            unlock()
            press("Find")
            press("broken.png")
            press("Look at it")
            sees("can't be shown: it is damaged")
            sees("you can save a copy of it")
            press("Close")
            press("Save a copy")
            sees("Saved: copy.png")
        }
        assertArrayEquals(picture.readBytes(), copy.readBytes())
    }

    @Test
    fun `a full disk is said in a sentence, and nothing is lost`() {
        val disk = Files.createDirectory(folder.resolve("disk"))
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk.toString()), "a small disk needs the right to mount one")
        try {
            val device = device(disk.resolve("store")) { it.records.add(Schemas.PHONE, body("phone_number" to "+44 7700 900123")) }
            device.files.toOpen.add(folder.resolve("large.bin").also { it.writeBytes(Random(7).nextBytes(12 shl 20)) })
            onWallet(device) {
                unlock()
                addNote("Too much for this disk")
                press("Add a file")
                sees("The disk is full.")
                sees("Nothing was lost")
                press("Save")
                isAt("Note")
                sees("Too much for this disk")
            }
            device.inStore { assertEquals(2, it.records.list().size) }
        } finally {
            run("umount", disk.toString())
        }
    }

    private fun WalletUi.addNote(text: String) {
        press("Find")
        press("Add something")
        type("Type what it is", "note")
        press("Note")
        type("Text", text)
    }

    private fun run(vararg command: String): Boolean =
        runCatching { ProcessBuilder(*command).redirectErrorStream(true).start().waitFor() == 0 }.getOrDefault(false)
}
