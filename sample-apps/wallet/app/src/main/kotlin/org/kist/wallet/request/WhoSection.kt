package org.kist.wallet.request

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.size
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.saveable.rememberSaveable
import androidx.compose.runtime.setValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.platform.LocalDensity
import androidx.compose.ui.unit.dp
import org.kist.wallet.design.Card
import org.kist.wallet.design.Chip
import org.kist.wallet.design.Icons
import org.kist.wallet.design.LocalPalette
import org.kist.wallet.design.LocalTone
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.Space
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.chosen

/** Who asks, for whom, and who says that they are who they say. */
@Composable
internal fun WhoSection(who: Who, acts: RequestActs) {
    val words = LocalWords.current
    Card {
        Row(horizontalArrangement = Arrangement.spacedBy(Space.medium), verticalAlignment = Alignment.CenterVertically) {
            Icon(Icons.Organisation, null, Modifier.size(32.dp), tint = LocalTone.current.act)
            Text(words.apart(who.name), Modifier.weight(1f), style = MaterialTheme.typography.titleLarge)
        }
        who.supplier?.let {
            Note(Icons.Person, words("request.who.supplier", "supplier" to it, "organisation" to who.name))
        }
        if (who.framework == null) {
            Chip(words("request.who.nobody"), icon = Icons.Warning, tone = LocalPalette.current.warning)
        } else {
            Chip(words("request.who.checked"), icon = Icons.Shield, tone = LocalPalette.current.success)
            Text(
                words("request.who.framework", "framework" to who.framework, "day" to words.day(who.memberSince)),
                style = MaterialTheme.typography.bodyMedium,
            )
        }
        More(who, acts)
    }
}

/** What few people need: where the organisation is reached, and who watches over it. */
@Composable
private fun More(who: Who, acts: RequestActs) {
    val words = LocalWords.current
    var open by rememberSaveable { mutableStateOf(false) }
    PlainButton(words(if (open) "request.who.less" else "request.who.more"), { open = !open })
    if (!open) return
    Column(verticalArrangement = Arrangement.spacedBy(Space.small)) {
        Named(words("request.who.id"), words.apart(who.id))
        if (who.country.isNotEmpty()) Named(words("request.who.country"), words.country(who.country))
        if (who.contacts.isNotEmpty()) Named(words("request.who.contact"), words.list(who.contacts.map { it.removePrefix("mailto:") }))
        if (who.supervisor.isNotEmpty()) {
            Named(words("request.who.supervisor"), who.supervisor)
            Text(words("request.who.supervisor.text"), style = MaterialTheme.typography.bodyMedium)
        }
        if (who.supervisorUri.isNotEmpty()) {
            PlainButton(words("request.who.supervisor.open", "supervisor" to who.supervisor), { acts.onOpenPage(who.supervisorUri) })
        }
    }
}

/** A thing and what it is called, one above the other, so that neither is cut off in large text. */
@Composable
internal fun Named(name: String, value: String) {
    Column {
        Text(name, style = MaterialTheme.typography.bodySmall, color = LocalTone.current.quiet)
        Text(value, style = MaterialTheme.typography.bodyLarge)
    }
}

/** A sentence with the picture that goes with it, which grows with the text. */
@Composable
internal fun Note(icon: ImageVector, text: String, modifier: Modifier = Modifier) {
    Row(modifier, Arrangement.spacedBy(Space.small)) {
        Icon(icon, null, Modifier.size(20.dp * LocalDensity.current.fontScale), tint = LocalTone.current.act)
        Text(text, Modifier.weight(1f), style = MaterialTheme.typography.bodyMedium)
    }
}

/** Why, and by what right. */
@Composable
internal fun WhySection(asking: Asking) {
    val words = LocalWords.current
    SectionHeading(words("request.why"))
    Card {
        asking.purposes.forEach { purpose ->
            Text(words.chosen(purpose.text), style = MaterialTheme.typography.bodyLarge)
            Note(Icons.Info, words.legalBasis(purpose.legalBasis))
        }
    }
}
