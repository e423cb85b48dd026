package org.kist.wallet.desktop

import androidx.compose.foundation.isSystemInDarkTheme
import androidx.compose.runtime.remember
import androidx.compose.runtime.rememberCoroutineScope
import androidx.compose.ui.graphics.vector.rememberVectorPainter
import androidx.compose.ui.unit.DpSize
import androidx.compose.ui.unit.dp
import androidx.compose.ui.window.Window
import androidx.compose.ui.window.application
import androidx.compose.ui.window.rememberWindowState
import java.nio.file.Path
import org.kist.wallet.app.Wallet
import org.kist.wallet.app.WalletApp
import org.kist.wallet.design.APP_NAME
import org.kist.wallet.design.AppIcon

/**
 * The wallet in a window.
 *
 * `--home DIR` says where the store is (`KIST_STORE` too); `--relay URL` is offered when a backup is set up; `--link LINK` is
 * opened as if another program had handed it over; `--loopback` reaches a relay on this machine, for the demo, with a library
 * that was built for it.
 */
fun main(arguments: Array<String>) {
    val options = Options.of(arguments)
    val fonts = desktopFonts()
    application {
        val scope = rememberCoroutineScope()
        val dropped = remember { Drops() }
        val wallet = remember { Wallet(desktopPorts(options, dropped), scope) }
        Window(
            onCloseRequest = {
                wallet.shut()
                exitApplication()
            },
            state = rememberWindowState(size = DpSize(440.dp, 860.dp)),
            title = APP_NAME,
            icon = rememberVectorPainter(AppIcon),
        ) {
            remember { dropped.on(window) }
            WalletApp(wallet, fonts, isSystemInDarkTheme())
        }
    }
}

/** What the command line says. */
class Options(val home: Path, val relay: String?, val links: List<String>, val loopback: Boolean) {
    companion object {
        fun of(arguments: Array<String>): Options {
            val words = arguments.toList()
            fun values(name: String) = words.zipWithNext().filter { it.first == name }.map { it.second }
            val home = values("--home").lastOrNull() ?: System.getenv("KIST_STORE")
            return Options(
                home?.let(Path::of) ?: dataFolder(),
                values("--relay").lastOrNull(),
                values("--link"),
                "--loopback" in words,
            )
        }

        /** Where programs of this desktop keep what is a person's. */
        private fun dataFolder(): Path {
            val base = System.getenv("XDG_DATA_HOME")?.let(Path::of) ?: Path.of(System.getProperty("user.home"), ".local", "share")
            return base.resolve("kist").resolve("wallet")
        }
    }
}
