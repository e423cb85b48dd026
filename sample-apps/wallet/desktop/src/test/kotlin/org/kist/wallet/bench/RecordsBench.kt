package org.kist.wallet.bench

import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.ExperimentalComposeUiApi
import androidx.compose.ui.ImageComposeScene
import androidx.compose.ui.geometry.Offset
import androidx.compose.ui.input.pointer.PointerEventType
import androidx.compose.ui.unit.Density
import java.nio.file.Files
import java.nio.file.Path
import java.time.Clock
import java.util.concurrent.Callable
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.cancel
import kotlinx.coroutines.runBlocking
import org.kist.ImportHow
import org.kist.Person
import org.kist.await
import org.kist.wallet.design.Look
import org.kist.wallet.design.WalletTheme
import org.kist.wallet.desktop.desktopFonts
import org.kist.wallet.language.Language
import org.kist.wallet.language.Words
import org.kist.wallet.search.SearchActs
import org.kist.wallet.search.SearchModel
import org.kist.wallet.search.SearchScreen
import org.kist.wallet.shots.Shot
import org.kist.wallet.state.valueOrNull
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.TestDevice

/** From a key to the frame with what it found, over 100,000 records: each letter of what people type. */
internal val search = Measure("search_100k_p95_ms", "ms", target = 60.0) { folder ->
    val samples = mutableListOf<Double>()
    inSearch(folder) { model, frame ->
        for (text in typed) for (length in 1..text.length) {
            val key = text.take(length)
            val begun = System.nanoTime()
            model.type(key)
            do frame() while (model.state.value.results.valueOrNull?.text != key.trim())
            // What came between the last look and now is in the next frame.
            frame()
            samples.add((System.nanoTime() - begun) / NANOS_PER_MS)
        }
    }
    samples
}

/** A frame while a list of 100,000 records is scrolled, drawn in software, page after page. */
internal val scrolling = Measure("frame_p95_ms", "ms", target = 32.0) { folder ->
    val samples = mutableListOf<Double>()
    inSearch(folder) { model, frame ->
        while ((model.state.value.results.valueOrNull?.found?.size ?: 0) == 0) frame()
        repeat(FRAMES) {
            val begun = System.nanoTime()
            frame(Offset(0f, LINES_A_FRAME))
            samples.add((System.nanoTime() - begun) / NANOS_PER_MS)
        }
    }
    samples
}

private val typed = listOf("alice bevan", "cardiff", "morgan", "77009", "ffion", "owain.rees", "met in bangor", "dafydd")

/** Draws a frame, after the wheel was turned by so much. */
private fun interface Frame {
    fun draw(wheel: Offset)

    operator fun invoke(wheel: Offset = Offset.Zero) = draw(wheel)
}

/** The search over a store of 100,000 records, drawn frame by frame as fast as it goes. */
@OptIn(ExperimentalComposeUiApi::class)
private fun inSearch(folder: Path, act: (SearchModel, Frame) -> Unit) {
    val device = TestDevice(folder.resolveSibling("hundred-thousand"), Clock.systemUTC(), null, null)
    val scope = CoroutineScope(Dispatchers.Default + SupervisorJob())
    val person = runBlocking { if (device.store().exists) device.store().open(PASSPHRASE) else device.store().create(PASSPHRASE).also { fill(it) } }
    // All of the screen happens on one thread, as in a window.
    val window = Executors.newSingleThreadExecutor()
    val (width, height) = (Shot.PHONE_WIDTH * DENSITY).toInt() to (Shot.PHONE_HEIGHT * DENSITY).toInt()
    val scene = window.call { ImageComposeScene(width, height, Density(DENSITY), coroutineContext = window.asCoroutineDispatcher()) }
    try {
        val model = SearchModel(person, null, scope).also(SearchModel::look)
        val fonts = desktopFonts()
        val words = Words(Language.ENGLISH)
        window.call {
            scene.setContent {
                val state by model.state.collectAsState()
                WalletTheme(Look(), words, fonts) {
                    SearchScreen(state, SearchActs(onType = model::type, onNext = model::next))
                }
            }
        }
        val middle = Offset(width / 2f, height / 2f)
        act(model) { wheel ->
            window.call {
                if (wheel != Offset.Zero) scene.sendPointerEvent(PointerEventType.Scroll, middle, wheel)
                scene.render(System.nanoTime()).close()
            }
        }
    } finally {
        window.call { scene.close() }
        window.shutdown()
        scope.cancel()
        person.close()
    }
}

private fun <T> ExecutorService.call(act: () -> T): T = submit(Callable(act)).get()

/** Contacts with names, towns and numbers, by one import. */
private suspend fun fill(person: Person) {
    val given = listOf("Alice", "Bryn", "Carys", "Dafydd", "Eleri", "Ffion", "Gareth", "Huw", "Ioan", "Nia", "Owain")
    val family = listOf("Archer", "Bevan", "Davies", "Evans", "Griffiths", "Hughes", "Lloyd", "Morgan", "Parry", "Rees", "Williams", "Vaughan", "Kyffin")
    val towns = listOf("Cardiff", "Stromness", "Swansea", "Bangor", "Newport", "Wrexham", "Barry", "Neath", "Llanelli")
    val table = Files.createTempFile("contacts", ".csv")
    try {
        val rows = (0 until RECORDS).joinToString("\n", "full_name,email,phone,organisation,note\n") { at ->
            val (first, last, town) = Triple(given[at % given.size], family[at % family.size], towns[at % towns.size])
            "$first $last,${first.lowercase()}.${last.lowercase()}$at@example.org,+44 7700 ${900_000 + at},$town Council,met in $town on day ${at % 365}"
        }
        Files.writeString(table, rows)
        person.records.previewImport(table, ImportHow(schema = "urn:kist:schema:contact:1")).use { it.take().await() }
    } finally {
        Files.delete(table)
    }
}

private const val RECORDS = 100_000
private const val FRAMES = 600
private const val LINES_A_FRAME = 3f
private const val DENSITY = 1.5f
private const val NANOS_PER_MS = 1_000_000.0
