package org.kist.wallet

import java.nio.file.Path
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.Cluster
import org.kist.ClusterMember
import org.kist.ClusterName
import org.kist.FieldSpec
import org.kist.Framework
import org.kist.InvitationSpec
import org.kist.LocalServer
import org.kist.Member
import org.kist.OrgEvent
import org.kist.Organisation
import org.kist.Person
import org.kist.RecordFilter
import org.kist.RecordPlace
import org.kist.Schemas
import org.kist.body
import org.kist.field
import org.kist.request
import org.kist.wallet.state.DRAFT
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.TestDevice
import org.kist.wallet.world.WalletUi
import org.kist.wallet.world.WalletWorld
import org.kist.wallet.world.confirm
import org.kist.wallet.world.gone
import org.kist.wallet.world.onWallet
import org.kist.wallet.world.qrPicture
import org.kist.wallet.world.unlock
import org.kist.wallet.world.untilDraftKept

private val name = field("name", Schemas.NAME, true, "given_name")
private val birth = field("birth", Schemas.BIRTH, true, "birthdate")
private val phone = field("phone", Schemas.PHONE, false, "phone_number")
private val mail = field("mail", Schemas.EMAIL, false, "email")

/** Organisations that serve the islands together, and are decided on together. */
class ClusterTest {
    @TempDir
    lateinit var folder: Path

    /** A clinic, and a council that leads; a charity may join. */
    private inner class Islands(val world: WalletWorld, private val server: LocalServer) {
        val device: TestDevice = world.device()
        val clinic = world.clinic
        val council = admit("Council of the Islands", "NTRGB-25")
        val charity = admit("Island Charity", "NTRGB-26")
        private val cluster = ClusterName("NTRGB-25", "islands")

        private fun admit(name: String, id: String) =
            runBlocking { world.world.admit(Member(name, id, mapOf(Schemas.NAME to listOf("given_name")))) }

        /** An invitation that says that the organisation takes part. */
        suspend fun invite(organisation: Organisation, vararg fields: FieldSpec): String {
            val asked = request.copy(fields = fields.toList())
            return organisation.invitations.publish(InvitationSpec(listOf(asked), 30, listOf(cluster))).invitation
        }

        /** The link to what the council states: who takes part. */
        suspend fun link(version: ULong, vararg members: Organisation): String {
            val taking = members.map { ClusterMember(it.profile().organisationId, mapOf("en" to "Care at home"), "care") }
            val stated = council.clusters.state(Cluster(cluster.id, version, mapOf("en" to "Care on the islands"), taking), days = 30)
            return council.clusters.link(server.publish("/islands", stated.statement))
        }

        fun alice(act: suspend (Person) -> Unit) = runBlocking { device.store().open(PASSPHRASE).use { act(it) } }

        /** Alice has an agreement with both. */
        fun decided() = alice { alice ->
            val statement = council.clusters.list().single().statement
            val seen = alice.clusters.add(statement)
            alice.clusters.open(seen.id)
            answer(clinic, council)
            alice.inbox.refresh()
            val choices = alice.clusters.get(seen.id).members.associate { it.organisationId to checkNotNull(it.request) }
            alice.clusters.decide(seen.id, choices.mapValues { (_, request) -> alice.requests.choices(request.id) })
            listOf(clinic, council).forEach { given(it) }
            alice.inbox.refresh()
        }
    }

    private fun onIslands(test: Islands.() -> Unit) = LocalServer().use { server ->
        WalletWorld(folder).use { world ->
            val islands = Islands(world, server)
            runBlocking {
                world.furnish(islands.device)
                islands.device.store().open(PASSPHRASE).use { alice ->
                    alice.records.add(Schemas.PHONE, body("phone_number" to "+44 7700 900123"))
                    alice.records.add(Schemas.EMAIL, body("email" to "alice@example.org"))
                    val invitations = listOf(islands.invite(islands.clinic, name, birth, phone, mail), islands.invite(islands.council, name))
                    alice.connections.introduce(Framework.directoryOf(invitations))
                }
            }
            islands.test()
        }
    }

    /** Each takes in that Alice has knocked, and sends its request. */
    private suspend fun answer(vararg organisations: Organisation) = organisations.forEach { it.inbox.refresh() }

    /** The parts that an organisation was given. */
    private suspend fun given(organisation: Organisation): Set<String> {
        organisation.requests.list().forEach { organisation.requests.collect(it.id) }
        return organisation.agreements.list().flatMap { organisation.agreements.get(it.id).received }
            .map { it.field.substringBefore(':') }.toSet()
    }

    /** Opens the store of a wallet that was killed, and comes back to where it was. */
    private fun WalletUi.unlockAgain() {
        type("Passphrase", PASSPHRASE)
        press("Open")
    }

    private fun WalletUi.scan(islands: Islands, link: String) {
        islands.device.files.toOpen.add(qrPicture(link, folder.resolve("code.png")))
        press("Scan")
        press("Choose a picture")
        isAt("Care on the islands")
    }

    private fun WalletUi.askAll(vararg organisations: Organisation) {
        press("See what they ask for")
        sees("They were asked")
        runBlocking { answer(*organisations) }
        press("Look for news")
        isAt("Care on the islands asks")
    }

    @Test
    fun `o4 one decision about all makes an agreement with each, and one of them is withdrawn from`() = onIslands {
        val link = runBlocking { link(1uL, clinic, council) }
        onWallet(device) {
            unlock()
            scan(this@onIslands, link)
            sees("Council of the Islands leads them.")
            sees("You have given them nothing here yet")
            askAll(clinic, council)
            sees("1 of 2: Riverside Clinic")
            sees("2 of 2: Council of the Islands")
            sees("What they do: Care at home")
            sees("They ask for: Name, Birth, Telephone number and E-mail address")
            sees("Nothing to share")
            press("Choose all of them")
            sees("Health Framework has checked who they are.")
            sees("This is more than they should ask: E-mail address")
            sees("You share with: Riverside Clinic and Council of the Islands")
            sees("Share 2 things")
            untilDraftKept { press("Telephone number: +44 7700 900123") }
        }
        onWallet(device) {
            unlockAgain()
            isAt("Care on the islands asks")
            press("Share 3 things")
            sees("Your answer is on its way to Riverside Clinic and Council of the Islands.")
            assertEquals(setOf("name", "birth", "phone"), runBlocking { given(clinic) })
            assertEquals(setOf("name"), runBlocking { given(council) })
            press("Look for news")
            press("See the receipt: Council of the Islands")
            sees("You and Council of the Islands have both signed.")
            press("Back")
            press("Done")
            press("Shared")
            sees("You decided about them together.")
            press("See them together")
            press("Take back: Council of the Islands")
            confirm("Take back")
            sees("Taken back, not confirmed yet")
            assertTrue(runBlocking { council.inbox.refresh() }.any { it is OrgEvent.Withdrawn })
            assertTrue(runBlocking { clinic.inbox.refresh() }.none { it is OrgEvent.Withdrawn })
        }
        alice { alice ->
            val drafts = RecordFilter(schemas = listOf(DRAFT), place = RecordPlace.ANYWHERE)
            assertTrue(alice.records.list(drafts).isEmpty(), "what was chosen is forgotten once it is decided")
        }
    }

    @Test
    fun `o4 a new member gets nothing before she decides again, and all are withdrawn from at once`() = onIslands {
        runBlocking { link(1uL, clinic, council) }
        decided()
        val newer = runBlocking {
            val invitation = invite(charity, name)
            alice { it.connections.introduce(invitation) }
            link(2uL, clinic, council, charity)
        }
        onWallet(device) {
            unlock()
            scan(this@onIslands, newer)
            sees("New among them: Island Charity. They get nothing before you decide about them.")
            press("See what the others ask for")
            sees("They were asked")
            runBlocking { answer(charity) }
            press("Look for news")
            sees("1 of 1: Island Charity")
            sees("New since you decided.")
            press("Share with Island Charity")
            press("Share 1 thing")
            sees("Your answer is on its way to Island Charity.")
            assertEquals(setOf("name"), runBlocking { given(charity) })
            press("Take back from all")
            sees("Take back what you share with Riverside Clinic, Council of the Islands and Island Charity?")
            confirm("Take back")
            gone("Take back from all")
            for (organisation in listOf(clinic, council, charity)) {
                assertTrue(runBlocking { organisation.inbox.refresh() }.any { it is OrgEvent.Withdrawn })
            }
        }
    }

    @Test
    fun `o4 whoever she leaves out gets nothing, and without a network the decision waits`() = onIslands {
        val link = runBlocking { link(1uL, clinic, council) }
        onWallet(device) {
            unlock()
            scan(this@onIslands, link)
            askAll(clinic, council)
            untilDraftKept { press("Share with Council of the Islands") }
        }
        onWallet(device) {
            unlockAgain()
            isAt("Care on the islands asks")
            sees("They get nothing, and aren't told anything.")
            world.relay.whileStopped {
                press("Share 1 thing")
                sees("It goes to Council of the Islands as soon as there is a connection.")
            }
            press("Try now")
            sees("Your answer is on its way to Council of the Islands.")
            assertEquals(setOf("name"), runBlocking { given(council) })
            assertEquals(emptySet<String>(), runBlocking { given(clinic) })
        }
    }

    @Test
    fun `o4 she says no to all, and one of their requests alone leads to all of them`() = onIslands {
        val link = runBlocking { link(1uL, clinic, council) }
        onWallet(device) {
            unlock()
            press("Shared")
            press("Organisations and people")
            press("Add someone")
            type("The link", link)
            press("See who it is")
            isAt("Care on the islands")
            askAll(clinic, council)
            press("Not now")
            isAt("Organisations and people")
            press("Back")
            press("Home")
            press("Riverside Clinic asks for something")
            sees("They ask together with others: Care on the islands")
            press("Decide about all of them")
            isAt("Care on the islands asks")
            press("Say no")
            confirm("Yes, say no")
            sees("Nothing was shared with Riverside Clinic and Council of the Islands.")
        }
        alice { assertTrue(it.consents.list().isEmpty()) }
    }
}
