package org.kist.wallet.inbox

import java.nio.file.Path
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.InvitationSpec
import org.kist.OrgEvent
import org.kist.Rights
import org.kist.Schemas
import org.kist.body
import org.kist.field
import org.kist.request
import org.kist.share
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.TestDevice
import org.kist.wallet.world.WalletUi
import org.kist.wallet.world.WalletWorld
import org.kist.wallet.world.confirm
import org.kist.wallet.world.gone
import org.kist.wallet.world.onWallet
import org.kist.wallet.world.unlock

/** What organisations send, as a person meets it. */
class InboxTest {
    @TempDir
    lateinit var folder: Path

    private val name = field("name", Schemas.NAME, true, "given_name")

    private fun WalletWorld.sharing(device: TestDevice, deliver: Boolean): String = runBlocking {
        furnish(device)
        val rights = Rights(read = true, deliver = deliver, update = false)
        device.store().open(PASSPHRASE).use { alice -> share(alice, clinic, name, rights = rights) }
    }

    private fun WalletUi.goToInbox() {
        unlock()
        press("Shared")
        press("Inbox")
        isAt("Inbox")
    }

    @Test
    fun `c2 what no agreement covers lies apart, is refused, kept or blocked`() {
        WalletWorld(folder).use { world ->
            val device = world.device()
            val agreement = world.sharing(device, deliver = false)
            runBlocking {
                world.clinic.deliveries.note(agreement, "Buy our vitamins.")
                world.clinic.deliveries.note(agreement, "We are closed on Friday.")
            }
            onWallet(device) {
                goToInbox()
                sees("You didn't agree to this")
                sees("Buy our vitamins.")
                sees("We are closed on Friday.")
                press("Keep it in my notes")
                sees("It is in your notes now.")
                press("Delete")
                confirm("Cancel")
                sees("You didn't agree to this")
                press("Delete")
                sees("It is gone for good.")
                confirm("Delete")
                gone("You didn't agree to this")
                runBlocking { world.clinic.deliveries.note(agreement, "Buy more vitamins.") }
                press("Look for news")
                sees("Buy more vitamins.")
                press("Block the sender")
                sees("Block Riverside Clinic?")
                confirm("Block the sender")
                gone("Buy more vitamins.")
                runBlocking { world.clinic.deliveries.note(agreement, "And more.") }
                press("Look for news")
                press("Back")
                press("Organisations and people")
                sees("Blocked")
                press("Riverside Clinic")
                press("Let them in again")
                sees("You can write to each other")
                press("Back")
                press("Back")
                press("Inbox")
                press("Look for news")
                sees("And more.")
            }
            runBlocking {
                device.store().open(PASSPHRASE).use { alice ->
                    assertEquals(1, alice.records.list().count { it.schema == Schemas.NOTE })
                    assertTrue(alice.rules.list().isEmpty())
                }
            }
        }
    }

    @Test
    fun `c2 a delivery that nothing covers stays shut, and comes in once she has agreed and it is sent again`() {
        WalletWorld(folder).use { world ->
            val device = world.device()
            val agreement = world.sharing(device, deliver = true)
            val vaccination = body("vaccine" to "Tetanus toxoid", "date" to "2026-11-23")
            runBlocking {
                val asked = request.copy(fields = listOf(name))
                val invitation = world.clinic.invitations.publish(InvitationSpec(listOf(asked), days = 30)).invitation
                // It is on its way while she withdraws, and read after it.
                world.clinic.deliveries.deliver(agreement, Schemas.VACCINATION, vaccination)
                device.store().open(PASSPHRASE).use { alice ->
                    alice.connections.introduce(invitation)
                    alice.consents.withdraw(agreement)
                }
            }
            onWallet(device) {
                goToInbox()
                sees("You didn't agree to this")
                sees("it wasn't opened, and nothing of it is here")
                sees("Health Framework checked who they are when you met.")
                press("See who they are")
                isAt("Riverside Clinic")
                press("Back")
                press("Ask them for an agreement")
                press("Ask them: To register you as a patient")
                sees("They were asked")
                val knocked = runBlocking { world.clinic.inbox.refresh().filterIsInstance<OrgEvent.Knocked>().single() }
                press("Go to the inbox")
                press("Riverside Clinic asks for something")
                press("Share 1 thing")
                isAt("Shared")
                runBlocking {
                    val answer = checkNotNull(world.clinic.requests.collect(knocked.request, wait = 10.seconds))
                    world.clinic.deliveries.deliver(checkNotNull(answer.agreement), Schemas.VACCINATION, vaccination)
                }
                press("Done")
                isAt("Inbox")
                press("Look for news")
                sees("Tetanus toxoid")
                press("Refuse")
                sees("Refuse what they sent?")
                confirm("Refuse")
                gone("You didn't agree to this")
            }
        }
    }

    @Test
    fun `c2 what was delivered while the app was shut is there, and what came is told once`() {
        WalletWorld(folder).use { world ->
            val device = world.device()
            val agreement = world.sharing(device, deliver = true)
            runBlocking {
                val vaccination = body("vaccine" to "Tetanus toxoid", "date" to "2026-11-23")
                world.clinic.deliveries.deliver(agreement, Schemas.VACCINATION, vaccination)
                world.clinic.deliveries.note(agreement, "Your result is here.")
            }
            onWallet(device) {
                goToInbox()
                sees("Tetanus toxoid")
                sees("From Riverside Clinic")
                sees("Riverside Clinic sent you: Vaccination")
                sees("Your result is here.")
                press("Delete")
                confirm("Delete")
                gone("Your result is here.")
            }
            onWallet(device) {
                type("Passphrase", PASSPHRASE)
                press("Open")
                isAt("Inbox")
                sees("Tetanus toxoid")
                gone("Riverside Clinic sent you: Vaccination")
            }
        }
    }

    @Test
    fun `c1 without the relay the inbox shows what is here, and says what to do`() {
        WalletWorld(folder).use { world ->
            val device = world.device()
            val agreement = world.sharing(device, deliver = true)
            runBlocking { world.clinic.deliveries.note(agreement, "Your result is here.") }
            onWallet(device) {
                goToInbox()
                sees("Your result is here.")
                world.relay.whileStopped {
                    press("Look for news")
                    sees("Riverside Clinic can't be reached now")
                    sees("Your result is here.")
                }
                press("Look for news")
                gone("Riverside Clinic can't be reached now")
            }
        }
    }
}
