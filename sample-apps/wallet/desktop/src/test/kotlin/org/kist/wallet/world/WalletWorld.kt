package org.kist.wallet.world

import java.nio.file.Files
import java.nio.file.Path
import java.time.Clock
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableSharedFlow
import org.kist.KdfCost
import org.kist.Kist
import org.kist.Person
import org.kist.Platform
import org.kist.SecureArea
import org.kist.World
import org.kist.body
import org.kist.Schemas
import org.kist.wallet.desktop.DesktopPictures
import org.kist.wallet.desktop.DesktopPreviews
import org.kist.wallet.desktop.DesktopPrinter
import org.kist.wallet.ports.Clipboard
import org.kist.wallet.ports.FilePicker
import org.kist.wallet.ports.KeptText
import org.kist.wallet.ports.Links
import org.kist.wallet.ports.Luma
import org.kist.wallet.ports.Pictures
import org.kist.wallet.ports.Ports

/** The passphrase of everybody in the tests, as it is typed. */
const val PASSPHRASE = org.kist.PASSPHRASE

/** The real relay, a framework and the clinic that it admitted, and devices on which the wallet runs. */
class WalletWorld(private val folder: Path) : AutoCloseable {
    private val sdk = World(folder)
    val relay get() = sdk.relay
    val framework get() = sdk.framework
    val clinic get() = sdk.clinic

    /** The SDK's own, for what it can do beside this. */
    val world get() = sdk

    /** A device; the same name is the same device, which remembers. [key] is its key store's secret. */
    fun device(name: String = "alice", clock: Clock = Clock.systemUTC(), key: ByteArray? = null) =
        TestDevice(folder.resolve("device-$name"), clock, key, relay.url)

    /** A store on a device, shut, of Alice who believes the framework and has what the clinic needs. */
    suspend fun furnish(device: TestDevice) = device.store().create(PASSPHRASE).use { believe(it) }

    /** Lets a person believe the framework, and gives them what the clinic needs. */
    suspend fun believe(person: Person) {
        person.trust.addAnchor(framework.publish(validDays = 30))
        person.setRelay(relay.url)
        person.records.add(Schemas.NAME, body("given_name" to "Alice", "family_name" to "Archer"))
        person.records.add(Schemas.BIRTH, body("birthdate" to "1990-04-01"))
        person.records.add(Schemas.ADDRESS, body("street_address" to "7 Larch Lane", "locality" to "Stromness"))
    }

    override fun close() = sdk.close()
}

/** A device whose dialogs are answered by the test. What it keeps lies in memory, and outlives the app on it. */
class TestDevice(private val folder: Path, clock: Clock, key: ByteArray?, suggestedRelay: String?) {
    val place = MemoryText()
    val preferences = MemoryText()
    val files = ScriptedFiles()
    val clipboard = MemoryClipboard()
    val links = TestLinks()
    private val area: SecureArea? = key?.let(Kist::softwareSecureArea)

    val ports = Ports(
        home = folder,
        platform = Platform(
            deviceName = "Alice's phone",
            secureArea = area,
            kdfCost = KdfCost(memoryKib = 19456u, passes = 2u, lanes = 1u),
            allowLoopback = true,
        ),
        files = files,
        pictures = TestPictures(clipboard),
        printer = DesktopPrinter(),
        clipboard = clipboard,
        links = links,
        place = place,
        preferences = preferences,
        suggestedRelay = suggestedRelay,
        previews = DesktopPreviews,
        clock = clock,
    )

    /** The store on it, to look at or furnish while the wallet is shut. */
    fun store() = Kist.person(folder, ports.platform)
}

/** A text in memory. */
class MemoryText(private var text: String? = null) : KeptText {
    override fun read(): String? = text

    override fun write(text: String?) {
        this.text = text
    }
}

/** Dialogs that are answered by what the test has laid ready, in this order; with nothing there the person closes them. */
class ScriptedFiles : FilePicker {
    val toOpen = ArrayDeque<Path>()
    val toSave = ArrayDeque<Path>()

    /** What was said to be whole, and how large it was then. */
    val handedOn = mutableListOf<Pair<Path, Long>>()
    private val drops = MutableSharedFlow<List<Path>>(extraBufferCapacity = 4)
    override val dropped: Flow<List<Path>> get() = drops

    fun drop(vararg files: Path) = check(drops.tryEmit(files.toList()))

    override suspend fun open(title: String, kinds: List<String>): Path? = toOpen.removeFirstOrNull()

    override suspend fun openFolder(title: String): Path? = toOpen.removeFirstOrNull()

    override suspend fun save(title: String, suggestedName: String): Path? = toSave.removeFirstOrNull()

    override suspend fun saved(file: Path) {
        handedOn += file to Files.size(file)
    }
}

/** A clipboard of the test's own. */
class MemoryClipboard : Clipboard {
    private var text: String? = null
    var picture: Luma? = null

    override fun text(): String? = text

    override fun copy(text: String, secret: Boolean) {
        this.text = text
    }
}

/** Pictures of files as the desktop reads them, and the one on the test's clipboard. */
class TestPictures(private val clipboard: MemoryClipboard) : Pictures {
    override suspend fun luma(file: Path): Luma? = DesktopPictures.luma(file)

    override suspend fun lumaOfClipboard(): Luma? = clipboard.picture
}

/** Links in and out. */
class TestLinks : Links {
    val opened = mutableListOf<String>()
    private val links = MutableSharedFlow<String>(replay = 1)
    override val incoming: Flow<String> get() = links

    fun arrive(link: String) = check(links.tryEmit(link))

    override fun open(uri: String) {
        opened.add(uri)
    }
}
