package org.kist.wallet.shots

import java.time.Clock
import java.time.Instant
import java.time.ZoneOffset
import kotlinx.coroutines.runBlocking
import org.kist.wallet.practice.DeskScreen
import org.kist.wallet.practice.EndScreen
import org.kist.wallet.practice.IntroductionScreen
import org.kist.wallet.practice.PracticeBanner
import org.kist.wallet.practice.PracticeClinic
import org.kist.wallet.receipt.ReceiptActs
import org.kist.wallet.receipt.ReceiptScreen
import org.kist.wallet.receipt.ReceiptState
import org.kist.wallet.request.Choosing
import org.kist.wallet.request.Found
import org.kist.wallet.request.Remember
import org.kist.wallet.request.RequestActs
import org.kist.wallet.request.RequestScreen
import org.kist.wallet.request.RequestState
import org.kist.wallet.request.decision
import org.kist.wallet.state.Loadable

private val clinic = PracticeClinic(Clock.fixed(Instant.ofEpochSecond(Samples.NOW), ZoneOffset.UTC))
private val found = runBlocking { clinic.find(PracticeClinic.REQUEST) }
private val agreed = runBlocking {
    clinic.answer(PracticeClinic.REQUEST, (found as Found.Open).asking.decision(Choosing()), "en", Remember.NO)
    clinic.agreed(PracticeClinic.REQUEST)
}

val practiceShots = listOf(
    Shot("practice") { IntroductionScreen({}, {}) },
    Shot("practice-desk") { DeskScreen({}, {}) },
    Shot("practice-request", height = 1900) {
        RequestScreen(RequestState(Loadable.Ready(found)), RequestActs(), top = { PracticeBanner() })
    },
    Shot("practice-receipt", height = 1400) {
        ReceiptScreen(ReceiptState(Loadable.Ready(agreed)), ReceiptActs(onConsent = {}), top = { PracticeBanner() })
    },
    Shot("practice-end") { EndScreen({}, {}, {}) },
)
