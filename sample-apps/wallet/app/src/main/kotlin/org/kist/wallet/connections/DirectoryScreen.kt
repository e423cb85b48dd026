package org.kist.wallet.connections

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.PaddingValues
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.LazyListScope
import androidx.compose.foundation.lazy.items
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.text.input.KeyboardType
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.Empty
import org.kist.wallet.design.Field
import org.kist.wallet.design.IconAct
import org.kist.wallet.design.Icons
import org.kist.wallet.design.Line
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.ListScreen
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.Space
import org.kist.wallet.design.Working
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.state.valueOrNull

/** Whom a person can contact. */
object DirectoryDestination : Destination("directory") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> DirectoryModel(stay.person, scope).also(DirectoryModel::refresh) }
        LaunchedEffect(model) { model.look() }
        val state by model.state.collectAsState()
        DirectoryScreen(
            state,
            DirectoryActs(
                onBack = stay.wayBack,
                onSeek = model::seek,
                onRefresh = model::refresh,
                onAdd = model::askForAddress,
                onAddress = model::typeAddress,
                onFetch = model::fetch,
                onContact = { stay.wayTo("contact", it) },
                onConnection = { stay.wayTo("connection", it) },
                onFrameworks = stay.wayTo("frameworks"),
            ),
        )
    }
}

/** What can be done with the directories. */
class DirectoryActs(
    val onBack: (() -> Unit)? = {},
    val onSeek: (String) -> Unit = {},
    val onRefresh: () -> Unit = {},
    val onAdd: () -> Unit = {},
    val onAddress: (String) -> Unit = {},
    val onFetch: () -> Unit = {},
    val onContact: (String) -> (() -> Unit)? = { null },
    val onConnection: (String) -> (() -> Unit)? = { null },
    val onFrameworks: (() -> Unit)? = null,
)

@Composable
fun DirectoryScreen(state: DirectoryState, acts: DirectoryActs) {
    val words = LocalWords.current
    ListScreen(
        words("connections.find"),
        onBack = acts.onBack,
        tools = { IconAct(Icons.Refresh, words("connections.directory.refresh"), acts.onRefresh, enabled = !state.doing.busy) },
    ) {
        LazyColumn(contentPadding = PaddingValues(bottom = Space.large)) {
            item { Head(state, words, acts) }
            val content = state.content.valueOrNull
            if (content == null) item { Loaded(state.content) {} } else listed(content, state.sought, words, acts)
        }
    }
}

/** What was fetched or wasn't, and by what the list grows or is looked through. */
@Composable
private fun Head(state: DirectoryState, words: Words, acts: DirectoryActs) =
    Column(Modifier.padding(bottom = Space.small), Arrangement.spacedBy(Space.medium)) {
        state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
        if (state.doing.busy) Working(words("connections.directory.fetching"))
        state.fetched?.let { Fetched(it, words) }
        val content = state.content.valueOrNull ?: return@Column
        val isEmpty = content.listed.isEmpty()
        when {
            !content.believesOne -> NoFramework(words, acts)
            state.adding -> AddressForm(state, words, acts)
            !isEmpty || state.doing.busy -> Unit
            content.named -> NobodyYet(words, acts)
            else -> AddressForm(state, words, acts, words("connections.directory.empty"))
        }
        if (!isEmpty) {
            Text(words("connections.directory.text"))
            Field(words("connections.directory.find"), state.sought, acts.onSeek)
            if (!state.adding) PlainButton(words("connections.directory.add"), acts.onAdd, icon = Icons.Plus)
        }
    }

@Composable
private fun NoFramework(words: Words, acts: DirectoryActs) =
    Empty(Icons.Shield, words("connections.directory.no_framework"), words("connections.directory.no_framework.text")) {
        acts.onFrameworks?.let { SecondaryButton(words("connections.directory.frameworks"), it, icon = Icons.Plus) }
    }

/** The frameworks say where their directories are, and nobody in them can be contacted. */
@Composable
private fun NobodyYet(words: Words, acts: DirectoryActs) =
    Empty(Icons.Organisation, words("connections.directory.nobody_yet"), words("connections.directory.nobody_yet.text")) {
        SecondaryButton(words("connections.directory.add"), acts.onAdd, icon = Icons.Plus)
    }

@Composable
private fun Fetched(count: Int, words: Words) =
    if (count == 0) {
        Banner(BannerKind.WARNING, words("connections.directory.nobody"), text = words("connections.directory.nobody.text"))
    } else {
        Banner(BannerKind.SUCCESS, words("connections.directory.fetched", "count" to count))
    }

@Composable
private fun AddressForm(state: DirectoryState, words: Words, acts: DirectoryActs, why: String? = null) = Card {
    why?.let { Text(it) }
    Field(
        words("connections.directory.address"),
        state.address,
        acts.onAddress,
        hint = words("connections.directory.address.hint"),
        keyboard = KeyboardType.Uri,
        onDone = acts.onFetch,
    )
    SecondaryButton(words("connections.directory.fetch"), acts.onFetch, Modifier.fillMaxWidth(), enabled = !state.doing.busy)
}

private fun LazyListScope.listed(content: DirectoryContent, sought: String, words: Words, acts: DirectoryActs) {
    val shown = content.listed.filter { it.contact.organisation.contains(sought.trim(), ignoreCase = true) }
    if (shown.isEmpty() && content.listed.isNotEmpty()) item { Text(words("connections.directory.none_found")) }
    items(shown, key = { it.contact.id }) { (contact, connection) ->
        Column {
            ListRow(
                contact.organisation,
                detail = listOfNotNull(
                    words("connections.vouched", "framework" to contact.framework),
                    connection?.let { words("connections.directory.known") },
                ).joinToString("\n"),
                icon = Icons.Organisation,
                onClick = if (connection == null) acts.onContact(contact.id) else acts.onConnection(connection),
            )
            Line()
        }
    }
}
