package org.kist.wallet.restore

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.text.input.KeyboardType
import org.kist.RestoreReport
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.create.NewPassphrase
import org.kist.wallet.create.NewPassphraseFields
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Field
import org.kist.wallet.design.Icons
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Question
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.Working
import org.kist.wallet.home.HomeDestination
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.explain

/** A backup that comes back onto a new device. */
object RestoreDestination : Destination("restore", needsPerson = false) {
    @Composable
    override fun Content(stay: Stay) {
        val words = LocalWords.current
        val (wallet, ports) = stay.wallet to stay.ports
        val model = stay.model { scope ->
            RestoreModel(wallet.store, wallet.session, ports.files, ports.pictures, ports.suggestedRelay, scope) {
                stay.navigator.reset(HomeDestination.route())
            }
        }
        val state by model.state.collectAsState()
        RestoreScreen(
            state,
            RestoreActs(
                onBack = stay.wayBack,
                onPicture = { model.choosePicture(words("restore.picture.title")) },
                onTypeInstead = model::typeInstead,
                onCode = model::typeCode,
                onRelay = model::typeRelay,
                onType = model::type,
                onRestore = model::restore,
                onConfirm = model::confirm,
                onDecline = model::decline,
                onOpen = model::open,
            ),
        )
    }
}

/** What can be done on the screen of a restore. */
class RestoreActs(
    val onBack: (() -> Unit)? = null,
    val onPicture: () -> Unit = {},
    val onTypeInstead: () -> Unit = {},
    val onCode: (String) -> Unit = {},
    val onRelay: (String) -> Unit = {},
    val onType: (NewPassphrase) -> Unit = {},
    val onRestore: () -> Unit = {},
    val onConfirm: () -> Unit = {},
    val onDecline: () -> Unit = {},
    val onOpen: () -> Unit = {},
)

@Composable
fun RestoreScreen(state: RestoreState, acts: RestoreActs) {
    val words = LocalWords.current
    when (val work = state.work) {
        is Loadable.Loading -> Screen(words("restore.title")) {
            Working(words("restore.working"), progress = work.progress, onCancel = work.cancel)
        }
        is Loadable.Ready -> RestoredScreen(work.value, state, words, acts)
        else -> AskScreen(state, work as? Loadable.Failed, words, acts)
    }
    state.found?.let { found ->
        Question(
            words("restore.found.title"),
            words("restore.found.text", "device" to found.deviceName, "when" to words.moment(found.madeAt)),
            words("restore.found.yes"),
            acts.onConfirm,
            acts.onDecline,
            no = words("restore.found.no"),
        )
    }
}

@Composable
private fun AskScreen(state: RestoreState, failed: Loadable.Failed?, words: Words, acts: RestoreActs) = Screen(
    words("restore.title"),
    acts.onBack,
    acts = { PrimaryButton(words("restore.go"), acts.onRestore, Modifier.fillMaxWidth()) },
) {
    Text(words("restore.why"), style = MaterialTheme.typography.bodyLarge)
    (state.problem ?: failed?.problem)?.let { ProblemBanner(it, onRetry = acts.onRestore.takeIf { failed != null }) }
    if (state.scanned != null) {
        Banner(
            BannerKind.SUCCESS,
            words("restore.scanned"),
            acts = { PlainButton(words("restore.type_instead"), acts.onTypeInstead) },
        )
    } else {
        Kit(state, words, acts)
    }
    SectionHeading(words("restore.passphrase"))
    Text(words("restore.passphrase.why"), style = MaterialTheme.typography.bodyMedium)
    NewPassphraseFields(state.passphrase, acts.onType, onDone = acts.onRestore)
}

@Composable
private fun Kit(state: RestoreState, words: Words, acts: RestoreActs) {
    Field(
        words("create.kit.code"),
        state.code,
        acts.onCode,
        hint = words("restore.code.hint"),
        problem = state.codeProblem?.let { words.explain(it) },
        lines = 2,
    )
    Field(
        words("create.where.relay"),
        state.relay,
        acts.onRelay,
        hint = words("restore.relay.hint"),
        problem = state.relayProblem?.let { words.explain(it) },
        keyboard = KeyboardType.Uri,
    )
    SecondaryButton(words("restore.picture"), acts.onPicture, Modifier.fillMaxWidth(), Icons.Scan)
}

@Composable
private fun RestoredScreen(report: RestoreReport, state: RestoreState, words: Words, acts: RestoreActs) = Screen(
    words("restore.done.title"),
    acts = { PrimaryButton(words("restore.done.go"), acts.onOpen, Modifier.fillMaxWidth()) },
) {
    state.problem?.let { ProblemBanner(it) }
    Banner(
        BannerKind.SUCCESS,
        words("restore.done.records", "count" to report.records.toLong()),
        text = words("restore.done.from", "device" to report.deviceName, "when" to words.moment(report.madeAt)),
    )
    Text(words("restore.done.next"), style = MaterialTheme.typography.bodyLarge)
}
