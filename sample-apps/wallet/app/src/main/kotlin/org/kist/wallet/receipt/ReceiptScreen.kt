package org.kist.wallet.receipt

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import org.kist.ConsentState
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.consents.allowed
import org.kist.wallet.consents.isConsent
import org.kist.wallet.consents.stands
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.Icons
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.LocalTone
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.Working
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.chosen
import org.kist.wallet.request.Kept
import org.kist.wallet.request.KeptThing
import org.kist.wallet.request.MayDo
import org.kist.wallet.request.Named
import org.kist.wallet.request.Note
import org.kist.wallet.state.Loadable

/** What was agreed in plain words, and the proof of it. `receipt/CONSENT`. */
object ReceiptDestination : Destination("receipt") {
    @Composable
    override fun Content(stay: Stay) {
        val id = stay.route.id
        val model = stay.model { scope -> ReceiptModel(id, StoreReceipts(stay.person), stay.ports.files, stay.ports.printer, scope) }
        val state by model.state.collectAsState()
        val words = LocalWords.current
        ReceiptScreen(
            state,
            ReceiptActs(
                onBack = stay::leave,
                onFetch = model::fetch,
                onVerify = model::verify,
                onSavePdf = { model.savePdf(words) },
                onSavePage = { model.savePage(words) },
                onSaveProof = { model.saveProof(words) },
                onOpenPage = stay.ports.links::open,
                onRecord = { stay.wayTo("record", it) },
                onConsent = stay.wayTo("consent", id),
            ),
        )
    }
}

/** What a person does with a receipt. What is null isn't to be had here, and isn't offered. */
class ReceiptActs(
    val onBack: () -> Unit = {},
    val onFetch: (() -> Unit)? = null,
    val onVerify: (() -> Unit)? = null,
    val onSavePdf: (() -> Unit)? = null,
    val onSavePage: (() -> Unit)? = null,
    val onSaveProof: (() -> Unit)? = null,
    val onOpenPage: (String) -> Unit = {},
    val onRecord: (String) -> (() -> Unit)? = { null },
    /** Where it is changed or withdrawn. */
    val onConsent: (() -> Unit)? = null,
)

@Composable
fun ReceiptScreen(state: ReceiptState, acts: ReceiptActs, top: @Composable () -> Unit = {}) {
    val words = LocalWords.current
    Screen(
        words("receipt.title"),
        acts.onBack,
        acts = { PrimaryButton(words("request.done"), acts.onBack, Modifier.fillMaxWidth()) },
    ) {
        top()
        Loaded(state.agreed) { agreed ->
            Standing(agreed, state, acts)
            state.problem?.let { ProblemBanner(it, onRetry = acts.onFetch) }
            Arrived(agreed, state, acts)
            What(agreed, acts)
            Signed(agreed, state, acts)
            Paper(agreed, state, acts)
            acts.onConsent?.takeIf { agreed.state.stands }?.let {
                SectionHeading(words("receipt.change"))
                val byConsent = isConsent(agreed.legalBasis)
                Text(words(if (byConsent) "receipt.change.text" else "request.take_back.law"), style = MaterialTheme.typography.bodyLarge)
                SecondaryButton(words("receipt.change.go"), it, Modifier.fillMaxWidth(), Icons.Consents)
            }
        }
    }
}

/** With whom, since when, and how it stands. */
@Composable
private fun Standing(agreed: Agreed, state: ReceiptState, acts: ReceiptActs) {
    val words = LocalWords.current
    Text(
        words("receipt.agreed_on", "organisation" to agreed.organisation, "when" to words.moment(agreed.agreedAt)),
        style = MaterialTheme.typography.titleMedium,
    )
    val waits = agreed.state == ConsentState.AWAITING_SEND || agreed.state == ConsentState.AWAITING_RECEIPT
    val kind = when (agreed.state) {
        ConsentState.AWAITING_SEND -> BannerKind.OFFLINE
        ConsentState.IN_FORCE -> BannerKind.SUCCESS
        else -> BannerKind.INFO
    }
    Banner(
        kind,
        words.standing(agreed),
        acts = acts.onFetch?.takeIf { !state.fetching && state.problem == null }?.let { fetch ->
            { PlainButton(words(if (waits) "receipt.fetch" else "receipt.fetch.more"), fetch) }
        },
    )
    if (state.fetching) Working(words("receipt.fetching"))
}

/** What the organisation has delivered since. */
@Composable
private fun Arrived(agreed: Agreed, state: ReceiptState, acts: ReceiptActs) {
    val words = LocalWords.current
    state.arrived.forEach { record ->
        Banner(
            BannerKind.SUCCESS,
            words("receipt.arrived", "organisation" to agreed.organisation),
            acts = acts.onRecord(record)?.let { { PlainButton(words("receipt.arrived.look"), it) } },
        )
    }
}

@Composable
private fun What(agreed: Agreed, acts: ReceiptActs) {
    val words = LocalWords.current
    SectionHeading(words("receipt.why"))
    Card {
        Text(words.chosen(agreed.purpose), style = MaterialTheme.typography.bodyLarge)
        Note(Icons.Info, words.basis(agreed))
    }
    val stands = agreed.state.stands
    SectionHeading(words(if (stands) "receipt.gave" else "receipt.had"))
    Card { words.given(agreed).forEach { (kind, fields) -> Named(kind, fields) } }
    SectionHeading(words(if (stands) "receipt.may" else "receipt.might"))
    Card {
        if (stands) {
            MayDo(agreed.rights, agreed.isOnce)
            Note(Icons.Clock, words.until(agreed))
            Kept(agreed.retention, agreed.keptAfterWithdrawal.map { KeptThing(it) })
        } else {
            Note(Icons.Eye, words.list(words.allowed(agreed.rights, agreed.isOnce)))
            Note(Icons.History, words.keptAfter(agreed))
        }
        if (agreed.privacyNotice.isNotEmpty()) {
            PlainButton(words("receipt.privacy"), { acts.onOpenPage(agreed.privacyNotice) })
        }
    }
}

/** Who has signed, and whether the signatures are right. */
@Composable
private fun Signed(agreed: Agreed, state: ReceiptState, acts: ReceiptActs) {
    val words = LocalWords.current
    SectionHeading(words("receipt.signed"))
    Card {
        Note(Icons.Check, words("receipt.signed.you"))
        if (agreed.countersigned) {
            Note(Icons.Check, words("receipt.signed.them", "organisation" to agreed.organisation))
        } else {
            Note(Icons.Clock, words("receipt.signed.not_yet", "organisation" to agreed.organisation))
        }
        when (val verified = state.verified) {
            null -> acts.onVerify?.let { PlainButton(words("receipt.verify"), it, icon = Icons.Shield) }
            is Loadable.Loading -> Working(words("receipt.verifying"))
            is Loadable.Ready -> Banner(BannerKind.SUCCESS, words("receipt.verified"), text = words("receipt.verified.text"))
            is Loadable.Failed -> ProblemBanner(verified.problem, onRetry = verified.retry)
        }
        Text(words("receipt.number", "number" to agreed.id), style = MaterialTheme.typography.bodySmall, color = LocalTone.current.quiet)
    }
}

/** To keep outside of the app. */
@Composable
private fun Paper(agreed: Agreed, state: ReceiptState, acts: ReceiptActs) {
    val words = LocalWords.current
    if (acts.onSavePdf == null && acts.onSavePage == null) return
    SectionHeading(words("receipt.keep"))
    Card {
        acts.onSavePdf?.let { PlainButton(words("receipt.save.pdf"), it, icon = Icons.Print) }
        if (agreed.countersigned) acts.onSavePage?.let { PlainButton(words("receipt.save.page"), it, icon = Icons.File) }
        acts.onSaveProof?.let { PlainButton(words("receipt.save.proof"), it, icon = Icons.Save) }
        state.saved?.let { Banner(BannerKind.SUCCESS, words("receipt.saved", "file" to it.fileName.toString())) }
    }
}
