package org.kist.wallet

import java.nio.file.Path
import java.time.LocalDate
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.Person
import org.kist.body
import org.kist.request
import org.kist.share
import org.kist.wallet.language.Language
import org.kist.wallet.language.Words
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.TestDevice
import org.kist.wallet.world.WalletUi
import org.kist.wallet.world.WalletWorld
import org.kist.wallet.world.onWallet

/** Home: what there is, what waits, what expires, and what is so without a network. */
class HomeTest {
    @TempDir
    lateinit var folder: Path

    private fun furnished(world: WalletWorld, more: suspend (Person) -> Unit = {}): TestDevice =
        world.device().also { device ->
            runBlocking {
                world.furnish(device)
                device.store().open(PASSPHRASE).use { more(it) }
            }
        }

    private fun WalletUi.unlock() {
        type("Passphrase", PASSPHRASE)
        press("Open")
        isAt("Your Kist")
    }

    @Test
    fun `d1 h1 d5 home shows parts of life, a request that waits, and a passport that ends`() = WalletWorld(folder).use { world ->
        val ends = LocalDate.now().plusMonths(2)
        val device = furnished(world) { alice ->
            alice.records.add(
                "urn:kist:schema:passport:1",
                body("number" to "000000000", "country" to "GB", "expires" to ends.toString()),
            )
            alice.requests.open(world.clinic.requests.create(request).uri)
        }
        onWallet(device) {
            unlock()
            sees("Riverside Clinic asks for something")
            sees("Ends on ${Words(Language.ENGLISH).day(ends)}")
            sees("About you")
            sees("There is no backup.")
        }
    }

    @Test
    fun `s5 without a network home shows what is on the device, and says what isn't new`() = WalletWorld(folder).use { world ->
        val device = furnished(world) { alice -> share(alice, world.clinic, *request.fields.take(3).toTypedArray()) }
        world.relay.whileStopped {
            onWallet(device) {
                unlock()
                sees("You are offline, or your relay doesn't answer.")
                sees("7 Larch Lane")
                assertTrue(hasInSight("Try again"))
            }
        }
    }

    @Test
    fun `u1 the language that is chosen speaks at once, and after a restart`() = WalletWorld(folder).use { world ->
        val device = world.device("new")
        onWallet(device) {
            press("Cymraeg")
            isAt("Eich pethau, yn eich gofal chi")
        }
        onWallet(device) {
            isAt("Eich pethau, yn eich gofal chi")
            press("Gwneud fy Kist")
            isAt("Dewiswch gyfrinymadrodd")
        }
    }
}
