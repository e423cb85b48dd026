package org.kist.wallet

import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.Schemas
import org.kist.await
import org.kist.body
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.TestDevice
import org.kist.wallet.world.WalletUi
import org.kist.wallet.world.WalletWorld
import org.kist.wallet.world.onWallet
import org.kist.wallet.world.unlock

private const val PAGE = 4096

/** A store whose files somebody has changed: it is said in a sentence, nothing of it is believed, and there is a way on. */
class DamageTest {
    @TempDir
    lateinit var folder: Path

    private val TestDevice.file: Path get() = ports.home.resolve("vault").resolve("store.kist")

    /** Changes a byte of each page from this part of the file on. */
    private fun TestDevice.damage(from: Double) {
        val bytes = file.readBytes()
        val first = (bytes.size / PAGE * from).toInt().coerceAtLeast(1)
        for (page in first until bytes.size / PAGE) bytes[page * PAGE + 100] = (bytes[page * PAGE + 100] + 1).toByte()
        file.writeBytes(bytes)
    }

    private fun WalletUi.open() {
        type("Passphrase", PASSPHRASE)
        press("Open")
    }

    @Test
    fun `k5 a store that was tampered with isn't opened, and is restored from its backup`() = WalletWorld(folder).use { world ->
        val device = world.device()
        val kit = runBlocking {
            world.furnish(device)
            device.store().open(PASSPHRASE).use { alice -> alice.backup.setUp(world.relay.url).also { alice.backup.run().await() } }
        }
        device.damage(from = 0.0)
        val damaged = device.file.readBytes()
        onWallet(device) {
            open()
            sees("Your Kist is damaged")
            press("What can I do?")
            isAt("Your Kist is damaged")
            press("Restore from my recovery code")
            isAt("Bring your Kist back")
            type("Recovery code", kit.code)
            type("Address of a relay", kit.relay)
            type("Passphrase", PASSPHRASE)
            type("The same again", PASSPHRASE)
            press("Bring it back")
            press("Yes, bring it back")
            sees("3 records came back.")
            press("Open my Kist")
            isAt("Your Kist")
            sees("7 Larch Lane")
        }
        val aside = device.ports.home.parent.listDirectoryEntries().single { "-damaged-" in it.name }
        assertArrayEquals(damaged, aside.resolve("vault").resolve("store.kist").readBytes(), "what is damaged is kept as it is")
    }

    @Test
    fun `k5 damage that shows only when it is read is said where it is read, and leads to the same place`() {
        val device = TestDevice(folder.resolve("store"), java.time.Clock.systemUTC(), null, null)
        runBlocking {
            device.store().create(PASSPHRASE).use { alice ->
                repeat(200) { alice.records.add(Schemas.NOTE, body("text" to "Note $it ".repeat(20))) }
            }
        }
        device.damage(from = 0.5)
        onWallet(device) {
            unlock()
            sees("Your Kist is damaged")
            press("What can I do?")
            isAt("Your Kist is damaged")
            press("Back")
            isAt("Your Kist")
            press("What can I do?")
            press("Restore from my recovery code")
            isAt("Bring your Kist back")
        }
        assertTrue(!device.store().exists && !device.ports.home.exists())
    }
}
