package org.kist.wallet.connections

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.kist.ConnectionAct
import org.kist.ConnectionSummary
import org.kist.KnownPerson
import org.kist.Person
import org.kist.wallet.state.Acts
import org.kist.wallet.state.Doing
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.lookAgain

/** With whom the person is in contact. */
data class ConnectionsContent(
    val connections: List<ConnectionSummary>,
    val people: List<KnownPerson>,
    /** Ids of organisations that are blocked. */
    val blocked: Set<String>,
)

/** Organisations and people. */
data class ConnectionsState(
    val content: Loadable<ConnectionsContent> = Loadable.Loading(),
    /** Connections that were ended are shown too. */
    val withEnded: Boolean = false,
)

/** Everyone that the person knows. */
class ConnectionsModel(private val person: Person, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(ConnectionsState())
    val state: StateFlow<ConnectionsState> = states.asStateFlow()

    /** Looks at the store; called whenever the screen is shown. */
    fun look() {
        scope.lookAgain({ states.value.content }, { found -> states.update { it.copy(content = found) } }) {
            ConnectionsContent(person.connections.list(), person.people.list(), person.blocked())
        }
    }

    fun showEnded(show: Boolean) = states.update { it.copy(withEnded = show) }
}

/** One connection with an organisation. */
data class ConnectionContent(val connection: ConnectionSummary, val blocked: Boolean)

/** One connection, and what the person does about it. */
data class OneConnectionState(
    val content: Loadable<ConnectionContent> = Loadable.Loading(),
    val askingToEnd: Boolean = false,
    val doing: Doing = Doing(),
)

/** One connection with an organisation: pause it, end it, block the organisation. */
class ConnectionModel(private val person: Person, private val id: String, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(OneConnectionState())
    val state: StateFlow<OneConnectionState> = states.asStateFlow()
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }

    /** Looks at the store; called whenever the screen is shown. */
    fun look() {
        scope.lookAgain({ states.value.content }, { found -> states.update { it.copy(content = found) } }) { content() }
    }

    /** Leaves its mailbox alone. */
    fun pause() = acting { person.connections.change(id, ConnectionAct.PAUSE) }

    /** Goes on. */
    fun resume() = acting { person.connections.change(id, ConnectionAct.RESUME) }

    /** Takes nothing more from this organisation, and gives it nothing. */
    fun block() = acting { person.block(content().connection.organisationId) }

    /** Takes that back. */
    fun unblock() = acting { person.unblock(content().connection.organisationId) }

    fun askToEnd(ask: Boolean) = states.update { it.copy(askingToEnd = ask) }

    /** Withdraws everything in it, and closes it. */
    fun end() {
        askToEnd(false)
        acting { person.connections.change(id, ConnectionAct.END) }
    }

    private fun acting(call: suspend () -> Unit) = acts.run(call, ::content) { found ->
        states.update { it.copy(content = Loadable.Ready(found)) }
    }

    private suspend fun content(): ConnectionContent {
        val connection = person.connections.list().first { it.id == id }
        return ConnectionContent(connection, connection.organisationId in person.blocked())
    }
}
