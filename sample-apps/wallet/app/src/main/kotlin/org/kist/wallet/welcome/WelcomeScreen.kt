package org.kist.wallet.welcome

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.size
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.unit.dp
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.create.CreateDestination
import org.kist.wallet.design.Brand
import org.kist.wallet.design.Chip
import org.kist.wallet.design.Icons
import org.kist.wallet.design.LocalTone
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.Space
import org.kist.wallet.language.Language
import org.kist.wallet.language.LocalWords

/** The first screen of a new person: what this is, in which language, and where it can begin. */
object WelcomeDestination : Destination("welcome", needsPerson = false) {
    @Composable
    override fun Content(stay: Stay) {
        val preferences by stay.wallet.preferences.state.collectAsState()
        WelcomeScreen(
            language = preferences.language,
            onLanguage = { chosen -> stay.wallet.preferences.change { it.copy(language = chosen) } },
            onCreate = { stay.navigator.go(CreateDestination.route()) },
            onPractice = stay.wayTo("practice"),
            onRestore = stay.wayTo("restore"),
        )
    }
}

/** [onPractice] and [onRestore] are null in a build without them. */
@Composable
fun WelcomeScreen(
    language: Language,
    onLanguage: (Language) -> Unit,
    onCreate: () -> Unit,
    onPractice: (() -> Unit)? = null,
    onRestore: (() -> Unit)? = null,
) {
    val words = LocalWords.current
    Screen(
        words("welcome.title"),
        acts = {
            PrimaryButton(words("welcome.create"), onCreate, Modifier.fillMaxWidth())
            if (onPractice != null) SecondaryButton(words("welcome.practice"), onPractice, Modifier.fillMaxWidth(), Icons.Practice)
            if (onRestore != null) SecondaryButton(words("welcome.restore"), onRestore, Modifier.fillMaxWidth(), Icons.Backup)
        },
    ) {
        Brand()
        Text(words("welcome.what"), style = MaterialTheme.typography.bodyLarge)
        Point(Icons.Chest, words("welcome.yours"))
        Point(Icons.Consents, words("welcome.consent"))
        Point(Icons.Backup, words("welcome.safe"))
        Text(words("welcome.language"), style = MaterialTheme.typography.titleSmall)
        FlowRow(horizontalArrangement = Arrangement.spacedBy(Space.small), verticalArrangement = Arrangement.spacedBy(Space.small)) {
            Language.entries.forEach { Chip(it.ownName, selected = it == language, language = it, onClick = { onLanguage(it) }) }
        }
        if (!language.saysAll) Text(words("welcome.language.partly"), style = MaterialTheme.typography.bodyMedium)
    }
}

@Composable
private fun Point(icon: ImageVector, text: String) {
    Row(horizontalArrangement = Arrangement.spacedBy(Space.medium)) {
        Icon(icon, null, Modifier.size(28.dp), tint = LocalTone.current.act)
        Text(text, Modifier.weight(1f), style = MaterialTheme.typography.bodyLarge)
    }
}
