package org.kist.wallet.design

import androidx.compose.foundation.background
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.widthIn
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.clip
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.paneTitle
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import androidx.compose.ui.window.Dialog
import org.kist.wallet.language.LocalWords

/**
 * A question before something that can't be undone, or that more depends on than is seen. Its buttons say what they do; Escape
 * and the way back are the harmless answer.
 */
@Composable
fun Question(
    title: String,
    text: String,
    yes: String,
    onYes: () -> Unit,
    onNo: () -> Unit,
    no: String = LocalWords.current("act.cancel"),
    danger: Boolean = false,
) = Sheet(title, onNo) {
    Text(text, style = MaterialTheme.typography.bodyLarge)
    if (danger) DangerButton(yes, onYes, Modifier.fillMaxWidth()) else PrimaryButton(yes, onYes, Modifier.fillMaxWidth())
    SecondaryButton(no, onNo, Modifier.fillMaxWidth())
}

/** A sheet over the screen, that Escape closes. What stands in its [foot] is in sight however long the rest is. */
@Composable
fun Sheet(title: String, onClose: () -> Unit, foot: (@Composable () -> Unit)? = null, content: @Composable () -> Unit) {
    val card = LocalPalette.current.card
    Dialog(onDismissRequest = onClose) {
        On(card) {
            Column(
                Modifier.widthIn(max = 480.dp).fillMaxWidth().clip(MaterialTheme.shapes.large).background(card.ground)
                    .semantics { paneTitle = title },
            ) {
                Column(
                    Modifier.weight(1f, fill = false).verticalScroll(rememberScrollState()).padding(Space.large),
                    Arrangement.spacedBy(Space.medium),
                ) {
                    Text(title, Modifier.semantics { heading() }, style = MaterialTheme.typography.headlineSmall)
                    content()
                }
                if (foot != null) Box(Modifier.padding(start = Space.large, end = Space.large, bottom = Space.large)) { foot() }
            }
        }
    }
}
