package org.kist.wallet

import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.assertIsNotEnabled
import androidx.compose.ui.test.hasClickAction
import androidx.compose.ui.test.hasText
import java.nio.file.Path
import java.time.Clock
import java.time.Duration
import java.time.Instant
import java.time.ZoneOffset
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.Kist
import org.kist.Platform
import org.kist.wallet.app.SessionState
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.TestDevice
import org.kist.wallet.world.WalletUi
import org.kist.wallet.world.gone
import org.kist.wallet.world.onWallet

/** The door: passphrase, device, idleness. It needs no relay. */
class LockTest {
    @TempDir
    lateinit var folder: Path

    private class Hands(@Volatile var now: Instant = Instant.parse("2026-11-30T10:00:00Z")) : Clock() {
        override fun instant() = now
        override fun getZone() = ZoneOffset.UTC
        override fun withZone(zone: java.time.ZoneId) = this
    }

    private fun device(clock: Clock = Clock.systemUTC(), key: ByteArray? = null) =
        TestDevice(folder.resolve("store"), clock, key, null)

    private fun TestDevice.withStore() = apply { runBlocking { store().create(PASSPHRASE).close() } }

    private fun WalletUi.tryWrong(times: Int) = repeat(times) {
        type("Passphrase", "a wrong passphrase $it")
        press("Open")
        sees("That isn't the passphrase.")
    }

    @Test
    fun `a24 ten wrong passphrases are said in a sentence, and the right one still opens`() {
        val clock = Hands()
        val device = device(clock).withStore()
        onWallet(device) {
            repeat(9) {
                tryWrong(1)
                clock.now += Duration.ofMinutes(5)
            }
        }
        // Started again, it goes on counting.
        onWallet(device) {
            type("Passphrase", "a wrong passphrase, again")
            press("Open")
            sees("That was the wrong passphrase 10 times in a row.")
            sees("your recovery code brings everything back")
            sees("You can try again in 5 minutes.")
            clock.now += Duration.ofMinutes(5)
            gone("Please wait a little")
            type("Passphrase", PASSPHRASE)
            press("Open")
            isAt("Your Kist")
        }
        assertFalse("wrong passphrase" in device.preferences.read().orEmpty(), "what was typed is kept nowhere")
    }

    @Test
    fun `a24 each wrong passphrase after the third waits longer, and killing the app shortens nothing`() {
        val clock = Hands()
        val device = device(clock).withStore()
        onWallet(device) {
            tryWrong(3)
            assertFalse(hasInSight("Please wait a little"), "who mistypes isn't kept waiting")
            tryWrong(1)
            sees("You can try again in 15 seconds.")
            clock.now += Duration.ofSeconds(5)
            sees("You can try again in 10 seconds.")
        }
        onWallet(device) {
            sees("The passphrase was wrong several times. You can try again in 10 seconds.")
            type("Passphrase", PASSPHRASE)
            reach(hasText("Open") and hasClickAction()).assertIsNotEnabled()
            // A clock that is set back begins the wait anew, and not for longer than it was.
            clock.now -= Duration.ofDays(400)
            sees("You can try again in 15 seconds.")
            clock.now += Duration.ofSeconds(15)
            gone("Please wait a little")
            tryWrong(1)
            sees("You can try again in 30 seconds.")
            clock.now += Duration.ofSeconds(30)
            gone("Please wait a little")
            type("Passphrase", PASSPHRASE)
            press("Open")
            isAt("Your Kist")
            press("Lock now")
            isAt("Welcome back")
            tryWrong(1)
            assertFalse(hasInSight("Please wait a little"), "the right one ends the count")
        }
    }

    @Test
    fun `a24 while the passphrase has to wait, the device's own lock opens the store`() {
        val device = device(Hands(), key = ByteArray(32) { 7 })
        runBlocking { device.store().create(PASSPHRASE).use { it.enableDeviceUnlock() } }
        onWallet(device) {
            tryWrong(4)
            sees("Please wait a little")
            press("Use this device's lock")
            isAt("Your Kist")
        }
    }

    @Test
    fun `s5 the app locks itself when nobody touches it, and comes back to the same place`() {
        val clock = Hands()
        val device = device(clock).withStore()
        onWallet(device) {
            type("Passphrase", PASSPHRASE)
            press("Open")
            isAt("Your Kist")
            press("Set up a backup")
            isAt("Keep a backup")
            clock.now += Duration.ofMinutes(6)
            isAt("Welcome back")
            sees("Kist locked itself")
            assertFalse(hasInSight("Keep a backup"))
            type("Passphrase", PASSPHRASE)
            press("Open")
            isAt("Keep a backup")
        }
    }

    @Test
    fun `s5 locking shuts the store`() {
        val device = device().withStore()
        onWallet(device) {
            type("Passphrase", PASSPHRASE)
            press("Open")
            press("Lock now")
            isAt("Welcome back")
            runBlocking { device.store().open(PASSPHRASE).close() }
            assertEquals(SessionState.Locked(byIdleness = false), wallet.session.state.value)
        }
    }

    @Test
    fun `s5 the device's own lock opens the store, where the person wants it`() {
        val device = device(key = ByteArray(32) { 7 })
        onWallet(device) {
            press("Make my Kist")
            type("Passphrase", PASSPHRASE)
            type("The same again", PASSPHRASE)
            press("Also open with this device's lock")
            press("Make my Kist")
            isAt("Keep a backup")
        }
        onWallet(device) {
            press("Use this device's lock")
            isAt("Keep a backup")
        }
    }

    @Test
    fun `a store that another program has open is said to be`() {
        val device = device().withStore()
        val elsewhere = Kist.person(folder.resolve("store"), Platform("another"))
        runBlocking { elsewhere.open(PASSPHRASE) }.use {
            onWallet(device) {
                type("Passphrase", PASSPHRASE)
                press("Open")
                sees("Another program has this store open.")
                sees("Close it there, then try again.")
            }
        }
    }
}
