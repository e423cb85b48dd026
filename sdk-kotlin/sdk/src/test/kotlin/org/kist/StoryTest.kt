package org.kist

import java.awt.Color
import java.awt.image.BufferedImage
import java.nio.file.Files.readAllBytes
import java.nio.file.Files.walk
import java.nio.file.Files.write
import java.nio.file.Path
import javax.imageio.ImageIO
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.copyToRecursively
import kotlin.io.path.deleteRecursively
import kotlin.io.path.isRegularFile
import kotlin.time.Duration.Companion.seconds
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** The whole story of Kist, with the real relay: what an app does, from the first start to the new phone. */
@OptIn(ExperimentalPathApi::class)
class StoryTest {
    @TempDir
    lateinit var folder: Path

    private val card = """
        BEGIN:VCARD
        VERSION:4.0
        N:Archer;Alice;;;
        FN:Alice Archer
        BDAY:19900401
        TEL:+44 7700 900123
        END:VCARD
    """.trimIndent().replace("\n", "\r\n")
    private val letter = "%PDF-1.4\n% a letter of the zoologist Ptarmigan\n".toByteArray()

    @Test
    fun j2_alice_and_the_clinic_from_the_first_start_to_the_new_phone() = within(minutes = 3) {
        World(folder).use { world ->
            val anchor = world.framework.publish(validDays = 30)
            assertEquals(listOf("Riverside Clinic"), world.framework.members().map { it.legalName })

            val (alice, kit) = begin(world, anchor)
            alice.use {
                answer(world, alice)
            }
            // Her side is closed now.
            val agreement = world.clinic.agreements.list().single().id
            world.clinic.deliveries.deliver(
                agreement,
                Schemas.VACCINATION,
                body("vaccine" to "Tetanus toxoid", "date" to "2026-11-23", "lot" to "QX-7731"),
            )
            val before = world.store().open(PASSPHRASE).use { reopened ->
                takeDelivery(reopened, agreement)
                withdraw(world, reopened, agreement)
                backUp(world, reopened)
                Snapshot.of(reopened)
            }
            world.home.deleteRecursively()
            loseThePhone(world, kit, before, agreement)
        }
    }

    /** Step 2: a store with a recovery kit, a vCard, a PDF and an address. */
    private suspend fun begin(world: World, anchor: String): Pair<Person, RecoveryKit> {
        val alice = world.store().create(PASSPHRASE)
        val believed = alice.trust.addAnchor(anchor)
        assertEquals(1uL to ListState.CURRENT, believed.organisations to believed.listState)
        alice.setRelay(world.relay.url)
        val kit = alice.backup.setUp(world.relay.url)
        Kist.checkRecoveryCode(kit.code)

        assertEquals(3, alice.records.importVcard(card.toByteArray(), CardOwner.MINE).added.size)
        val pdf = write(folder.resolve("Ptarmigan.pdf"), letter)
        val document = alice.files.attach(pdf).await()
        assertEquals("application/pdf", document.files.single().mediaType)
        alice.records.add(Schemas.ADDRESS, body("street_address" to "7 Larch Lane", "locality" to "Stromness"))

        assertEquals(listOf(Schemas.NAME), alice.records.search("archer").map { it.record.schema })
        assertEquals(listOf(document.id), alice.records.search("ptarm").map { it.record.id })
        return alice to kit
    }

    /** Step 3: the clinic asks by a QR in a PNG; Alice sees who, why and what, and leaves her telephone number out. */
    private suspend fun answer(world: World, alice: Person) {
        val hosted = world.clinic.requests.create(request)
        assertNull(world.clinic.requests.collect(hosted.id))

        val open = alice.requests.open(scan(picture(Kist.drawQr(hosted.uri))))
        val evaluation = open.evaluation
        assertEquals("Riverside Clinic", evaluation.asker.organisation.name)
        assertEquals("Health Framework", evaluation.asker.framework)
        assertEquals("To register you as a patient", evaluation.purposes.single().text["en"])
        assertEquals("P2Y", evaluation.purposes.single().retention)
        assertEquals(Validity.Standing, evaluation.agreement?.holds)
        assertTrue(evaluation.answerable)
        assertEquals(listOf("phone"), evaluation.fields.filterNot { it.required }.map { it.credential })
        assertTrue(evaluation.fields.flatMap { it.matches }.all { it.organisation == null && !it.expired })

        val consent = alice.requests.answer(open.id, open.required, language = "en")
        assertEquals(ConsentState.AWAITING_RECEIPT, consent?.state)
        assertEquals(emptyList<OpenRequest>(), alice.requests.pending())

        val answer = checkNotNull(world.clinic.requests.collect(hosted.id, wait = 10.seconds))
        assertEquals(consent?.id, answer.agreement)
        val given = answer.fields.associate { it.field to it.json.jsonPrimitive.content }
        assertEquals(
            mapOf(
                """name:["given_name"]""" to "Alice",
                """name:["family_name"]""" to "Archer",
                """birth:["birthdate"]""" to "1990-04-01",
                """home:["street_address"]""" to "7 Larch Lane",
                """home:["locality"]""" to "Stromness",
            ),
            given,
        )
        assertTrue(answer.fields.all { it.organisation == null }, "she signed for each herself")
        assertTrue(answer.receiptSent)
    }

    /** Step 4: what came while her side was closed is there, verified, and found. */
    private suspend fun takeDelivery(alice: Person, agreement: String) {
        val events = alice.inbox.refresh()
        assertEquals(InboxEvent.ReceiptStored(agreement, "Riverside Clinic"), events.first())
        val delivered = events.last() as InboxEvent.Delivered
        val record = alice.records.get(delivered.record)
        assertEquals("Riverside Clinic", record.provenance.verifiedBy)
        assertEquals("QX-7731", record.json.getValue("lot").jsonPrimitive.content)
        assertEquals(listOf(record.id), alice.records.search("tetanus").map { it.record.id })
        val fromClinic = RecordFilter(source = SourceFilter.DeliveredBy("NTRGB-1234"))
        assertEquals(listOf(record.id), alice.records.list(fromClinic).map { it.id })
    }

    /** Step 5: she withdraws; the clinic sees it and acknowledges; she sees the acknowledgement. */
    private suspend fun withdraw(world: World, alice: Person, agreement: String) {
        val consent = alice.consents.get(agreement)
        assertEquals(ConsentState.IN_FORCE, consent.summary.state)
        assertEquals("eu-gdpr:A6-1-a", consent.legalBasis)
        assertTrue("Riverside Clinic" in checkNotNull(consent.receipt))

        val withdrawn = alice.consents.withdraw(agreement)
        assertEquals(ConsentState.WITHDRAWN to WithdrawalState.SENT, withdrawn.state to withdrawn.withdrawal?.state)
        assertEquals(agreement, (world.clinic.inbox.refresh().single() as OrgEvent.Withdrawn).agreement)
        assertEquals(listOf(InboxEvent.Acknowledged(agreement, "Riverside Clinic")), alice.inbox.refresh())
        val acknowledged = alice.consents.list().single()
        assertEquals(ConsentState.WITHDRAWAL_ACKNOWLEDGED, acknowledged.state)
        assertEquals(WithdrawalState.ACKNOWLEDGED, acknowledged.withdrawal?.state)
        val refused = failing<KistException.Consent> {
            world.clinic.deliveries.deliver(agreement, Schemas.VACCINATION, body("vaccine" to "x", "date" to "2026-11-23"))
        }
        assertEquals("ConsentWithdrawn", refused.code)

        val kinds = listOf(
            "RequestSeen", "Agreed", "Disclosed", "ReceiptStored", "Delivered", "Withdrawn", "WithdrawalAcknowledged",
        )
        val history = alice.history.entries()
        assertEquals(kinds, history.map { it.kind })
        assertTrue(history.all { it.organisation == "Riverside Clinic" })
        assertEquals(kinds.size.toULong(), alice.history.verify().entries)
    }

    /** Step 6: the relay has everything and can read nothing. */
    private suspend fun backUp(world: World, alice: Person) {
        assertTrue(alice.backup.run().await().changes > 0u)
        assertFalse(alice.backup.status().pendingChanges)
        assertEquals(0u, alice.backup.run().await().changes.toUInt())
        val planted = listOf("Archer", "Ptarmigan", "7 Larch Lane", "QX-7731", "900123", "Alice").map(String::toByteArray)
        val files = walk(world.relay.data).use { all -> all.filter { it.isRegularFile() }.toList() }
        assertTrue(files.isNotEmpty())
        for (file in files) {
            val bytes = String(readAllBytes(file), Charsets.ISO_8859_1)
            for (word in planted) assertFalse(String(word, Charsets.ISO_8859_1) in bytes, "$file is readable")
        }
    }

    private suspend fun loseThePhone(world: World, kit: RecoveryKit, before: Snapshot, agreement: String) {
        world.clinic.deliveries.note(agreement, "Your next appointment is free of charge.")
        val phone = world.store("new phone")
        val input = RecoveryInput(kit.uri)
        val unproven = failing<KistException.Integrity> { phone.restore(input, PASSPHRASE, Freshness.Unknown).await() }
        assertEquals("FreshnessUnproven", unproven.code)
        assertEquals("Alice's phone", unproven.word("device_name"))
        assertFalse(phone.exists)
        val sequence = checkNotNull(unproven.number("sequence"))
        val report = phone.restore(input, PASSPHRASE, Freshness.Confirmed(sequence)).await()
        assertEquals(before.records.size.toULong(), report.records)

        phone.open(PASSPHRASE).use { restored ->
            assertEquals(before, Snapshot.of(restored).copy(history = before.history))
            assertEquals(before.history, restored.history.entries().dropLast(1))
            assertEquals("Restored", restored.history.entries().last().kind)
            val file = restored.records.get(restored.records.search("ptarmigan").single().record.id).files.single()
            assertArrayEquals(letter, restored.files.read(file.id))
            val saved = folder.resolve("saved.pdf")
            restored.files.save(file.id, saved).await()
            assertArrayEquals(letter, readAllBytes(saved))

            assertTrue(restored.inbox.refresh().single() is InboxEvent.Waiting)
            val note = restored.inbox.items().single()
            assertEquals("Your next appointment is free of charge.", note.text)
            assertTrue(note.outsideAgreement)
            putTheRelayBack(world, kit, restored)
        }
    }

    /** The relay shows an older state: the device that knows better refuses it, and one that can't know is told so. */
    private suspend fun putTheRelayBack(world: World, kit: RecoveryKit, alice: Person) {
        val older = folder.resolve("older")
        val first = alice.backup.run().await()
        world.relay.whileStopped { world.relay.data.copyToRecursively(older, followLinks = false) }
        alice.records.add(Schemas.NOTE, body("text" to "written after the copy"))
        assertTrue(alice.backup.run().await().sequence > first.sequence)
        world.relay.whileStopped {
            world.relay.data.deleteRecursively()
            older.copyToRecursively(world.relay.data, followLinks = false)
        }
        alice.records.add(Schemas.NOTE, body("text" to "written after that"))
        val rollback = failing<KistException.Integrity> { alice.backup.run().await() }
        assertEquals("RollbackDetected", rollback.code)
        assertEquals(first.sequence.toLong(), rollback.number("found"))

        val third = world.store("third phone")
        val unproven = failing<KistException.Integrity> {
            third.restore(RecoveryInput(kit.code, world.relay.url), PASSPHRASE, Freshness.Unknown).await()
        }
        assertEquals("FreshnessUnproven", unproven.code)
        assertEquals(first.sequence.toLong(), unproven.number("sequence"))
        assertEquals("Alice's phone", unproven.word("device_name"))
        assertTrue(checkNotNull(unproven.number("made_at")) > 0)
    }

    /** What has to be the same on the new phone. */
    private data class Snapshot(
        val records: List<Record>,
        val consents: List<ConsentDetail>,
        val anchors: List<AnchorInfo>,
        val history: List<HistoryEntry>,
    ) {
        companion object {
            suspend fun of(person: Person) = Snapshot(
                person.records.list().map { person.records.get(it.id) },
                person.consents.list().map { person.consents.get(it.id) },
                person.trust.anchors(),
                person.history.entries(),
            )
        }
    }

    /** Draws a code as a PNG, as an app's view would. */
    private fun picture(code: QrModules): Path {
        val (scale, quiet) = Pair(4, 4)
        val side = (code.size.toInt() + 2 * quiet) * scale
        val image = BufferedImage(side, side, BufferedImage.TYPE_INT_RGB)
        for (y in 0 until side) for (x in 0 until side) {
            val dark = code.isDark(x / scale - quiet, y / scale - quiet)
            image.setRGB(x, y, (if (dark) Color.BLACK else Color.WHITE).rgb)
        }
        val file = folder.resolve("request.png")
        ImageIO.write(image, "png", file.toFile())
        return file
    }

    /** Reads the picture as a camera's frame: brightness alone. */
    private fun scan(png: Path): String {
        val image = ImageIO.read(png.toFile())
        val luma = ByteArray(image.width * image.height) { at ->
            val colour = Color(image.getRGB(at % image.width, at / image.width))
            ((colour.red * 299 + colour.green * 587 + colour.blue * 114) / 1000).toByte()
        }
        return Kist.readRequestQr(luma, image.width, image.height)
    }
}
