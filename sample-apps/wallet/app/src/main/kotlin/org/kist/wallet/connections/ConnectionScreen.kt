package org.kist.wallet.connections

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import org.kist.ConnectionState
import org.kist.ConnectionSummary
import org.kist.ConsentSummary
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.consents.standing
import org.kist.wallet.consents.things
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.DangerButton
import org.kist.wallet.design.Icons
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Question
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.Space
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.language.chosen
import org.kist.wallet.state.valueOrNull

/** One connection with an organisation. */
object ConnectionDestination : Destination("connection") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> ConnectionModel(stay.person, stay.route.id, scope) }
        stay.Looking(model::look)
        val state by model.state.collectAsState()
        ConnectionScreen(
            state,
            ConnectionActs(
                onBack = stay.wayBack,
                onPause = model::pause,
                onResume = model::resume,
                onBlock = model::block,
                onUnblock = model::unblock,
                onAskToEnd = model::askToEnd,
                onEnd = model::end,
                onConsent = { stay.wayTo("consent", it) },
                onInbox = stay.wayTo("inbox"),
            ),
        )
    }
}

/** What can be done about a connection. */
class ConnectionActs(
    val onBack: (() -> Unit)? = {},
    val onPause: () -> Unit = {},
    val onResume: () -> Unit = {},
    val onBlock: () -> Unit = {},
    val onUnblock: () -> Unit = {},
    val onAskToEnd: (Boolean) -> Unit = {},
    val onEnd: () -> Unit = {},
    val onConsent: (String) -> (() -> Unit)? = { null },
    val onInbox: (() -> Unit)? = null,
)

@Composable
fun ConnectionScreen(state: OneConnectionState, acts: ConnectionActs) {
    val words = LocalWords.current
    val content = state.content.valueOrNull
    Screen(
        content?.connection?.organisation ?: words("connections.one"),
        onBack = acts.onBack,
        acts = content?.takeIf { it.connection.state != ConnectionState.ENDED }?.let {
            { ConnectionButtons(it, state.doing.busy, words, acts) }
        },
    ) {
        state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
        Loaded(state.content) { (connection, blocked) ->
            StateBanner(connection, blocked, words, acts)
            Text(words("connections.since", "day" to words.day(connection.since)))
            if (connection.framework.isNotEmpty()) Text(words("connections.vouched", "framework" to connection.framework))
            Text(words(if (connection.openedHere) "connections.opened.here" else "connections.opened.there"))
            Agreements(connection.consents, words, acts)
        }
    }
    if (state.askingToEnd && content != null) {
        Question(
            words("connections.end.title", "name" to content.connection.organisation),
            words("connections.end.means"),
            yes = words("connections.end"),
            onYes = acts.onEnd,
            onNo = { acts.onAskToEnd(false) },
            danger = true,
        )
    }
}

@Composable
private fun StateBanner(connection: ConnectionSummary, blocked: Boolean, words: Words, acts: ConnectionActs) {
    when {
        blocked -> Banner(
            BannerKind.WARNING,
            words("connections.blocked.title"),
            text = words("connections.blocked.text"),
            acts = { PlainButton(words("connections.unblock"), acts.onUnblock) },
        )
        connection.state == ConnectionState.WAITING -> Banner(
            BannerKind.INFO,
            words("connections.waiting"),
            text = words("connections.waiting.text"),
            acts = acts.onInbox?.let { { PlainButton(words("connections.waiting.look"), it) } },
        )
        connection.state == ConnectionState.PAUSED ->
            Banner(BannerKind.WARNING, words("connections.paused"), text = words("connections.paused.text"))
        connection.state == ConnectionState.ENDED -> Banner(BannerKind.INFO, words("connections.is_ended"))
        else -> Banner(BannerKind.SUCCESS, words("connections.is_open"))
    }
}

@Composable
private fun ConnectionButtons(content: ConnectionContent, busy: Boolean, words: Words, acts: ConnectionActs) {
    FlowRow(horizontalArrangement = Arrangement.spacedBy(Space.small), verticalArrangement = Arrangement.spacedBy(Space.small)) {
        if (!content.blocked) {
            when (content.connection.state) {
                ConnectionState.PAUSED -> SecondaryButton(words("connections.resume"), acts.onResume, enabled = !busy)
                else -> SecondaryButton(words("connections.pause"), acts.onPause, icon = Icons.Pause, enabled = !busy)
            }
            SecondaryButton(words("connections.block"), acts.onBlock, enabled = !busy)
        }
        DangerButton(words("connections.end"), { acts.onAskToEnd(true) }, enabled = !busy)
    }
}

@Composable
private fun Agreements(consents: List<ConsentSummary>, words: Words, acts: ConnectionActs) {
    SectionHeading(words("connections.agreed"))
    if (consents.isEmpty()) {
        Text(words("connections.agreed.nothing"))
        return
    }
    Card {
        consents.forEach { consent ->
            val standing = consent.standing(words)
            ListRow(
                words.chosen(consent.purpose),
                detail = listOf(consent.things(words), standing.word).filter(String::isNotEmpty).joinToString("\n"),
                icon = standing.icon,
                onClick = acts.onConsent(consent.id),
            )
        }
    }
}
