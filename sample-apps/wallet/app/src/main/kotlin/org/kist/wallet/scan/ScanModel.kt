package org.kist.wallet.scan

import java.nio.file.Path
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.kist.Introduction
import org.kist.Kist
import org.kist.Parameter
import org.kist.Person
import org.kist.wallet.ports.Camera
import org.kist.wallet.ports.Clipboard
import org.kist.wallet.ports.FilePicker
import org.kist.wallet.ports.Luma
import org.kist.wallet.ports.Pictures
import org.kist.wallet.state.Outcome
import org.kist.wallet.state.Problem
import org.kist.wallet.state.attempt

/** What is being done with a code. */
enum class ScanWork { NONE, READING_PICTURE, FETCHING }

/** Scanning: what was typed, what is being done, what didn't work. */
data class ScanState(
    val link: String = "",
    val work: ScanWork = ScanWork.NONE,
    val problem: Problem? = null,
    /** A link that begins a connection, and belongs elsewhere. */
    val connection: String? = null,
    /** What the camera sees while it looks for a code; null while it is off. */
    val seen: Luma? = null,
    val cameraOn: Boolean = false,
)

/** Where a code led to. */
sealed interface Scanned {
    /** An organisation's request. */
    data class Request(val id: String) : Scanned

    /** Organisations that ask together. */
    data class Cluster(val id: String) : Scanned
}

/** Reads a code from wherever it comes, and opens what is behind it, which [onOpened] is given. */
class ScanModel(
    private val person: Person,
    private val files: FilePicker,
    private val pictures: Pictures,
    private val clipboard: Clipboard,
    private val camera: Camera?,
    private val scope: CoroutineScope,
    private val onOpened: (Scanned) -> Unit,
) {
    private val states = MutableStateFlow(ScanState())
    private var work: Job? = null
    private var watching: Job? = null

    /** What was read last, before it is known what it is. */
    private var read: String? = null
    val state: StateFlow<ScanState> = states.asStateFlow()

    init {
        scope.launch { files.dropped.collect { dropped -> dropped.firstOrNull()?.let(::readFile) } }
    }

    /** Switches the camera on; the first code that it sees is opened. */
    fun watch() {
        val frames = camera?.frames ?: return
        watching?.cancel()
        states.update { it.copy(cameraOn = true, problem = null) }
        watching = scope.launch {
            val outcome = attempt {
                frames.conflate().collect { frame ->
                    states.update { it.copy(seen = frame) }
                    withContext(Dispatchers.Default) { camera.code(frame) }?.let { link ->
                        stopWatching()
                        open(link)
                    }
                }
            }
            if (outcome is Outcome.Failed) states.update { it.copy(cameraOn = false, seen = null, problem = Problem.own("CameraFails")) }
        }
    }

    /** Switches the camera off. */
    fun stopWatching() {
        states.update { it.copy(cameraOn = false, seen = null) }
        watching?.cancel()
    }

    /** Reads a picture that the person chooses. */
    fun choosePicture(title: String) = begin(ScanWork.READING_PICTURE) {
        files.open(title, listOf("png", "jpg", "jpeg", "gif", "bmp"))?.let { readPicture(it) }
    }

    /** Reads a picture that was dropped on the window. */
    fun readFile(file: Path) = begin(ScanWork.READING_PICTURE) { readPicture(file) }

    /** Takes what is on the clipboard: a link, or a picture with a code. */
    fun paste() = begin(ScanWork.READING_PICTURE) {
        val text = clipboard.text()
        when {
            text != null && text.length > LONGEST_LINK -> fail(Problem.own("TextTooLong", "length" to text.length))
            !text.isNullOrBlank() -> fetch(text)
            else -> pictures.lumaOfClipboard()?.let { readCode(it) } ?: fail(Problem.own("NothingToPaste"))
        }
    }

    fun type(link: String) = states.update { it.copy(link = link, problem = null, connection = null) }

    /** Opens what was typed. */
    fun openTyped() {
        val link = states.value.link.trim()
        if (link.isEmpty()) return fail(Problem.own("LinkEmpty"))
        open(link)
    }

    /** Opens a link, as another program hands it over. */
    fun open(link: String) = begin(ScanWork.FETCHING) {
        if (link.length > LONGEST_LINK) fail(Problem.own("TextTooLong", "length" to link.length)) else fetch(link)
    }

    /** Stops reading or fetching. A request that was fetched by then waits where requests wait. */
    fun cancel() {
        work?.cancel()
        states.update { it.copy(work = ScanWork.NONE) }
    }

    /** What is begun ends what went before: the person has chosen another code. */
    private fun begin(what: ScanWork, act: suspend () -> Unit) {
        work?.cancel()
        read = null
        states.update { it.copy(work = what, problem = null, connection = null) }
        work = scope.launch {
            val outcome = attempt { act() }
            states.update { before ->
                val problem = (outcome as? Outcome.Failed)?.problem
                if (problem != null && beginsConnection(problem)) before.copy(work = ScanWork.NONE, connection = read)
                else before.copy(work = ScanWork.NONE, problem = problem?.let(::named) ?: before.problem)
            }
        }
    }

    private fun beginsConnection(problem: Problem): Boolean =
        read != null && problem.code == "WrongPurpose" && problem.parameters["what"] == Parameter.Word("connection")

    /** A recovery kit in a request's place is the worst of mistakes, and is told of in the app's own words. */
    private fun named(problem: Problem): Problem {
        val isKit = problem.code == "WrongPurpose" && problem.parameters["what"] == Parameter.Word("recovery kit")
        return if (isKit) Problem.own("KitShown") else problem
    }

    private suspend fun readPicture(file: Path) {
        val luma = pictures.luma(file) ?: return fail(Problem.own("PictureUnreadable", "file" to file.fileName.toString()))
        readCode(luma)
    }

    private suspend fun readCode(luma: Luma) {
        val codes = withContext(Dispatchers.Default) { Kist.readQr(luma.bytes, luma.width, luma.height) }
        read = codes.singleOrNull()
        when {
            codes.isEmpty() -> fail(Problem.own("NoCode"))
            codes.size == 1 && isCluster(codes.single()) -> fetch(codes.single())
            else -> fetch(withContext(Dispatchers.Default) { Kist.readRequestQr(luma.bytes, luma.width, luma.height) })
        }
    }

    private suspend fun fetch(link: String) {
        read = link.trim()
        states.update { it.copy(work = ScanWork.FETCHING) }
        onOpened(if (isCluster(link)) cluster(link.trim()) else Scanned.Request(person.requests.open(link).id))
    }

    /** Takes the cluster's statement; nobody is contacted by it. */
    private suspend fun cluster(link: String): Scanned {
        val introduced = person.connections.introduce(link) as Introduction.Cluster
        return Scanned.Cluster(person.clusters.add(introduced.statement).id)
    }

    private fun isCluster(link: String) = link.trim().startsWith(CLUSTER, ignoreCase = true)

    private fun fail(problem: Problem) = states.update { it.copy(problem = problem) }

    companion object {
        /** No QR holds more; the core refuses longer ones too, without saying what was wrong with them. */
        const val LONGEST_LINK = 2_953

        /** How a link to a cluster's statement begins. */
        private const val CLUSTER = "kist-connect://cluster?"
    }
}
