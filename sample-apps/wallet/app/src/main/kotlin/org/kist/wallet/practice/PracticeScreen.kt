package org.kist.wallet.practice

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.remember
import androidx.compose.ui.Modifier
import org.kist.ConsentState
import org.kist.Kist
import org.kist.wallet.app.Destination
import org.kist.wallet.app.SessionState
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Icons
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.QrCode
import org.kist.wallet.design.Question
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.language.LocalWords
import org.kist.wallet.receipt.ReceiptActs
import org.kist.wallet.receipt.ReceiptScreen
import org.kist.wallet.request.RequestActs
import org.kist.wallet.request.RequestModel
import org.kist.wallet.request.RequestScreen
import org.kist.wallet.state.valueOrNull

/** A consent to practise with, before there is a store and after. */
object PracticeDestination : Destination("practice", needsPerson = false) {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> PracticeModel(scope) }
        val session by stay.wallet.session.state.collectAsState()
        Practice(model, stay::leave, stay.wayTo("create").takeIf { session is SessionState.Nothing })
    }
}

/** The whole practice; [onCreate] is null for a person who has a store. */
@Composable
fun Practice(model: PracticeModel, onLeave: () -> Unit, onCreate: (() -> Unit)?) {
    val state by model.state.collectAsState()
    when (state.step) {
        PracticeStep.INTRODUCTION -> IntroductionScreen({ model.go(PracticeStep.DESK) }, onLeave)
        PracticeStep.DESK -> DeskScreen({ model.go(PracticeStep.REQUEST) }, onLeave)
        PracticeStep.REQUEST -> PracticeRequest(model.request, model)
        PracticeStep.RECEIPT -> PracticeReceipt(model, state)
        PracticeStep.END -> EndScreen(model::again, onLeave, onCreate)
    }
}

@Composable
private fun PracticeRequest(request: RequestModel, model: PracticeModel) {
    LaunchedEffect(request) { request.look() }
    val state by request.state.collectAsState()
    val language = LocalWords.current.language.tag
    RequestScreen(
        state,
        RequestActs(
            onTick = request.choices::tick,
            onShare = { request.share(language) },
            onAskToRefuse = request::askToRefuse,
            onRefuse = request::refuse,
            onNotNow = request::notNow,
            onReceipt = { model.showReceipt() },
            onDone = { model.go(PracticeStep.END) },
        ),
        top = { PracticeBanner() },
    )
}

@Composable
private fun PracticeReceipt(model: PracticeModel, state: PracticeState) {
    val words = LocalWords.current
    val receipt = checkNotNull(model.receipt)
    val shown by receipt.state.collectAsState()
    val stands = shown.agreed.valueOrNull?.state == ConsentState.IN_FORCE
    ReceiptScreen(
        shown,
        ReceiptActs(
            onBack = { model.go(PracticeStep.END) },
            onConsent = { model.askToWithdraw(true) }.takeIf { stands },
        ),
        top = { PracticeBanner() },
    )
    if (state.withdrawing) {
        Question(
            words("practice.withdraw.title"),
            words("practice.withdraw.text"),
            words("practice.withdraw.yes"),
            model::withdraw,
            { model.askToWithdraw(false) },
        )
    }
}

/** Stands above every screen of the practice. */
@Composable
fun PracticeBanner() {
    val words = LocalWords.current
    Banner(BannerKind.INFO, words("practice.banner"), text = words("practice.banner.text"))
}

@Composable
fun IntroductionScreen(onStart: () -> Unit, onLeave: () -> Unit) {
    val words = LocalWords.current
    Screen(words("practice.title"), onLeave, acts = {
        PrimaryButton(words("practice.start"), onStart, Modifier.fillMaxWidth(), Icons.Practice)
    }) {
        PracticeBanner()
        Text(words("practice.what"), style = MaterialTheme.typography.bodyLarge)
        Text(words("practice.who"), style = MaterialTheme.typography.bodyLarge)
        Text(words("practice.how"), style = MaterialTheme.typography.bodyLarge)
    }
}

/** The desk of the make-believe clinic, with its code. The code says nothing, and a camera isn't needed. */
@Composable
fun DeskScreen(onScan: () -> Unit, onLeave: () -> Unit) {
    val words = LocalWords.current
    val code = remember { Kist.drawQr(PracticeClinic.REQUEST) }
    Screen(words("practice.desk.title"), onLeave, acts = {
        PrimaryButton(words("practice.desk.scan"), onScan, Modifier.fillMaxWidth(), Icons.Scan)
    }) {
        PracticeBanner()
        Text(words("practice.desk.text"), style = MaterialTheme.typography.bodyLarge)
        QrCode(code, words("practice.desk.code"))
    }
}

@Composable
fun EndScreen(onAgain: () -> Unit, onLeave: () -> Unit, onCreate: (() -> Unit)?) {
    val words = LocalWords.current
    Screen(words("practice.end.title"), onLeave, acts = {
        if (onCreate != null) PrimaryButton(words("practice.end.create"), onCreate, Modifier.fillMaxWidth())
        SecondaryButton(words("practice.end.again"), onAgain, Modifier.fillMaxWidth(), Icons.Practice)
        SecondaryButton(words("request.done"), onLeave, Modifier.fillMaxWidth())
    }) {
        Banner(BannerKind.SUCCESS, words("practice.end.nothing"))
        Text(words("practice.end.text"), style = MaterialTheme.typography.bodyLarge)
    }
}
