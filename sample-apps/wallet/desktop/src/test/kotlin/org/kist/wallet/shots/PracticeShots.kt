package org.kist.wallet.shots

import org.kist.wallet.practice.DeskScreen
import org.kist.wallet.practice.EndScreen
import org.kist.wallet.practice.IntroductionScreen
import org.kist.wallet.practice.PracticeBanner
import org.kist.wallet.receipt.ReceiptActs
import org.kist.wallet.receipt.ReceiptScreen
import org.kist.wallet.receipt.ReceiptState
import org.kist.wallet.request.Found
import org.kist.wallet.request.RequestActs
import org.kist.wallet.request.RequestScreen
import org.kist.wallet.request.RequestState
import org.kist.wallet.state.Loadable

val practiceShots = listOf(
    Shot("practice") { IntroductionScreen({}, {}) },
    Shot("practice-desk") { DeskScreen({}, {}) },
    Shot("practice-request", height = 1400) {
        RequestScreen(RequestState(Loadable.Ready(Found.Open(SampleRequests.asking))), RequestActs(), top = { PracticeBanner() })
    },
    Shot("practice-receipt", height = 1400) {
        ReceiptScreen(ReceiptState(Loadable.Ready(SampleRequests.agreed)), ReceiptActs(), top = { PracticeBanner() })
    },
    Shot("practice-end") { EndScreen({}, {}, {}) },
)
