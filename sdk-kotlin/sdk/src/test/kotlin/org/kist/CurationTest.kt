package org.kist

import java.nio.file.Path
import java.time.LocalDate
import kotlinx.serialization.json.JsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** What a person does with records besides writing them. */
class CurationTest {
    @TempDir
    lateinit var folder: Path

    private fun address(street: String, postcode: String? = null) = body(
        *listOfNotNull(
            "street_address" to street,
            "locality" to "Cardiff",
            "kind" to "home",
            postcode?.let { "postal_code" to it },
        ).toTypedArray(),
    )

    @Test
    fun d2_two_addresses_differ_and_are_settled_by_choice() = within {
        Kist.person(folder.resolve("alice"), platform("laptop")).create(PASSPHRASE).use { alice ->
            val bute = alice.records.add(Schemas.ADDRESS, address("12 Bute Street"))
            val castle = alice.records.add(Schemas.ADDRESS, address("3 Castle Street", "CF10 1BT"))
            val conflict = alice.curation.conflicts().single()
            assertEquals(ConflictKind.DIFFERING, conflict.kind)
            assertEquals(listOf(bute.id, castle.id), conflict.sides.map { it.id.record })
            val street = conflict.members.single { it.member == "/street_address" }
            assertFalse(street.same)
            assertEquals(JsonPrimitive("3 Castle Street"), street.fields[1]?.json)

            val (old, new) = conflict.sides.map { it.id }
            alice.curation.settle(conflict, Settlement.Merge(old, listOf(MemberChoice("/postal_code", new))))
            assertTrue(alice.curation.conflicts().isEmpty())
            assertEquals(listOf(bute.id), alice.records.list().map { it.id })
            assertEquals(bute.id, alice.curation.marks(castle.id).replacedBy)
            val fields = alice.curation.fields(bute.id).associateBy { it.member }
            assertEquals(JsonPrimitive("CF10 1BT"), fields.getValue("/postal_code").json)
            assertNull(fields.getValue("/postal_code").staleSince)
            val changed = alice.curation.changes(bute.id).last().changes.map { it.member }
            assertEquals(listOf("/postal_code"), changed)
            val replaced = alice.records.list(RecordFilter(place = RecordPlace.REPLACED))
            assertEquals(listOf(castle.id), replaced.map { it.id })
        }
    }

    @Test
    fun d5_what_expires_is_reminded_of_and_the_trash_gives_back() = within {
        Kist.person(folder.resolve("alice"), platform("laptop")).create(PASSPHRASE).use { alice ->
            val expires = LocalDate.now().plusDays(60)
            val members = body("number" to "123456789", "country" to "GB", "expires" to expires.toString())
            val passport = alice.records.add("urn:kist:schema:passport:1", members)
            val reminder = (alice.reminders().single() as Due.InRecord).reminder
            assertEquals(Pair(passport.id, expires.toString()), Pair(reminder.record, reminder.date))
            alice.curation.snooze(reminder, expires)
            assertTrue(alice.reminders().isEmpty())
            assertEquals(1, alice.reminders(daysAhead = 90).size)

            alice.curation.setFavourite(passport.id, true)
            assertTrue(alice.records.get(passport.id).favourite)
            alice.curation.trash(passport.id)
            assertTrue(alice.records.list().isEmpty())
            alice.curation.restore(passport.id)
            assertEquals(1, alice.records.list(RecordFilter(favourites = true)).size)
        }
    }

    @Test
    fun d1_records_are_counted_by_what_a_filter_asks_for_and_labels_and_files_change_in_one_version() = within {
        Kist.person(folder.resolve("alice"), platform("laptop")).create(PASSPHRASE).use { alice ->
            val bute = alice.records.add(Schemas.ADDRESS, address("12 Bute Street"))
            val photo = alice.files.attach("photo.png", "photo".toByteArray())
            val edit = RecordEdit(
                body = address("14 Bute Street").toString(),
                tags = listOf("old", "family"),
                attach = photo.files.map { it.id },
            )
            val edited = alice.records.edit(bute.id, edit)
            alice.records.delete(photo.id)
            assertEquals(listOf("photo.png"), alice.records.get(bute.id).files.map { it.name })
            assertEquals(edited, alice.records.edit(bute.id, RecordEdit(tags = listOf("old", "family"))), "nothing was changed")
            alice.records.edit(bute.id, RecordEdit(area = "home", tags = listOf("old"), detach = edited.files.map { it.id }))

            val (_, first, second) = alice.curation.changes(bute.id)
            assertEquals(listOf("/street_address"), first.changes.map { it.member })
            assertEquals(listOf("old", "family") to listOf("photo.png"), first.tagsAdded to first.filesAdded.map { it.name })
            assertEquals(Triple("identity", listOf("family"), 1), Triple(second.areaBefore, second.tagsRemoved, second.filesRemoved.size))
            assertTrue(second.changes.isEmpty())

            alice.records.add(Schemas.NOTE, body("text" to "x"))
            val facets = alice.records.facets()
            assertEquals(mapOf("home" to 1uL, "other" to 1uL), facets.areas.associate { it.value to it.records })
            assertEquals(setOf(Schemas.ADDRESS, Schemas.NOTE), facets.schemas.map { it.value }.toSet())
            assertEquals(listOf(Facet("old", 1uL)), facets.tags)
            assertEquals(Triple(2uL, 0uL, 0), Triple(facets.selfAsserted, facets.imported, facets.organisations.size))
        }
    }

    @Test
    fun o5_a_form_is_filled_from_the_store() = within {
        Kist.person(folder.resolve("alice"), platform("laptop")).create(PASSPHRASE).use { alice ->
            alice.records.add(Schemas.ADDRESS, address("12 Bute Street"))
            val form = listOf(
                FormField("street", "urn:kist:schema:address:1#/street_address", required = true),
                FormField("email", "oidc:email", required = true),
            )
            val filled = alice.curation.fill(form)
            assertEquals(JsonPrimitive("12 Bute Street"), filled.fields[0].value?.field?.json)
            assertEquals(listOf("email"), filled.missing)
            assertEquals(Pair(1u, 14uL), Pair(filled.filled, filled.keystrokes))
            alice.curation.keepAnswers(form, mapOf("email" to JsonPrimitive("alice@example.org")))
            assertTrue(alice.curation.fill(form).missing.isEmpty())
        }
    }
}
