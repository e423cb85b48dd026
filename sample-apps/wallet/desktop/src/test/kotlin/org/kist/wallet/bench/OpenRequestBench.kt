package org.kist.wallet.bench

import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.DurationUnit
import kotlinx.coroutines.runBlocking
import org.kist.request
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.WalletUi
import org.kist.wallet.world.WalletWorld
import org.kist.wallet.world.onWallet

/** From the link that was in a QR to the request on the screen, over a relay on this machine. */
internal val openRequest = Measure("open_request_ms", "ms", target = 400.0) { folder ->
    val samples = mutableListOf<Double>()
    WalletWorld(folder).use { world ->
        val device = world.device()
        runBlocking { world.furnish(device) }
        onWallet(device) {
            type("Passphrase", PASSPHRASE)
            press("Open")
            isAt("Your Kist")
            // The first ones find the JVM cold, as a phone that was just started does too; they count.
            repeat(SAMPLES) {
                val link = runBlocking { world.clinic.requests.create(request) }.uri
                val begun = System.nanoTime()
                device.links.arrive(link)
                untilItIsThere()
                samples.add((System.nanoTime() - begun).nanoseconds.toDouble(DurationUnit.MILLISECONDS))
                press("Not now")
                isAt("Scan a code")
            }
        }
    }
    samples
}

private fun WalletUi.untilItIsThere() {
    isAt("Riverside Clinic asks")
    sees("Share 3 things")
}

private const val SAMPLES = 30
