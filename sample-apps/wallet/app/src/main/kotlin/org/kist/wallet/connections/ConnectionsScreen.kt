package org.kist.wallet.connections

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import org.kist.ConnectionState
import org.kist.KnownPerson
import org.kist.PersonState
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Card
import org.kist.wallet.design.Chip
import org.kist.wallet.design.Empty
import org.kist.wallet.design.Icons
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.edit.isEmpty
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words

/** Organisations and people. */
object ConnectionsDestination : Destination("connections") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> ConnectionsModel(stay.person, scope) }
        stay.Looking(model::look)
        val state by model.state.collectAsState()
        ConnectionsScreen(
            state,
            ConnectionsActs(
                onBack = stay.wayBack,
                onEnded = model::showEnded,
                onConnection = { stay.wayTo("connection", it) },
                onDirectory = stay.wayTo("directory"),
                onPerson = { stay.wayTo("person", it) },
                onIntroduce = stay.wayTo("introduce"),
                onInvite = stay.wayTo("invite"),
            ),
        )
    }
}

/** Where the screen leads to. */
class ConnectionsActs(
    val onBack: (() -> Unit)? = {},
    val onEnded: (Boolean) -> Unit = {},
    val onConnection: (String) -> (() -> Unit)? = { null },
    val onPerson: (String) -> (() -> Unit)? = { null },
    val onDirectory: (() -> Unit)? = null,
    val onIntroduce: (() -> Unit)? = null,
    val onInvite: (() -> Unit)? = null,
)

@Composable
fun ConnectionsScreen(state: ConnectionsState, acts: ConnectionsActs) {
    val words = LocalWords.current
    Screen(
        words("connections.title"),
        onBack = acts.onBack,
        acts = acts.onIntroduce?.let { add ->
            { PrimaryButton(words("connections.add"), add, Modifier.fillMaxWidth(), Icons.Plus) }
        },
    ) {
        Loaded(state.content) { content ->
            Organisations(content, state.withEnded, words, acts)
            People(content.people, words, acts)
        }
    }
}

@Composable
private fun Organisations(content: ConnectionsContent, withEnded: Boolean, words: Words, acts: ConnectionsActs) {
    val shown = content.connections.filter { withEnded || it.state != ConnectionState.ENDED }
    SectionHeading(words("connections.organisations"))
    if (shown.isEmpty()) {
        Empty(Icons.Organisation, words("connections.empty.title"), words("connections.empty.text")) {
            acts.onDirectory?.let { SecondaryButton(words("connections.find"), it, icon = Icons.Search) }
        }
    } else {
        Card {
            shown.forEach { connection ->
                val blocked = connection.organisationId in content.blocked
                val state = if (blocked) words("connections.blocked") else words("connections.state.${connection.state}")
                val agreed = connection.consents.size
                val count = if (agreed == 0) words("connections.consents.none") else words("connections.consents", "count" to agreed)
                ListRow(
                    connection.organisation,
                    detail = words("connections.line", "state" to state, "agreed" to count),
                    icon = if (blocked) Icons.Close else Icons.Organisation,
                    onClick = acts.onConnection(connection.id),
                )
            }
            acts.onDirectory?.let { PlainButton(words("connections.find"), it, icon = Icons.Search) }
        }
    }
    if (content.connections.any { it.state == ConnectionState.ENDED }) {
        Chip(words("connections.ended"), selected = withEnded, onClick = { acts.onEnded(!withEnded) })
    }
}

@Composable
private fun People(people: List<KnownPerson>, words: Words, acts: ConnectionsActs) {
    SectionHeading(words("connections.people"))
    Card {
        if (people.isEmpty()) Text(words("connections.people.none"))
        people.forEach { known ->
            ListRow(
                known.name,
                detail = known.howFar(words),
                icon = if (known.verified) Icons.Shield else Icons.Person,
                onClick = acts.onPerson(known.id),
            )
        }
        acts.onInvite?.let { PlainButton(words("connections.invite"), it, icon = Icons.Plus) }
    }
}

/** How far it is with somebody: whether they answered, and whether the keys were compared. */
internal fun KnownPerson.howFar(words: Words): String = when (state) {
    PersonState.INVITED -> words("connections.person.invited")
    PersonState.ENDED -> words("connections.person.ended")
    PersonState.CONNECTED -> words(if (verified) "connections.person.compared" else "connections.person.not_compared")
}
