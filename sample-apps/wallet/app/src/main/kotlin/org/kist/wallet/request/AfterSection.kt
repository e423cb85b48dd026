package org.kist.wallet.request

import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.selection.selectableGroup
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import org.kist.Rights
import org.kist.Validity
import org.kist.wallet.consents.isConsent
import org.kist.wallet.design.Card
import org.kist.wallet.design.ChoiceRow
import org.kist.wallet.design.Icons
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.period

/** What follows from a yes: what they may do, how long, what they keep, who else has it. */
@Composable
internal fun AfterSection(asking: Asking) {
    val words = LocalWords.current
    SectionHeading(words("request.after"))
    Card {
        when (val terms = asking.terms) {
            null -> Note(Icons.Check, words("request.once_only"))
            else -> {
                MayDo(terms.rights, once = terms.holds == Validity.Once)
                Note(Icons.Clock, holds(terms.holds))
            }
        }
        asking.purposes.forEach { Kept(it.retention, it.keptAfterWithdrawal) }
        asking.terms?.let { terms ->
            if (terms.recipients.isNotEmpty()) {
                Note(Icons.Person, words("request.recipients", "organisations" to words.list(terms.recipients)))
            }
            if (terms.storage.isNotEmpty()) {
                Note(Icons.Chest, words("request.storage", "countries" to words.list(terms.storage.map { words.country(it) })))
            }
            val byConsent = asking.purposes.all { isConsent(it.legalBasis) }
            Text(words(if (byConsent) "request.take_back" else "request.take_back.law"), style = MaterialTheme.typography.titleSmall)
        }
    }
}

/** What the organisation may do, each right apart. What it may read [once] alone is never told again. */
@Composable
internal fun MayDo(rights: Rights, once: Boolean) {
    val words = LocalWords.current
    if (rights.read) Note(Icons.Eye, words.mayRead(once))
    if (rights.deliver) Note(Icons.Inbox, words("request.right.deliver"))
    if (rights.update) Note(Icons.Edit, words("request.right.update"))
}

/** How long it keeps what was given, and what of it after a withdrawal. */
@Composable
internal fun Kept(retention: String, afterWithdrawal: List<KeptThing>) {
    val words = LocalWords.current
    Note(Icons.History, words("request.retention", "time" to words.period(retention)))
    if (afterWithdrawal.isEmpty()) Note(Icons.Trash, words("request.kept.nothing"))
    afterWithdrawal.forEach { Note(Icons.Lock, words.kept(it)) }
}

/** Whether the same answer may be given again, and how long. */
@Composable
internal fun RememberSection(chosen: Remember, onRemember: (Remember) -> Unit) {
    val words = LocalWords.current
    SectionHeading(words("request.remember"))
    Card {
        Text(words("request.remember.text"), style = MaterialTheme.typography.bodyMedium)
        Column(Modifier.selectableGroup()) {
            Remember.entries.forEach { ChoiceRow(words("request.remember.$it"), it == chosen, { onRemember(it) }) }
        }
    }
}

@Composable
private fun holds(validity: Validity): String {
    val words = LocalWords.current
    return when (validity) {
        Validity.Once -> words("request.holds.once")
        is Validity.Until -> words("request.holds.until", "when" to words.day(validity.at))
        Validity.Standing -> words("request.holds.standing")
    }
}
