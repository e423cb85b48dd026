package org.kist.wallet.request

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import org.kist.SessionCode
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.Working
import org.kist.wallet.language.LocalWords

/** It was answered: sent, or waiting to be. */
@Composable
internal fun SharedScreen(shared: Found.Answered, state: RequestState, acts: RequestActs, top: @Composable () -> Unit) {
    val words = LocalWords.current
    val consent = shared.consent
    val receipt = acts.onReceipt
    Screen(
        words(if (shared.waiting) "request.shared.not_sent" else "request.shared.title"),
        acts.onDone,
        acts = {
            if (consent != null && receipt != null) {
                val look = words(if (shared.countersigned) "request.shared.receipt" else "request.shared.agreed")
                SecondaryButton(look, { receipt(consent) }, Modifier.fillMaxWidth())
            }
            PrimaryButton(words("request.done"), acts.onDone, Modifier.fillMaxWidth())
        },
    ) {
        top()
        if (shared.waiting) {
            Waiting(shared, state, acts)
        } else {
            Banner(BannerKind.SUCCESS, words("request.shared", "organisation" to shared.organisation))
        }
        state.problem?.takeUnless { it.offline && shared.waiting }?.let { ProblemBanner(it) }
        shared.session?.let { Session(it, acts) }
        if (state.choosing.remember != Remember.NO) {
            val where = words("request.remember.done.text", "rules" to words("rules.title"))
            Banner(BannerKind.INFO, words("request.remember.done"), text = where)
        }
        Text(
            words(if (consent == null) "request.shared.once" else "request.shared.next"),
            style = MaterialTheme.typography.bodyLarge,
        )
    }
}

/** Decided, and the relay can't be reached: what happens next, and what can be done now. */
@Composable
private fun Waiting(shared: Found.Answered, state: RequestState, acts: RequestActs) {
    val words = LocalWords.current
    Banner(
        BannerKind.OFFLINE,
        words("request.shared.waiting"),
        text = words("request.shared.waiting.text", "organisation" to shared.organisation),
        acts = if (state.sending) null else ({ PlainButton(words("request.shared.waiting.now"), acts.onSendNow) }),
    )
    if (state.sending) Working(words("request.sending", "organisation" to shared.organisation), onCancel = acts.onCancel)
}

/** What is to be brought to the session that the person began. */
@Composable
private fun Session(code: SessionCode, acts: RequestActs) {
    val words = LocalWords.current
    Card {
        when (code) {
            is SessionCode.Type -> {
                Text(words("request.code.type"), style = MaterialTheme.typography.bodyLarge)
                // Read digit by digit, as it is typed.
                val spelt = code.digits.toList().joinToString(" ")
                Text(
                    code.digits.chunked(3).joinToString(" "),
                    Modifier.semantics { contentDescription = spelt },
                    style = MaterialTheme.typography.displayLarge,
                )
            }
            is SessionCode.Open -> {
                Text(words("request.code.open"), style = MaterialTheme.typography.bodyLarge)
                PrimaryButton(words("request.code.open.go"), { acts.onOpenPage(code.uri) }, Modifier.fillMaxWidth())
            }
        }
        Text(words("request.code.nobody"), style = MaterialTheme.typography.titleSmall)
    }
}

/** The person said no. */
@Composable
internal fun RefusedScreen(refused: Found.Refused, acts: RequestActs, top: @Composable () -> Unit) {
    val words = LocalWords.current
    Screen(words("request.refused.title"), acts.onDone, acts = {
        PrimaryButton(words("request.done"), acts.onDone, Modifier.fillMaxWidth())
    }) {
        top()
        Banner(BannerKind.SUCCESS, words("request.refused", "organisation" to refused.organisation))
        Text(words("request.refused.text"), style = MaterialTheme.typography.bodyLarge)
        if (refused.supervisorUri.isNotEmpty()) {
            Text(
                words("request.refused.tell", "supervisor" to refused.supervisor, "organisation" to refused.organisation),
                style = MaterialTheme.typography.bodyLarge,
            )
            PlainButton(
                words("request.who.supervisor.open", "supervisor" to refused.supervisor),
                { acts.onOpenPage(refused.supervisorUri) },
            )
            acts.onReport?.let { SecondaryButton(words("request.report"), it) }
        }
    }
}

/** It is over, and nothing was decided. */
@Composable
internal fun GoneScreen(acts: RequestActs, top: @Composable () -> Unit) {
    val words = LocalWords.current
    Screen(words("request.gone.title"), acts.onDone, acts = {
        PrimaryButton(words("request.done"), acts.onDone, Modifier.fillMaxWidth())
    }) {
        top()
        Banner(BannerKind.INFO, words("request.gone"), text = words("request.gone.text"))
    }
}
