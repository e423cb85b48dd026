package org.kist.wallet

import java.nio.file.Path
import java.time.Instant
import java.time.temporal.ChronoUnit
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.ConsentState
import org.kist.InvitationSpec
import org.kist.OrgEvent
import org.kist.RequestSpec
import org.kist.Schemas
import org.kist.Validity
import org.kist.field
import org.kist.request
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.TestDevice
import org.kist.wallet.world.WalletUi
import org.kist.wallet.world.WalletWorld
import org.kist.wallet.world.onWallet
import org.kist.wallet.world.unlock

/** A consent that ends soon goes on, by the person's word or at the organisation's offer. */
class RenewalTest {
    @TempDir
    lateinit var folder: Path

    private val asked = request.copy(fields = listOf(field("name", Schemas.NAME, true, "given_name")))

    /** Shares for ten days more, with a clinic that says how it can be contacted; gives the consent. */
    private fun WalletWorld.endingSoon(device: TestDevice): String = runBlocking {
        furnish(device)
        val invitation = clinic.invitations.publish(InvitationSpec(listOf(asked), days = 30)).invitation
        device.store().open(PASSPHRASE).use { alice ->
            alice.connections.introduce(invitation)
            val end = Instant.now().plus(10, ChronoUnit.DAYS).epochSecond
            val hosted = clinic.requests.create(asked.copy(validity = Validity.Until(end)))
            val open = alice.requests.open(hosted.uri)
            val consent = checkNotNull(alice.requests.answer(open.id, open.required)).id
            agree(hosted.id)
            alice.inbox.refresh()
            consent
        }
    }

    private fun WalletWorld.agree(request: String) = runBlocking { assertNotNull(clinic.requests.collect(request, wait = 10.seconds)) }

    private fun TestDevice.consents() =
        runBlocking { store().open(PASSPHRASE).use { alice -> alice.consents.list().associate { it.id to it.state } } }

    private fun WalletUi.goToConsent() {
        unlock()
        press("Shared")
        sees("Ends soon")
        press("Riverside Clinic")
        isAt("Riverside Clinic")
    }

    @Test
    fun `k1 a consent that ends soon is renewed by asking, and the clinic agrees`() {
        WalletWorld(folder).use { world ->
            val device = world.device()
            val old = world.endingSoon(device)
            onWallet(device) {
                goToConsent()
                press("Ask to go on")
                sees("Their new offer comes into your inbox.")
                val knocked = runBlocking { world.clinic.inbox.refresh().single() as OrgEvent.Knocked }
                press("Back")
                press("Inbox")
                press("Riverside Clinic asks for something")
                sees("It goes on until you take it back.")
                press("Share 1 thing")
                isAt("Shared")
                world.agree(knocked.request)
                press("See what you agreed")
                sees("You and Riverside Clinic have both signed.")
            }
            val states = device.consents()
            assertEquals(2, states.size, "the old one ends by itself")
            assertEquals(setOf(ConsentState.IN_FORCE), states.values.toSet(), old)
        }
    }

    @Test
    fun `k1 a new offer of the clinic takes the place of the consent that ends`() {
        WalletWorld(folder).use { world ->
            val device = world.device()
            val old = world.endingSoon(device)
            val renewing: RequestSpec = asked.copy(replaces = old)
            val hosted = runBlocking {
                world.clinic.requests.create(renewing).also { offer ->
                    device.store().open(PASSPHRASE).use { it.requests.open(offer.uri) }
                }
            }
            onWallet(device) {
                goToConsent()
                sees("Riverside Clinic offers a new one")
                press("Look at it")
                isAt("Riverside Clinic asks")
                press("Share 1 thing")
                isAt("Shared")
                world.agree(hosted.id)
                press("Done")
                isAt("Riverside Clinic")
                press("Look for news")
                sees("You agreed to something newer in its place")
            }
            assertEquals(ConsentState.REPLACED, device.consents().getValue(old))
        }
    }
}
