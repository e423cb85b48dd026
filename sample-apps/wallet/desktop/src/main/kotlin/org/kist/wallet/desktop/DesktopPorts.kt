package org.kist.wallet.desktop

import java.awt.Desktop
import java.awt.Toolkit
import java.awt.datatransfer.DataFlavor
import java.awt.datatransfer.StringSelection
import java.net.InetAddress
import java.net.URI
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.asFlow
import kotlinx.coroutines.flow.onStart
import kotlinx.coroutines.flow.emitAll
import org.kist.Platform
import org.kist.wallet.ports.Clipboard
import org.kist.wallet.ports.KeptFile
import org.kist.wallet.ports.Links
import org.kist.wallet.ports.Ports

/** What a desktop gives. It has no key store that Kist uses, so that the passphrase alone protects the store. */
fun desktopPorts(options: Options, drops: Drops) = Ports(
    home = options.home.resolve("store"),
    platform = Platform(deviceName(), allowLoopback = options.loopback),
    files = DesktopFiles(drops),
    pictures = DesktopPictures,
    printer = DesktopPrinter(),
    clipboard = DesktopClipboard,
    links = DesktopLinks(options.links),
    place = KeptFile(options.home.resolve("place")),
    preferences = KeptFile(options.home.resolve("preferences.json")),
    suggestedRelay = options.relay,
    previews = DesktopPreviews,
)

private fun deviceName(): String = runCatching { InetAddress.getLocalHost().hostName }.getOrDefault("desktop")

/** The desktop's clipboard. It can't be told that a text is secret. */
object DesktopClipboard : Clipboard {
    private val clipboard get() = Toolkit.getDefaultToolkit().systemClipboard

    override fun text(): String? = runCatching { clipboard.getData(DataFlavor.stringFlavor) as String }.getOrNull()

    override fun copy(text: String, secret: Boolean) = clipboard.setContents(StringSelection(text), null)
}

/** Links from the command line, and to the browser. */
class DesktopLinks(private val first: List<String>) : Links {
    private val later = MutableSharedFlow<String>(extraBufferCapacity = 8)

    override val incoming: Flow<String> get() = later.onStart { emitAll(first.asFlow()) }

    override fun open(uri: String) {
        if (Desktop.isDesktopSupported()) runCatching { Desktop.getDesktop().browse(URI(uri)) }
    }
}
