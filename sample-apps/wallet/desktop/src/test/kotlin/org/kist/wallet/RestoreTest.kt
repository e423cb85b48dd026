package org.kist.wallet

import java.nio.file.Path
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.RecoveryKit
import org.kist.await
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.WalletWorld
import org.kist.wallet.world.onWallet

private const val OTHER_PASSPHRASE = "another one for this phone"

/** J5: the phone is gone, and all of it comes back onto a new one; and what is set about the backup before. */
class RestoreTest {
    @TempDir
    lateinit var folder: Path

    private fun WalletWorld.backedUp(): RecoveryKit = runBlocking {
        furnish(device())
        device().store().open(PASSPHRASE).use { alice ->
            alice.backup.setUp(relay.url).also { alice.backup.run().await() }
        }
    }

    @Test
    fun `j5 a new phone brings everything back, once the person knows the backup`() = WalletWorld(folder).use { world ->
        val kit = world.backedUp()
        val phone = world.device("new phone")
        onWallet(phone) {
            press("I have a recovery code")
            isAt("Bring your Kist back")
            type("Recovery code", "KX4MT 9W2QP")
            type("Passphrase", OTHER_PASSPHRASE)
            type("The same again", OTHER_PASSPHRASE)
            press("Bring it back")
            sees("is mistyped")
            type("Recovery code", kit.code.lowercase())
            type("Address of a relay", kit.relay)
            press("Bring it back")
            sees("It was made by “Alice's phone”")
            press("Yes, bring it back")
            sees("3 records came back.")
            press("Open my Kist")
            isAt("Your Kist")
            sees("7 Larch Lane")
        }
        runBlocking { phone.store().open(OTHER_PASSPHRASE).use { assertEquals(3, it.records.list().size) } }
    }

    @Test
    fun `j5 who doesn't know the backup stops, and there is no store`() = WalletWorld(folder).use { world ->
        val kit = world.backedUp()
        val phone = world.device("new phone")
        onWallet(phone) {
            press("I have a recovery code")
            type("Recovery code", kit.code)
            type("Address of a relay", kit.relay)
            type("Passphrase", OTHER_PASSPHRASE)
            type("The same again", OTHER_PASSPHRASE)
            press("Bring it back")
            press("No, stop")
            isAt("Bring your Kist back")
        }
        assertTrue(!phone.store().exists)
    }

    @Test
    fun `z6 a backup is brought up to date, and tried`() = WalletWorld(folder).use { world ->
        world.backedUp()
        onWallet(world.device()) {
            type("Passphrase", PASSPHRASE)
            press("Open")
            press("Settings")
            press("Backup")
            sees("Everything is in it.")
            press("Try to restore it")
            sees("Yes. 3 records came back.")
            press("Back up now")
            sees("Everything is backed up.")
            world.relay.close()
            press("Back up now")
            sees("You are offline, or your relay doesn't answer.")
        }
    }
}
