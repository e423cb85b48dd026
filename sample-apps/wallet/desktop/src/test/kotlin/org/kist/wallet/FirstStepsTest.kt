package org.kist.wallet

import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.test.SemanticsMatcher
import java.nio.file.Path
import kotlin.io.path.fileSize
import kotlin.io.path.readBytes
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.WalletUi
import org.kist.wallet.world.WalletWorld
import org.kist.wallet.world.onWallet

/** J1 as far as the first backup: what a person does who has just installed the wallet. */
class FirstStepsTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun `j1 a new person makes a store, keeps the kit, checks it, and has a backup`() = WalletWorld(folder).use { world ->
        val device = world.device()
        val paper = folder.resolve("kit.pdf")
        device.files.toSave.add(paper)
        onWallet(device) {
            isAt("Your things, kept by you")
            press("Make my Kist")
            choosePassphrase()
            isAt("Keep a backup")
            press("Make a recovery code")
            isAt("Your recovery kit")
            val code = code()
            press("Save as PDF")
            sees("Saved: kit.pdf")
            assertEquals(listOf(paper to paper.fileSize()), device.files.handedOn, "a phone puts it where the person chose")
            press("I have it on paper")
            isAt("Is it really there?")
            type("Group", "AAAAA")
            press("Check")
            sees("This isn't group")
            type("Group", code[asked() - 1].lowercase())
            press("Check")
            sees("Everything is backed up.")
            press("Go to my Kist")
            isAt("Your Kist")
            sees("Your Kist is empty")
            sees("Backed up")
        }
        assertEquals("%PDF", paper.readBytes().take(4).map { it.toInt().toChar() }.joinToString(""))
        runBlocking {
            device.store().open(PASSPHRASE).use { alice ->
                assertTrue(alice.backup.status().sequence > 0u)
                assertTrue(alice.records.list().isEmpty(), "the kit isn't kept once it was checked")
                assertEquals(0uL, alice.curation.emptyTrash())
            }
        }
    }

    @Test
    fun `s5 a wallet that is killed before the kit is checked shows the same kit again`() = WalletWorld(folder).use { world ->
        val device = world.device()
        var before = emptyList<String>()
        onWallet(device) {
            press("Make my Kist")
            choosePassphrase()
            press("Make a recovery code")
            isAt("Your recovery kit")
            before = code()
        }
        onWallet(device) {
            isAt("Welcome back")
            type("Passphrase", PASSPHRASE)
            press("Open")
            isAt("Your recovery kit")
            assertEquals(before, code())
        }
    }

    @Test
    fun `j1 the backup can wait, and home says that there is none`() = WalletWorld(folder).use { world ->
        onWallet(world.device()) {
            press("Make my Kist")
            choosePassphrase()
            press("Not now")
            isAt("Your Kist")
            sees("There is no backup.")
            press("Set up a backup")
            isAt("Keep a backup")
        }
    }

    @Test
    fun `a passphrase that is short, or typed differently, is said at its field, and nothing is made`() {
        WalletWorld(folder).use { world ->
            val device = world.device()
            onWallet(device) {
                press("Make my Kist")
                type("Passphrase", "harbour")
                press("Make my Kist")
                sees("This is too short.")
                type("Passphrase", PASSPHRASE)
                type("The same again", "something else entirely")
                press("Make my Kist")
                sees("The two aren't the same.")
            }
            assertTrue(!device.store().exists)
        }
    }

    private fun WalletUi.choosePassphrase() {
        isAt("Choose a passphrase")
        type("Passphrase", PASSPHRASE)
        type("The same again", PASSPHRASE)
        press("Make my Kist")
    }

    /** The groups of the code, as a screen reader spells them. */
    private fun WalletUi.code(): List<String> {
        val spelled = SemanticsMatcher("is spelled") { node ->
            node.config.getOrElse(SemanticsProperties.ContentDescription) { emptyList() }.any { it.count { c -> c == ',' } == 6 }
        }
        return nameOf(spelled).split(", ").map { it.replace(" ", "") }
    }

    private fun WalletUi.asked(): Int {
        val field = SemanticsMatcher("asks for a group") { node ->
            node.config.getOrElse(SemanticsProperties.ContentDescription) { emptyList() }.any { it.startsWith("Group ") }
        }
        return nameOf(field).removePrefix("Group ").substringBefore(' ').toInt()
    }
}
