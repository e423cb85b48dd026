package org.kist.wallet.history

import java.nio.file.Path
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.Schemas
import org.kist.ask
import org.kist.field
import org.kist.share
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.WalletWorld
import org.kist.wallet.world.confirm
import org.kist.wallet.world.gone
import org.kist.wallet.world.onWallet
import org.kist.wallet.world.unlock

/** The history, and copies of it. */
class HistoryTest {
    @TempDir
    lateinit var folder: Path

    private val name = field("name", Schemas.NAME, true, "given_name")

    @Test
    fun `k5 the history tells of refusals, is whole, and a copy that was changed is found out`() {
        WalletWorld(folder).use { world ->
            val device = world.device()
            runBlocking {
                world.furnish(device)
                device.store().open(PASSPHRASE).use { alice ->
                    share(alice, world.clinic, name)
                    alice.requests.refuse(alice.requests.open(ask(world.clinic, name).uri).id)
                }
            }
            val (copy, changed) = folder.resolve("copy.json") to folder.resolve("changed.json")
            device.files.toSave.add(copy)
            onWallet(device) {
                unlock()
                press("Shared")
                press("What happened")
                press("Check that it is whole")
                sees("Nothing was changed")
                press("What was refused")
                sees("You said no to Riverside Clinic")
                gone("Riverside Clinic was given")
                press("Everything")
                type("Find", "given")
                sees("Riverside Clinic was given: Given name")
                gone("You said no to Riverside Clinic")
                press("Save a copy as proof")
                sees("Save a copy as proof?")
                confirm("Save it")
                sees("The copy was saved")

                device.files.toOpen.add(copy)
                press("Check a copy")
                sees("This copy is whole")
                val text = copy.readText()
                assertTrue("Refused" in text)
                changed.writeText(text.replaceFirst("Refused", "Agreed"))
                device.files.toOpen.add(changed)
                press("Check a copy")
                sees("This copy was changed at number")
            }
        }
    }
}
