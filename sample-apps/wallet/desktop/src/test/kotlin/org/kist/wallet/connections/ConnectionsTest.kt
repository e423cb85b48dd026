package org.kist.wallet.connections

import java.nio.file.Path
import java.time.Clock
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.Framework
import org.kist.InvitationSpec
import org.kist.LocalServer
import org.kist.Member
import org.kist.OrgEvent
import org.kist.Organisation
import org.kist.Schemas
import org.kist.field
import org.kist.request
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.TestDevice
import org.kist.wallet.world.WalletUi
import org.kist.wallet.world.WalletWorld
import org.kist.wallet.world.confirm
import org.kist.wallet.world.gone
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

    /** The directory that has an invitation of each, for one thing that they may all ask for. */
    private fun directory(vararg members: Organisation): String = runBlocking {
        val asked = request.copy(fields = listOf(field("name", Schemas.NAME, true, "given_name")))
        Framework.directoryOf(members.map { it.invitations.publish(InvitationSpec(listOf(asked), days = 30)).invitation })
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
    fun `h2 an organisation is found in the framework's directory, contacted, and heard from`() {
        WalletWorld(folder).use { world ->
            LocalServer().use { server ->
                val device = world.device()
                val council = Member("Harbour Council", "NTRGB-2001", mapOf(Schemas.NAME to listOf("given_name")))
                runBlocking {
                    world.world.admit(council)
                    world.furnish(device)
                }
                val address = server.publish("/directory.json", directory(world.clinic))
                onWallet(device) {
                    goToConnections()
                    press("Find an organisation")
                    press("Get the directory")
                    sees("There is no address yet.")
                    type("Address of the directory", "${server.url}/nowhere.json")
                    press("Get the directory")
                    sees("There is no directory at this address.")
                    type("Address of the directory", address)
                    press("Get the directory")
                    sees("1 organisation in this directory can be contacted")
                    press("Riverside Clinic")
                    press("Ask them: To register you as a patient")
                    sees("They were asked")
                    val request = runBlocking { (world.clinic.inbox.refresh().single() as OrgEvent.Knocked).request }
                    press("Go to the inbox")
                    press("Riverside Clinic asks for something")
                    press("Share 1 thing")
                    isAt("Shared")
                    val answer = checkNotNull(runBlocking { world.clinic.requests.collect(request, wait = 10.seconds) })
                    runBlocking { world.clinic.deliveries.note(checkNotNull(answer.agreement), "You are registered.") }
                    press("Done")
                    isAt("Inbox")
                    press("Look for news")
                    sees("You are registered.")
                    press("Back")
                    isAt("Riverside Clinic")
                    sees("You can write to each other")
                }
            }
        }
    }

    @Test
    fun `h2 a directory is followed by itself, looked through by name, and there without a network`() {
        WalletWorld(folder).use { world ->
            val server = LocalServer()
            val device = world.device()
            val member = Member("Harbour Council", "NTRGB-2001", mapOf(Schemas.NAME to listOf("given_name")))
            val council = runBlocking { world.world.admit(member) }
            val address = server.publish("/directory.json", directory(world.clinic))
            runBlocking {
                world.furnish(device)
                device.store().open(PASSPHRASE).use { it.connections.fetchDirectory(address) }
            }
            server.publish("/directory.json", directory(world.clinic, council))
            onWallet(device) {
                goToConnections()
                press("Find an organisation")
                sees("Harbour Council")
                type("Find by name", "river")
                gone("Harbour Council")
                sees("Riverside Clinic")
                type("Find by name", "museum")
                sees("Nobody here has such a name.")
                server.close()
                press("Get the newest directory")
                sees("A directory can't be reached.")
                type("Find by name", "")
                sees("Harbour Council")
            }
        }
    }

    @Test
    fun `h2 where the framework says where its directory is, nothing is typed`() {
        WalletWorld(folder).use { world ->
            LocalServer().use { server ->
                val device = world.device()
                val address = server.publish("/directory.json", Framework.directoryOf(emptyList()))
                runBlocking {
                    world.framework.setDirectory(address)
                    world.furnish(device)
                }
                onWallet(device) {
                    goToConnections()
                    press("Find an organisation")
                    sees("There is nobody to contact yet")
                    gone("Address of the directory")
                    server.publish("/directory.json", directory(world.clinic))
                    press("Get the newest directory")
                    press("Riverside Clinic")
                    sees("Vouched for by Health Framework")
                }
            }
        }
    }

    @Test
    fun `h2 without a framework nobody is listed, and the way to one is shown`() {
        val device = TestDevice(folder.resolve("store"), Clock.systemUTC(), null, null)
        runBlocking { device.store().create(PASSPHRASE).close() }
        onWallet(device) {
            goToConnections()
            press("Find an organisation")
            sees("You believe no framework yet")
            press("Add a framework")
            isAt("Whom you believe")
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
