package org.kist.wallet.design

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.text.KeyboardActions
import androidx.compose.foundation.text.KeyboardOptions
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.OutlinedTextFieldDefaults
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.focus.FocusDirection
import androidx.compose.ui.input.key.Key
import androidx.compose.ui.input.key.KeyEventType
import androidx.compose.ui.input.key.isShiftPressed
import androidx.compose.ui.input.key.key
import androidx.compose.ui.input.key.onPreviewKeyEvent
import androidx.compose.ui.input.key.type
import androidx.compose.ui.platform.LocalFocusManager
import androidx.compose.ui.semantics.clearAndSetSemantics
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.error
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.input.ImeAction
import androidx.compose.ui.text.input.KeyboardType
import androidx.compose.ui.text.input.PasswordVisualTransformation
import androidx.compose.ui.text.input.VisualTransformation
import org.kist.wallet.language.LocalWords

/** The most that a field takes: more, pasted by mistake, would only make the app slow. It stays out, and the field says so. */
const val FIELD_LIMIT = 10_000

/**
 * A field with its label above, a hint below, and a problem where there is one. The label is its name for a screen reader; the
 * hint and the problem are read with it. Enter does [onDone]. A short label beside others has a [name] that says it whole.
 */
@Composable
fun Field(
    label: String,
    value: String,
    onChange: (String) -> Unit,
    modifier: Modifier = Modifier,
    hint: String? = null,
    problem: String? = null,
    lines: Int = 1,
    enabled: Boolean = true,
    keyboard: KeyboardType = KeyboardType.Text,
    name: String = label,
    onDone: (() -> Unit)? = null,
) = Framed(label, name, value, onChange, modifier, hint, problem, lines, enabled, keyboard, VisualTransformation.None, null, onDone)

/** A field for a secret: dots, until the person asks to see it. */
@Composable
fun SecretField(
    label: String,
    value: String,
    onChange: (String) -> Unit,
    modifier: Modifier = Modifier,
    hint: String? = null,
    problem: String? = null,
    enabled: Boolean = true,
    onDone: (() -> Unit)? = null,
) {
    val words = LocalWords.current
    var shown by remember { mutableStateOf(false) }
    Framed(
        label, label, value, onChange, modifier, hint, problem, 1, enabled, KeyboardType.Password,
        if (shown) VisualTransformation.None else PasswordVisualTransformation(),
        trailing = {
            val name = if (shown) words("field.hide", "field" to label) else words("field.show", "field" to label)
            IconAct(if (shown) Icons.EyeOff else Icons.Eye, name, { shown = !shown })
        },
        onDone,
    )
}

/** The tabulator goes on to what is next, also from a field of several lines, which would take it as text and let nobody out. */
@Composable
private fun Modifier.leftByTabulator(): Modifier {
    val focus = LocalFocusManager.current
    return onPreviewKeyEvent { event ->
        if (event.key != Key.Tab) return@onPreviewKeyEvent false
        val way = if (event.isShiftPressed) FocusDirection.Previous else FocusDirection.Next
        if (event.type == KeyEventType.KeyDown) focus.moveFocus(way)
        true
    }
}

@Composable
private fun Framed(
    label: String,
    name: String,
    value: String,
    onChange: (String) -> Unit,
    modifier: Modifier,
    hint: String?,
    problem: String?,
    lines: Int,
    enabled: Boolean,
    keyboard: KeyboardType,
    transformation: VisualTransformation,
    trailing: (@Composable () -> Unit)?,
    onDone: (() -> Unit)?,
) {
    val words = LocalWords.current
    val tone = LocalTone.current
    var tooLong by remember { mutableStateOf(false) }
    val said = if (tooLong) words("field.too_long", "limit" to FIELD_LIMIT) else problem
    Column(modifier.fillMaxWidth(), Arrangement.spacedBy(Space.hair)) {
        // The field itself is called so: a screen reader would read it twice.
        val silent = Modifier.clearAndSetSemantics {}
        Text(label, silent, style = MaterialTheme.typography.titleSmall, color = tone.text)
        if (hint != null) Text(hint, silent, style = MaterialTheme.typography.bodySmall, color = tone.quiet)
        OutlinedTextField(
            value = value,
            onValueChange = {
                // Refused whole: what was there stays, and nothing of it is pushed out.
                tooLong = it.length > maxOf(FIELD_LIMIT, value.length)
                if (!tooLong) onChange(it)
            },
            modifier = Modifier.fillMaxWidth().leftByTabulator().semantics {
                contentDescription = listOfNotNull(name, hint).joinToString(". ")
                if (said != null) error(said)
            },
            enabled = enabled,
            isError = said != null,
            singleLine = lines == 1,
            minLines = lines,
            textStyle = MaterialTheme.typography.bodyLarge,
            shape = MaterialTheme.shapes.small,
            visualTransformation = transformation,
            trailingIcon = trailing,
            keyboardOptions = KeyboardOptions(keyboardType = keyboard, imeAction = if (onDone == null) ImeAction.Default else ImeAction.Done),
            keyboardActions = KeyboardActions(onDone = { onDone?.invoke() }),
            colors = OutlinedTextFieldDefaults.colors(
                focusedContainerColor = LocalPalette.current.card.ground,
                unfocusedContainerColor = LocalPalette.current.card.ground,
                errorContainerColor = LocalPalette.current.card.ground,
                disabledContainerColor = tone.ground,
                disabledTextColor = tone.quiet,
                focusedBorderColor = LocalPalette.current.focus,
            ),
        )
        if (said != null) InlineProblem(said)
    }
}
