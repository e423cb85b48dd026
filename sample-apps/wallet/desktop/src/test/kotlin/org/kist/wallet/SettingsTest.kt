package org.kist.wallet

import java.nio.file.Path
import kotlin.io.path.writeText
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.FieldPattern
import org.kist.Person
import org.kist.Rule
import org.kist.Schemas
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.TestDevice
import org.kist.wallet.world.WalletUi
import org.kist.wallet.world.WalletWorld
import org.kist.wallet.world.onWallet

/** What a person sets: it holds from then on, and after the app was away. */
class SettingsTest {
    @TempDir
    lateinit var folder: Path

    private fun inSettings(device: TestDevice, act: WalletUi.() -> Unit) = onWallet(device) {
        type("Passphrase", PASSPHRASE)
        press("Open")
        press("Settings")
        act()
    }

    private fun <T> look(device: TestDevice, what: suspend (Person) -> T): T =
        runBlocking { device.store().open(PASSPHRASE).use { what(it) } }

    @Test
    fun `u1 the language holds from then on`() = WalletWorld(folder).use { world ->
        val device = world.device()
        runBlocking { world.furnish(device) }
        inSettings(device) {
            press("Cymraeg")
            isAt("Gosodiadau")
        }
        onWallet(device) { press("Agor") }
    }

    @Test
    fun `k3 a rule keeps back a kind of record, and is taken away again`() = WalletWorld(folder).use { world ->
        val device = world.device()
        runBlocking { world.furnish(device) }
        inSettings(device) {
            press("Your rules")
            sees("No rules yet")
            press("Keep something back")
            press("Birth")
            sees("Never given to anybody: Birth")
        }
        assertEquals(listOf(Rule.Never(FieldPattern(Schemas.BIRTH))), look(device) { it.rules.list() }.map { it.rule })
        onWallet(device) {
            type("Passphrase", PASSPHRASE)
            press("Open")
            isAt("Your rules")
            press("Take this rule away: Never given to anybody: Birth")
            sees("No rules yet")
        }
        assertTrue(look(device) { it.rules.list() }.isEmpty())
    }

    @Test
    fun `t1 frameworks are believed from a file, and no longer`() = WalletWorld(folder).use { world ->
        val device = world.device()
        runBlocking { device.store().create(PASSPHRASE).close() }
        val file = folder.resolve("framework.json")
        file.writeText(runBlocking { world.framework.publish(validDays = 30) })
        val nonsense = folder.resolve("nonsense.json").also { it.writeText("no framework") }
        device.files.toOpen.addAll(listOf(nonsense, file))
        inSettings(device) {
            press("Whom you believe")
            sees("You believe nobody yet")
            press("Add a framework")
            sees("Problem")
            press("Add a framework")
            sees("Health Framework is believed from now on.")
            press("Believe it no longer")
            press("Believe it no longer")
        }
    }

    @Test
    fun `t1 the developer mode is asked about before it is on`() = WalletWorld(folder).use { world ->
        val device = world.device()
        runBlocking { world.furnish(device) }
        inSettings(device) {
            press("Developer mode")
            press("Cancel")
            press("Developer mode")
            press("Switch it on")
            sees("Developer mode is on")
        }
        assertTrue(look(device) { it.developerMode() })
    }

    @Test
    fun `s5 the new passphrase opens it, and the old one doesn't`() = WalletWorld(folder).use { world ->
        val device = world.device()
        runBlocking { world.furnish(device) }
        inSettings(device) {
            press("Change the passphrase")
            type("New passphrase", "entirely other words")
            type("The same again", "entirely other words")
            press("Change it")
            sees("The new passphrase opens your Kist from now on.")
        }
        onWallet(device) {
            type("Passphrase", PASSPHRASE)
            press("Open")
            sees("That isn't the passphrase.")
            type("Passphrase", "entirely other words")
            press("Open")
            isAt("Change the passphrase")
        }
    }

    @Test
    fun `d7 everything is taken away in one file`() = WalletWorld(folder).use { world ->
        val device = world.device()
        runBlocking { world.furnish(device) }
        val archive = folder.resolve("mine.zip")
        device.files.toSave.add(archive)
        inSettings(device) {
            press("Backup")
            press("Take everything with you")
            press("With keys and agreements, for another Kist")
            press("Choose where to save it")
            sees("3 records are in the file.")
            sees("Code of the locked part")
        }
        assertEquals("PK", archive.toFile().readBytes().decodeToString(0, 2))
    }
}
