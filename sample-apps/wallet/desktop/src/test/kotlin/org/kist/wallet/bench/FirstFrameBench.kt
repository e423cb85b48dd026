package org.kist.wallet.bench

import androidx.compose.ui.graphics.toArgb
import java.awt.Rectangle
import java.awt.Robot
import java.awt.Toolkit
import java.io.File
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.DurationUnit
import kotlinx.coroutines.runBlocking
import org.kist.Kist
import org.kist.Platform
import org.kist.wallet.design.LightPalette
import org.kist.wallet.world.PASSPHRASE

/** From the start of the program to its first screen, that of a store that is shut, as a display shows it. */
internal val firstFrame = Measure("first_frame_s", "s", target = 2.0) { home ->
    runBlocking { Kist.person(home.resolve("store"), Platform("desktop")).create(PASSPHRASE).close() }
    val display = Display()
    // The first start reads the program from the disk; a person's own does so once a day.
    start(home, display)
    List(STARTS) { start(home, display) }
}

/** Starts the program as it is delivered, in a process of its own, waits for its screen, and ends it. Seconds. */
private fun start(home: Path, display: Display): Double {
    val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
    val command = listOf(
        java,
        "-Djna.library.path=${System.getProperty("kist.target")}",
        "-jar",
        checkNotNull(System.getProperty("kist.program")) { "scripts/bench says where the program is" },
        "--home",
        home.toString(),
    )
    display.untilButtonIsGone()
    val begun = System.nanoTime()
    val program = ProcessBuilder(command).redirectErrorStream(true).redirectOutput(home.resolve("log").toFile()).start()
    try {
        display.untilButtonIsThere { check(program.isAlive) { File("$home/log").readText() } }
        return (System.nanoTime() - begun).nanoseconds.toDouble(DurationUnit.SECONDS)
    } finally {
        program.destroy()
        check(program.waitFor(SLOWEST_S, TimeUnit.SECONDS)) { "the program does not end" }
    }
}

/** What a person has before them. The screen is there when its main button is, in a colour that nothing else fills. */
private class Display {
    private val robot = Robot()
    private val all = Rectangle(Toolkit.getDefaultToolkit().screenSize)
    private val button = LightPalette.primary.ground.toArgb()

    fun untilButtonIsThere(look: () -> Unit) = until("no screen", look) { buttonPixels() > BUTTON_PIXELS }

    fun untilButtonIsGone() = until("the last window stays", {}) { buttonPixels() == 0 }

    private fun until(what: String, look: () -> Unit, holds: () -> Boolean) {
        val end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SLOWEST_S)
        while (!holds()) {
            look()
            check(System.nanoTime() < end) { "$what after $SLOWEST_S s" }
            // Looking all the time would take one of the program's processors.
            robot.delay(BETWEEN_LOOKS_MS)
        }
    }

    private fun buttonPixels(): Int {
        val shown = robot.createScreenCapture(all)
        return shown.getRGB(0, 0, shown.width, shown.height, null, 0, shown.width).count { it == button }
    }
}

private const val STARTS = 10
private const val BUTTON_PIXELS = 5_000
private const val BETWEEN_LOOKS_MS = 20
private const val SLOWEST_S = 60L
