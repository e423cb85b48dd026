package org.kist.wallet.history

import java.nio.file.Files
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.withContext
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long
import org.kist.HistoryEntry
import org.kist.Kist
import org.kist.KistException
import org.kist.Person
import org.kist.wallet.ports.FilePicker
import org.kist.wallet.state.Acts
import org.kist.wallet.state.Doing
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.lookAgain

/** What the chain, or a file with a copy of it, was found to be. */
sealed interface Checked {
    /** The history in the store is whole. */
    data class Whole(val entries: Long) : Checked

    /** A copy was written. */
    data object Written : Checked

    /** A copy is whole and signed. */
    data class FileWhole(val entries: Long, val agreements: Int) : Checked

    /** A copy was changed, at this entry or in what is signed about all of them. */
    data class FileBroken(val entry: Long?) : Checked
}

/** The history, and what of it is shown. */
data class HistoryState(
    /** The newest first. A chain that was tampered with is a failure, which names the entry. */
    val entries: Loadable<List<HistoryEntry>> = Loadable.Loading(),
    val topic: HistoryTopic? = null,
    /** A part of an organisation's name or of the sentence. */
    val sought: String = "",
    val checked: Checked? = null,
    /** The person is told what a copy gives away. */
    val askingToExport: Boolean = false,
    val doing: Doing = Doing(),
)

/** What happened: read it, check it, take a copy that proves it. */
class HistoryModel(private val person: Person, private val files: FilePicker, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(HistoryState())
    val state: StateFlow<HistoryState> = states.asStateFlow()
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }

    /** Looks at the store; called whenever the screen is shown. */
    fun look() {
        scope.lookAgain({ states.value.entries }, { found -> states.update { it.copy(entries = found) } }) {
            person.history.entries().reversed()
        }
    }

    fun show(topic: HistoryTopic?) = states.update { it.copy(topic = topic) }

    fun seek(text: String) = states.update { it.copy(sought = text) }

    /** Checks the whole chain. */
    fun verify() = checking { Checked.Whole(person.history.verify().entries.toLong()) }

    fun askToExport(ask: Boolean) = states.update { it.copy(askingToExport = ask) }

    /** Writes a signed copy where the person wants it; [title] is the dialog's. */
    fun export(title: String) {
        askToExport(false)
        checking {
            val place = files.save(title, "kist-history.json")
            place?.let {
                val evidence = person.history.evidence()
                withContext(Dispatchers.IO) { Files.write(it, evidence) }
                files.saved(it)
                Checked.Written
            }
        }
    }

    /** Checks a copy, one's own or another's; [title] is the dialog's. */
    fun checkFile(title: String) = checking {
        val file = files.open(title, listOf("json"))
        file?.let { withContext(Dispatchers.IO) { check(Files.readAllBytes(it)) } }
    }

    private fun check(copy: ByteArray): Checked = try {
        read(Kist.verifyEvidence(copy))
    } catch (broken: KistException.Integrity) {
        Checked.FileBroken(broken.number("sequence"))
    }

    private fun read(report: JsonObject) =
        Checked.FileWhole(report.getValue("entries").jsonPrimitive.long, report.getValue("agreements").jsonArray.size)

    private fun checking(call: suspend () -> Checked?) {
        states.update { it.copy(checked = null) }
        acts.run {
            val found = call()
            states.update { it.copy(checked = found) }
        }
    }
}
