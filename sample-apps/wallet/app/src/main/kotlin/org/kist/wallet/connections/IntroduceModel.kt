package org.kist.wallet.connections

import java.nio.file.Files
import java.nio.file.Path
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.withContext
import org.kist.Contact
import org.kist.Introduction
import org.kist.Kist
import org.kist.Person
import org.kist.wallet.ports.Ports
import org.kist.wallet.state.Acts
import org.kist.wallet.state.Doing
import org.kist.wallet.state.Problem

/** What the person was handed. */
enum class Handed { LINK, LETTER }

/** Meeting somebody new: what was handed over, and what it was found to be. */
data class IntroduceState(
    val handed: Handed = Handed.LINK,
    val link: String = "",
    val code: String = "",
    val relay: String = "",
    /** What it was; null before it was looked at. */
    val found: Introduction? = null,
    /** What this person will call the other one. */
    val name: String = "",
    /** What was opened, or who was accepted: the screen can be left for it. */
    val opened: Met? = null,
    val doing: Doing = Doing(),
)

/** Who is known now. */
data class Met(val destination: String, val id: String)

/** Takes a link, a picture, a file or a letter's code, says whose it is, and contacts them when the person says so. */
class IntroduceModel(private val person: Person, private val ports: Ports, scope: CoroutineScope) {
    private val states = MutableStateFlow(IntroduceState(relay = ports.suggestedRelay.orEmpty()))
    val state: StateFlow<IntroduceState> = states.asStateFlow()
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }

    fun take(handed: Handed) = states.update { it.copy(handed = handed, doing = Doing()) }

    fun typeLink(link: String) = states.update { it.copy(link = link, doing = Doing()) }

    fun typeCode(code: String) = states.update { it.copy(code = code, doing = Doing()) }

    fun typeRelay(relay: String) = states.update { it.copy(relay = relay, doing = Doing()) }

    fun typeName(name: String) = states.update { it.copy(name = name, doing = Doing()) }

    /** Takes what other programs left on the clipboard. */
    fun paste() {
        val text = ports.clipboard.text()
        if (text == null) say(Problem.own("ClipboardEmpty")) else states.update { it.copy(link = text.trim(), doing = Doing()) }
    }

    /** Says what was handed over. Nobody is contacted by it. */
    fun look() {
        val now = states.value
        when (now.handed) {
            Handed.LINK -> if (now.link.isBlank()) say(Problem.own("LinkEmpty")) else acts.run { look(now.link.trim()) }
            Handed.LETTER -> if (now.code.isBlank() || now.relay.isBlank()) {
                say(Problem.own("LetterEmpty"))
            } else {
                acts.run { look(now.code.trim(), now.relay.trim()) }
            }
        }
    }

    /** Takes a picture of a QR code, or a file with an invitation; [title] is the dialog's. */
    fun open(title: String) = acts.run {
        val file = ports.files.open(title, pictures + listOf("jwt", "jws", "txt"))
        if (file != null) {
            val text = if (file.toString().substringAfterLast('.').lowercase() in pictures) codeIn(file) else textOf(file)
            if (text == null) say(Problem.own("NoCodeInPicture")) else look(text)
        }
    }

    /** Begins anew. */
    fun forget() = states.update { it.copy(found = null, doing = Doing()) }

    /** Asks an organisation for its request for one use. */
    fun contact(contact: Contact, use: String) = acts.run {
        val connection = person.connections.open(contact.id, use)
        states.update { it.copy(opened = Met("connection", connection.id)) }
    }

    /** Accepts another person's invitation. */
    fun accept() {
        val now = states.value
        val link = (now.found as? Introduction.Person)?.link ?: return
        if (now.name.isBlank()) {
            say(Problem.own("NameEmpty"))
            return
        }
        acts.run {
            val known = person.people.accept(link, now.name.trim())
            states.update { it.copy(opened = Met("person", known.id)) }
        }
    }

    private suspend fun look(given: String, relay: String? = null) {
        val found = person.connections.introduce(given, relay)
        // Several organisations that work together have a room of their own.
        val opened = (found as? Introduction.Cluster)?.let { Met("cluster", person.clusters.add(it.statement).id) }
        states.update { if (opened == null) it.copy(found = found) else it.copy(opened = opened) }
    }

    private suspend fun codeIn(file: Path): String? {
        val picture = ports.pictures.luma(file) ?: return null
        return withContext(Dispatchers.Default) { Kist.readQr(picture.bytes, picture.width, picture.height) }.firstOrNull()
    }

    private suspend fun textOf(file: Path): String = withContext(Dispatchers.IO) { Files.readString(file) }

    private fun say(problem: Problem) = states.update { it.copy(doing = Doing(problem = problem)) }

    private companion object {
        val pictures = listOf("png", "jpg", "jpeg")
    }
}

/** One organisation of a directory, before it is contacted. */
class ContactModel(private val person: Person, private val id: String, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(ContactState())
    val state: StateFlow<ContactState> = states.asStateFlow()
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }

    init {
        acts.run {
            val contact = person.connections.contacts().firstOrNull { it.id == id }
            states.update { it.copy(contact = contact, gone = contact == null) }
        }
    }

    /** Asks it for its request for one use. */
    fun contact(use: String) = acts.run {
        val connection = person.connections.open(id, use)
        states.update { it.copy(opened = connection.id) }
    }
}

/** One organisation that can be contacted. */
data class ContactState(
    val contact: Contact? = null,
    /** It can't be contacted so any more. */
    val gone: Boolean = false,
    val opened: String? = null,
    val doing: Doing = Doing(),
)
