package org.kist.wallet.connections

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.selection.selectableGroup
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.semantics
import kotlinx.coroutines.flow.getAndUpdate
import org.kist.Contact
import org.kist.Introduction
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Route
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.ChoiceRow
import org.kist.wallet.design.Field
import org.kist.wallet.design.Icons
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.Space
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.language.chosen

/** Meeting an organisation or a person by what they handed over. */
object IntroduceDestination : Destination("introduce") {
    @Composable
    override fun Content(stay: Stay) {
        val words = LocalWords.current
        val model = stay.model { scope -> IntroduceModel(stay.person, stay.ports, scope) }
        val state by model.state.collectAsState()
        LaunchedEffect(model) { stay.wallet.linkToIntroduce.getAndUpdate { null }?.let(model::typeLink) }
        val opened = state.opened
        LaunchedEffect(opened) { if (opened != null) stay.navigator.replace(Route(opened.destination, opened.id)) }
        IntroduceScreen(
            state,
            IntroduceActs(
                onBack = stay.wayBack,
                onHanded = model::take,
                onLink = model::typeLink,
                onCode = model::typeCode,
                onRelay = model::typeRelay,
                onName = model::typeName,
                onPaste = model::paste,
                onFile = { model.open(words("connections.introduce.file")) },
                onLook = model::look,
                onForget = model::forget,
                onContact = model::contact,
                onAccept = model::accept,
            ),
        )
    }
}

/** One organisation of a directory. */
object ContactDestination : Destination("contact") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> ContactModel(stay.person, stay.route.id, scope) }
        val state by model.state.collectAsState()
        val opened = state.opened
        LaunchedEffect(opened) { if (opened != null) stay.navigator.replace(ConnectionDestination.route(opened)) }
        ContactScreen(state, stay.wayBack, model::contact)
    }
}

/** What can be done with what was handed over. */
class IntroduceActs(
    val onBack: (() -> Unit)? = {},
    val onHanded: (Handed) -> Unit = {},
    val onLink: (String) -> Unit = {},
    val onCode: (String) -> Unit = {},
    val onRelay: (String) -> Unit = {},
    val onName: (String) -> Unit = {},
    val onPaste: () -> Unit = {},
    val onFile: () -> Unit = {},
    val onLook: () -> Unit = {},
    val onForget: () -> Unit = {},
    val onContact: (Contact, String) -> Unit = { _, _ -> },
    val onAccept: () -> Unit = {},
)

@Composable
fun IntroduceScreen(state: IntroduceState, acts: IntroduceActs) {
    val words = LocalWords.current
    val found = state.found
    Screen(
        words("connections.introduce"),
        onBack = acts.onBack,
        acts = {
            when (found) {
                null -> PrimaryButton(words("connections.introduce.look"), acts.onLook, Modifier.fillMaxWidth(), enabled = !state.doing.busy)
                is Introduction.Person ->
                    PrimaryButton(words("connections.accept"), acts.onAccept, Modifier.fillMaxWidth(), enabled = !state.doing.busy)
                else -> SecondaryButton(words("connections.introduce.other"), acts.onForget, Modifier.fillMaxWidth())
            }
        },
    ) {
        state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
        when (found) {
            null -> HandedOver(state, words, acts)
            is Introduction.Contacts -> {
                Text(words("connections.found", "count" to found.contacts.size))
                found.contacts.forEach { contact -> ContactCard(contact, state.doing.busy, words) { acts.onContact(contact, it) } }
            }
            is Introduction.Person -> {
                Banner(BannerKind.WARNING, words("connections.person.found"), text = words("connections.person.nobody_vouches"))
                Field(words("connections.name"), state.name, acts.onName, hint = words("connections.name.hint"), onDone = acts.onAccept)
            }
            // It is led to its own room.
            is Introduction.Cluster -> {}
        }
    }
}

@Composable
private fun HandedOver(state: IntroduceState, words: Words, acts: IntroduceActs) {
    Text(words("connections.introduce.text"))
    Column(Modifier.selectableGroup()) {
        Handed.entries.forEach { handed ->
            ChoiceRow(words("connections.handed.$handed"), handed == state.handed, { acts.onHanded(handed) })
        }
    }
    when (state.handed) {
        Handed.LINK -> {
            Field(words("connections.link"), state.link, acts.onLink, lines = 2)
            FlowRow(horizontalArrangement = Arrangement.spacedBy(Space.small)) {
                PlainButton(words("connections.paste"), acts.onPaste, icon = Icons.Copy)
                PlainButton(words("connections.introduce.file"), acts.onFile, icon = Icons.File)
            }
        }
        Handed.LETTER -> {
            Field(words("connections.code"), state.code, acts.onCode, hint = words("connections.code.hint"))
            Field(words("connections.relay"), state.relay, acts.onRelay, hint = words("connections.relay.hint"), onDone = acts.onLook)
        }
    }
}

@Composable
fun ContactScreen(state: ContactState, onBack: (() -> Unit)?, onContact: (String) -> Unit) {
    val words = LocalWords.current
    Screen(words("connections.contact"), onBack = onBack) {
        state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
        if (state.gone) Banner(BannerKind.INFO, words("connections.contact.gone"), text = words("connections.contact.gone.text"))
        state.contact?.let { ContactCard(it, state.doing.busy, words, onContact) }
    }
}

/** Who it is, who vouches for it, and what it can be asked for. */
@Composable
private fun ContactCard(contact: Contact, busy: Boolean, words: Words, onUse: (String) -> Unit) {
    Card {
        Text(contact.organisation, Modifier.semantics { heading() }, style = MaterialTheme.typography.titleMedium)
        Text(words("connections.vouched", "framework" to contact.framework))
        Text(words("connections.until", "day" to words.day(contact.expiresAt)), style = MaterialTheme.typography.bodySmall)
        if (contact.byLetter) Text(words("connections.by_letter"))
        Text(words("connections.contact.means"))
        contact.uses.forEach { use ->
            SecondaryButton(
                words("connections.contact.for", "purpose" to words.chosen(use.purpose)),
                { onUse(use.id) },
                Modifier.fillMaxWidth(),
                enabled = !busy,
            )
        }
    }
}
