package org.kist

import java.nio.file.Path
import kotlin.time.Duration.Companion.seconds
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** Connections that a person opens: with an organisation by its letter, and with another person. */
class ConnectionsTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun c4_a_letter_leads_to_a_request_and_the_connection_can_be_ended() = within {
        World(folder).use { world ->
            world.alice().use { alice ->
                val asked = request.copy(fields = request.fields.filter { it.id == "name" })
                val letter = world.clinic.invitations.letter(InvitationSpec(listOf(asked), days = 30))
                val found = alice.connections.introduce(letter.code, letter.relay) as Introduction.Contacts
                val contact = found.contacts.single()
                assertEquals("Riverside Clinic" to true, contact.organisation to contact.byLetter)
                val opened = alice.connections.open(contact.id, contact.uses.single().id)
                assertEquals(ConnectionState.WAITING, opened.state)

                val knocked = world.clinic.inbox.refresh().single() as OrgEvent.Knocked
                val came = alice.inbox.refresh().single() as InboxEvent.RequestCame
                val open = alice.requests.get(came.request)
                alice.requests.answer(open.id, open.required)
                assertNotNull(world.clinic.requests.collect(knocked.request, wait = 10.seconds))
                alice.inbox.refresh()
                val connection = alice.connections.list().single()
                assertEquals(ConnectionState.OPEN to 1, connection.state to connection.consents.size)
                val ended = alice.connections.change(connection.id, ConnectionAct.END)
                assertEquals(ConnectionState.ENDED, ended.state)
                assertTrue(world.clinic.inbox.refresh().any { it is OrgEvent.Withdrawn })
            }
        }
    }

    @Test
    fun c3_two_people_compare_a_code_share_and_withdraw() = within {
        RelayProcess(folder.resolve("relay")).use { relay ->
            val store = { name: String -> Kist.person(folder.resolve(name), platform(name)) }
            store("alice").create(PASSPHRASE).use { alice ->
                store("bob").create(PASSPHRASE).use { bob ->
                    listOf(alice, bob).forEach { it.setRelay(relay.url) }
                    val invited = alice.people.invite("Bob")
                    val link = (bob.connections.introduce(invited.link) as Introduction.Person).link
                    val hers = bob.people.accept(link, "Alice")
                    val answered = alice.inbox.refresh().single() as InboxEvent.PersonAnswered
                    assertEquals(hers.checkCode, answered.checkCode)
                    assertTrue(alice.people.setVerified(invited.id, true).verified)
                    bob.inbox.refresh()

                    val phone = alice.records.add(Schemas.PHONE, body("phone_number" to "+44 7700 900123"))
                    val share = alice.people.share(invited.id, ShareSpec(listOf(phone.id), "To call me", "en"))
                    repeat(3) {
                        bob.inbox.refresh()
                        alice.inbox.refresh()
                    }
                    val received = bob.people.shares().single()
                    assertEquals("To call me" to ShareState.IN_FORCE, received.purpose to received.state)
                    val number = bob.records.get(received.records.single()).json.getValue("phone_number")
                    assertEquals("+44 7700 900123", number.jsonPrimitive.content)

                    alice.people.withdraw(share.id)
                    assertTrue(bob.inbox.refresh().any { it is InboxEvent.ShareWithdrawn })
                    assertTrue(bob.records.list().isEmpty())
                    alice.inbox.refresh()
                    assertEquals(ShareState.WITHDRAWAL_ACKNOWLEDGED, alice.people.shares().single().state)
                }
            }
        }
    }
}
