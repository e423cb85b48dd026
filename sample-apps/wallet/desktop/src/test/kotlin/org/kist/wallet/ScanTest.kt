package org.kist.wallet

import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.hasSetTextAction
import androidx.compose.ui.test.performTextInput
import java.nio.file.Files
import java.nio.file.Path
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.HistoryEntry
import org.kist.request
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.TestDevice
import org.kist.wallet.world.WalletUi
import org.kist.wallet.world.WalletWorld
import org.kist.wallet.world.onWallet
import org.kist.wallet.world.photoWithoutCode
import org.kist.wallet.world.qrPicture

/** Codes and links, from wherever they come, and whatever they are. */
@OptIn(ExperimentalTestApi::class)
class ScanTest {
    @TempDir
    lateinit var folder: Path

    private fun inWorld(test: (WalletWorld, TestDevice) -> Unit) = WalletWorld(folder).use { world ->
        val device = world.device()
        runBlocking { world.furnish(device) }
        test(world, device)
    }

    private fun WalletUi.unlock() {
        type("Passphrase", PASSPHRASE)
        press("Open")
    }

    private fun WalletUi.toScan() {
        unlock()
        press("Scan")
        isAt("Scan a code")
    }

    private fun history(device: TestDevice): List<HistoryEntry> =
        runBlocking { device.store().open(PASSPHRASE).use { it.history.entries() } }

    /** What a picture comes to: a sentence with a way forward, the same screen to go on from, and nothing in the history. */
    private fun refused(picture: (Path) -> Path, vararg sentences: String) = inWorld { _, device ->
        device.files.toOpen.add(picture(folder.resolve("picture.png")))
        onWallet(device) {
            toScan()
            press("Choose a picture")
            sentences.forEach(::sees)
            isAt("Scan a code")
        }
        assertEquals(emptyList<HistoryEntry>(), history(device))
    }

    @Test
    fun `a photo without a code is said to be one`() =
        refused(::photoWithoutCode, "There is no code in this picture.", "Take it again, closer and straight, with enough light.")

    @Test
    fun `a code that is no request is said to be none`() =
        refused({ qrPicture("https://harbour-cafe.example/menu", it) }, "This is no request for data")

    @Test
    fun `a29 a linking code dressed as consent is named for what it is`() = refused(
        { qrPicture("kist-device:1?offer=4KXW", it) },
        "This code would let another device into your whole store.",
        "it is a deception; don't use it.",
    )

    @Test
    fun `a29 a recovery kit in a request's place is named for what it is`() = refused(
        { qrPicture("kist-recovery:1?code=4KXW", it) },
        "This is a recovery kit: whoever has it can open your whole Kist.",
        "Show it to nobody.",
    )

    @Test
    fun `a29 a code that begins a connection is led to its place, with its link`() = inWorld { _, device ->
        device.files.toOpen.add(qrPicture("kist-connect:1?invitation=4KXW", folder.resolve("picture.png")))
        onWallet(device) {
            toScan()
            press("Choose a picture")
            sees("This code begins a connection, and asks for nothing.")
            press("See who it is")
            isAt("Add someone")
            sees("kist-connect:1?invitation=4KXW")
        }
        assertEquals(emptyList<HistoryEntry>(), history(device))
    }

    @Test
    fun `a damaged picture is said to be damaged`() = refused(
        { file ->
            val whole = Files.readAllBytes(qrPicture("openid4vp://?x", file))
            Files.write(file, whole.copyOf(whole.size / 3).also { it.fill(7, 40, it.size) })
        },
        "picture.png is no picture that can be read.",
        "It may be damaged",
    )

    @Test
    fun `a request that has expired is said to be over`() = inWorld { world, device ->
        val hosted = runBlocking { world.clinic.requests.create(request.copy(lifetime = 1.seconds)) }
        // Waits for an answer as long as there can be one.
        runBlocking { runCatching { world.clinic.requests.collect(hosted.id, wait = 4.seconds) } }
        device.files.toOpen.add(qrPicture(hosted.uri, folder.resolve("code.png")))
        onWallet(device) {
            toScan()
            press("Choose a picture")
            sees("Ask the organisation to make it again.")
        }
        assertEquals(emptyList<HistoryEntry>(), history(device))
    }

    @Test
    fun `a megabyte of text is refused in a sentence, pasted or typed, and the app goes on`() = inWorld { world, device ->
        val hosted = runBlocking { world.clinic.requests.create(request) }
        val megabyte = "openid4vp://?" + "x".repeat(1_000_000)
        device.clipboard.copy(megabyte)
        onWallet(device) {
            toScan()
            press("Paste a link or a picture")
            sees("This is too long to be a link")
            sees("Nothing was opened.")
            reach(hasSetTextAction()).performTextInput(megabyte)
            sees("This field takes 10,000 characters at most")
            type("Link", hosted.uri)
            press("Open the link")
            isAt("Riverside Clinic asks")
        }
    }

    @Test
    fun `a picture can be dropped on the window`() = inWorld { world, device ->
        val hosted = runBlocking { world.clinic.requests.create(request) }
        onWallet(device) {
            toScan()
            device.files.drop(qrPicture(hosted.uri, folder.resolve("code.png")))
            isAt("Riverside Clinic asks")
        }
    }

    @Test
    fun `nothing to paste is said, too`() = inWorld { _, device ->
        onWallet(device) {
            toScan()
            press("Paste a link or a picture")
            sees("There is no link and no picture to paste.")
            press("Open the link")
            sees("There is no link yet.")
        }
    }

    @Test
    fun `a link that another program hands over is opened once the store is`() = inWorld { world, device ->
        val hosted = runBlocking { world.clinic.requests.create(request) }
        device.links.arrive(hosted.uri)
        onWallet(device) {
            unlock()
            isAt("Riverside Clinic asks")
        }
    }

    @Test
    fun `s5 without a network a request can't be fetched, and the same link can be tried again`() = inWorld { world, device ->
        val hosted = runBlocking { world.clinic.requests.create(request) }
        onWallet(device) {
            toScan()
            type("Link", hosted.uri)
            world.relay.whileStopped {
                press("Open the link")
                sees("You are offline, or your relay doesn't answer.")
            }
            press("Try again")
            isAt("Riverside Clinic asks")
        }
    }

    @Test
    fun `a22 an organisation outside of every framework isn't shown at all`() = inWorld { world, device ->
        val hosted = runBlocking { world.clinic.requests.create(request) }
        runBlocking { device.store().open(PASSPHRASE).use { it.trust.removeAnchor("Health Framework") } }
        onWallet(device) {
            toScan()
            type("Link", hosted.uri)
            press("Open the link")
            sees("You believe no framework yet")
            sees("Add a framework first.")
        }
        assertTrue(history(device).none { it.kind == "RequestSeen" })
    }
}
