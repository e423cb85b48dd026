package org.kist.wallet.connections

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.kist.ConnectionState
import org.kist.Contact
import org.kist.Person
import org.kist.wallet.state.Acts
import org.kist.wallet.state.Doing
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem
import org.kist.wallet.state.lookAgain

/** An organisation that can be contacted; [connection] where the person is in contact with it already. */
data class Listed(val contact: Contact, val connection: String? = null)

/** Whom the person can contact. */
data class DirectoryContent(
    val listed: List<Listed>,
    /** They believe a framework, without which no organisation is. */
    val believesOne: Boolean,
    /** A framework that they believe says where its directory is. */
    val named: Boolean = false,
)

/** The organisations of the directories, and what the person looks for among them. */
data class DirectoryState(
    val content: Loadable<DirectoryContent> = Loadable.Loading(),
    val sought: String = "",
    /** The person is asked for another directory's address. */
    val adding: Boolean = false,
    val address: String = "",
    /** How many organisations were found in the directory that was fetched just now. */
    val fetched: Int? = null,
    val doing: Doing = Doing(),
)

/**
 * Finds an organisation in directories: those that the frameworks name, and those that were given once, are fetched anew by
 * themselves.
 */
class DirectoryModel(private val person: Person, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(DirectoryState())
    val state: StateFlow<DirectoryState> = states.asStateFlow()
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing.copy(problem = doing.problem?.let(::named))) } }

    /** Looks at the store; called whenever the screen is shown. */
    fun look() {
        scope.lookAgain({ states.value.content }, { found -> states.update { it.copy(content = found) } }) { content() }
    }

    fun seek(name: String) = states.update { it.copy(sought = name) }

    /** Fetches the directories that the frameworks name, and those that were given. */
    fun refresh() = acting { person.connections.refreshDirectories() }

    fun askForAddress() = states.update { it.copy(adding = true, fetched = null) }

    fun typeAddress(address: String) = states.update { it.copy(address = address, doing = it.doing.copy(problem = null)) }

    /** Fetches the directory of the address that was typed, now and from now on. */
    fun fetch() {
        val address = states.value.address.trim()
        if (address.isEmpty()) {
            states.update { it.copy(doing = Doing(problem = Problem.own("DirectoryAddressEmpty"))) }
            return
        }
        acting {
            val found = person.connections.fetchDirectory(address)
            states.update { it.copy(adding = false, address = "", fetched = found.size) }
        }
    }

    private fun acting(call: suspend () -> Unit) =
        acts.run(call, ::content) { content -> states.update { it.copy(content = Loadable.Ready(content)) } }

    private suspend fun content(): DirectoryContent {
        val open = person.connections.list().filter { it.state != ConnectionState.ENDED }
        val listed = person.connections.contacts().map { contact ->
            Listed(contact, open.firstOrNull { it.organisationId == contact.organisationId }?.id)
        }
        val frameworks = person.trust.anchors()
        return DirectoryContent(listed, frameworks.isNotEmpty(), frameworks.any { it.directory != null })
    }

    /** The core speaks of relays and documents where this is about a directory. */
    private fun named(problem: Problem): Problem = when (problem.code) {
        "Unreachable", "RelayRefused" -> Problem.own("DirectoryUnreachable").copy(retry = true, offline = true)
        "NotFound" -> Problem.own("DirectoryMissing")
        "Malformed" -> Problem.own("DirectoryUnreadable")
        else -> problem
    }
}
