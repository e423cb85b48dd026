package org.kist.wallet.connections

import java.nio.file.Path
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.InvitationSpec
import org.kist.OrgEvent
import org.kist.request
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.WalletUi
import org.kist.wallet.world.WalletWorld
import org.kist.wallet.world.confirm
import org.kist.wallet.world.onWallet
import org.kist.wallet.world.unlock

/** Meeting organisations and people. */
class ConnectionsTest {
    @TempDir
    lateinit var folder: Path

    private fun WalletUi.goToConnections() {
        unlock()
        press("Shared")
        press("Organisations and people")
        isAt("Organisations and people")
    }

    @Test
    fun `c4 a letter leads to a request that waits in the inbox, and the connection is ended`() {
        WalletWorld(folder).use { world ->
            val device = world.device()
            val letter = runBlocking {
                world.furnish(device)
                val asked = request.copy(fields = request.fields.filter { it.id == "name" })
                world.clinic.invitations.letter(InvitationSpec(listOf(asked), days = 30))
            }
            onWallet(device) {
                goToConnections()
                sees("You are in contact with nobody yet")
                press("Add someone")
                press("See who it is")
                sees("There is no link yet.")
                press("A letter with a code")
                type("The code in the letter", letter.code.dropLast(1) + if (letter.code.last() == 'A') "B" else "A")
                type("The web address in the letter", letter.relay)
                press("See who it is")
                sees("Problem")
                type("The code in the letter", letter.code)
                press("See who it is")
                sees("Vouched for by Health Framework")
                sees("Nothing was sent yet.")
                press("Ask them: To register you as a patient")
                isAt("Riverside Clinic")
                sees("They were asked")
                runBlocking { assertTrue(world.clinic.inbox.refresh().single() is OrgEvent.Knocked) }
                press("Go to the inbox")
                sees("Riverside Clinic asks for something")
                press("Back")
                press("End the connection")
                confirm("End the connection")
                sees("You ended this connection")
            }
        }
    }

    @Test
    fun `c3 two people compare a code, one shares, and takes it back`() {
        WalletWorld(folder).use { world ->
            val device = world.device()
            runBlocking {
                world.furnish(device)
                world.device("bob").store().create(PASSPHRASE).use { it.setRelay(world.relay.url) }
            }
            onWallet(device) {
                goToConnections()
                press("Invite a person")
                press("Make the code")
                sees("There is no name yet.")
                type("What do you call them?", "Bob")
                press("Make the code")
                sees("Let Bob scan this with their Kist.")
                press("Copy the link instead")
                press("Go on")
                isAt("Bob")
                sees("Hasn't answered yet")
                val link = checkNotNull(device.clipboard.text())
                val code = runBlocking {
                    world.device("bob").store().open(PASSPHRASE).use { bob ->
                        bob.people.accept(link, "Alice").checkCode
                    }
                }
                press("Look for news")
                sees("Is it really them?")
                sees(checkNotNull(code))
                press("It is the same")
                sees("Codes compared")
                press("Share something")
                press("Share")
                sees("Nothing is chosen yet.")
                press("7 Larch Lane Stromness")
                type("What is it for?", "So that you can visit")
                press("Share")
                isAt("Bob")
                sees("So that you can visit")
                // It is offered, taken and confirmed: a round for each.
                repeat(3) {
                    runBlocking { world.device("bob").store().open(PASSPHRASE).use { it.inbox.refresh() } }
                    press("Look for news")
                }
                sees("On")
                runBlocking {
                    world.device("bob").store().open(PASSPHRASE).use { bob ->
                        bob.inbox.refresh()
                        assertEquals("So that you can visit", bob.people.shares().single().purpose)
                    }
                }
                press("Take it back")
                confirm("Take it back")
                runBlocking {
                    world.device("bob").store().open(PASSPHRASE).use { bob ->
                        bob.inbox.refresh()
                        assertTrue(bob.records.list().isEmpty(), "what was taken back is gone from the other's phone")
                    }
                }
                press("Look for news")
                sees("Taken back, their phone deleted it")
            }
        }
    }
}
