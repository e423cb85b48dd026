package org.kist.wallet.ports

import java.nio.file.Path
import java.time.Clock
import kotlinx.coroutines.flow.Flow
import org.kist.Kist
import org.kist.KistException
import org.kist.Platform

/** What a platform gives the wallet. What is null isn't there, and what needs it isn't offered. */
class Ports(
    /** The folder of the person's store, which may not be there yet. */
    val home: Path,
    /** Name of the device, key store, counters. */
    val platform: Platform,
    /** Opens and saves files that the person chooses. */
    val files: FilePicker,
    /** Reads pictures. */
    val pictures: Pictures,
    /** Makes pages to print. */
    val printer: Printer,
    /** Other programs' text. */
    val clipboard: Clipboard,
    /** Links to and from other programs. */
    val links: Links,
    /** Where the app was left: destinations and opaque ids. */
    val place: KeptText,
    /** Language, text size and the like: nothing personal, since it is read before the store is open. */
    val preferences: KeptText,
    /** The camera. */
    val camera: Camera? = null,
    /** Shows pictures that people keep. */
    val previews: Previews? = null,
    /** Where a person finds a relay, as the demo gives it; null where they type it. */
    val suggestedRelay: String? = null,
    val clock: Clock = Clock.systemUTC(),
)

/** A small text that outlives the app. Losing it loses a convenience and nothing else. */
interface KeptText {
    /** What was last written; null before. */
    fun read(): String?

    /** Replaces it; null takes it away. A text that can't be written is lost without a word. */
    fun write(text: String?)
}

/** Files that the person chooses in the platform's own dialog. */
interface FilePicker {
    /** A file to read; null when the person closes the dialog. [kinds] are file endings without the dot; none lets any through. */
    suspend fun open(title: String, kinds: List<String> = emptyList()): Path?

    /** A folder to read; null when the person closes the dialog. */
    suspend fun openFolder(title: String): Path?

    /** Where to write a file, and to say [saved] when it is written; null when the person closes the dialog. */
    suspend fun save(title: String, suggestedName: String): Path?

    /**
     * The file that was written where [save] said is whole. A phone, whose places have no path, puts it there now, and throws
     * IOException where it can't.
     */
    suspend fun saved(file: Path) {}

    /** Files that are dropped on the window. */
    val dropped: Flow<List<Path>>
}

/** A picture as the core reads QR codes in: a byte a pixel, row by row, 0 is black. */
class Luma(val bytes: ByteArray, val width: Int, val height: Int)

/** Pictures in files and on the clipboard. */
interface Pictures {
    /** The picture in a file; null where there is none in it that can be read. */
    suspend fun luma(file: Path): Luma?

    /** The picture on the clipboard; null where there is none. */
    suspend fun lumaOfClipboard(): Luma?
}

/** The camera, for QR codes. */
interface Camera {
    /** What it sees. Collecting switches it on; it fails with an IOException. */
    val frames: Flow<Luma>

    /** The text of a code in a frame; null where there is none. By the core, where the platform has nothing quicker. */
    fun code(frame: Luma): String? = try {
        Kist.readRequestQr(frame.bytes, frame.width, frame.height)
    } catch (_: KistException) {
        null
    }
}

/** Pages to keep on paper. */
interface Printer {
    /** Writes a PDF. Throws IOException. */
    suspend fun savePdf(page: PrintedPage, to: Path)

    /** Whether [print] can be called. */
    val canPrint: Boolean

    /** Prints a page by the platform's own dialog; false when the person closes it. */
    suspend fun print(page: PrintedPage): Boolean
}

/** The clipboard. */
interface Clipboard {
    /** The text on it; null where there is none. */
    fun text(): String?

    /** Puts a text there; a [secret] one is marked as such where the platform can. */
    fun copy(text: String, secret: Boolean = false)
}

/** Links of the web and of Kist. */
interface Links {
    /** Opens a page of the web in a browser. */
    fun open(uri: String)

    /** Links that other programs hand to the wallet: requests, connections. */
    val incoming: Flow<String>
}
