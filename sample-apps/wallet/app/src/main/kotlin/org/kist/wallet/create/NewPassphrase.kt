package org.kist.wallet.create

import androidx.compose.runtime.Composable
import org.kist.wallet.design.SecretField
import org.kist.wallet.language.LocalWords
import org.kist.wallet.state.Problem
import org.kist.wallet.state.explain

/** A passphrase that is being chosen: typed twice, with what is wrong with either. */
data class NewPassphrase(
    val typed: String = "",
    val again: String = "",
    val typedProblem: Problem? = null,
    val againProblem: Problem? = null,
) {
    /** Whether it can be taken, as far as [checked] has told. */
    val isFit: Boolean get() = typedProblem == null && againProblem == null

    /** The same, with what is wrong with it. */
    fun checked(): NewPassphrase {
        val short = Problem.own("PassphraseShort", "least" to SHORTEST).takeIf { typed.length < SHORTEST }
        return copy(
            typedProblem = short,
            againProblem = Problem.own("PassphrasesDiffer").takeIf { short == null && typed != again },
        )
    }

    private companion object {
        /** The fewest signs of a passphrase. */
        const val SHORTEST = 12
    }
}

/** The two fields in which a passphrase is chosen. Enter in the second does [onDone]. */
@Composable
fun NewPassphraseFields(
    passphrase: NewPassphrase,
    onType: (NewPassphrase) -> Unit,
    label: String = LocalWords.current("passphrase"),
    hint: String? = null,
    enabled: Boolean = true,
    onDone: () -> Unit,
) {
    val words = LocalWords.current
    SecretField(
        label,
        passphrase.typed,
        { onType(passphrase.copy(typed = it, typedProblem = null)) },
        hint = hint,
        problem = passphrase.typedProblem?.let { words.explain(it) },
        enabled = enabled,
    )
    SecretField(
        words("create.again"),
        passphrase.again,
        { onType(passphrase.copy(again = it, againProblem = null)) },
        problem = passphrase.againProblem?.let { words.explain(it) },
        enabled = enabled,
        onDone = onDone,
    )
}
