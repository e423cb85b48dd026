package org.kist.wallet.shots

import java.nio.file.Path
import org.kist.ConsentState
import org.kist.wallet.receipt.Agreed
import org.kist.wallet.receipt.ReceiptActs
import org.kist.wallet.receipt.ReceiptScreen
import org.kist.wallet.receipt.ReceiptState
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem

private val acts = ReceiptActs({}, {}, {}, {}, {}, {}, {}, { {} }, {})

private fun shot(name: String, state: ReceiptState, height: Int = Shot.PHONE_HEIGHT) = Shot(name, height = height) {
    ReceiptScreen(state, acts)
}

private fun of(agreed: Agreed) = ReceiptState(Loadable.Ready(agreed))

private val whole = shot("receipt", of(SampleRequests.agreed), height = 1900)

private val waiting = SampleRequests.agreed.copy(state = ConsentState.AWAITING_RECEIPT, countersigned = false)

private val offline = Problem("Unreachable", retry = true, offline = true)

val receiptShots = listOf(
    whole,
    whole.enlarged(height = 3900),
    whole.rightToLeft(),
    whole.tablet(height = 1800),
    shot("receipt-waiting", of(waiting)),
    shot("receipt-not-sent", of(waiting.copy(state = ConsentState.AWAITING_SEND)).copy(problem = offline)),
    shot("receipt-arrived", of(SampleRequests.agreed).copy(arrived = listOf("1"))),
    shot("receipt-withdrawn", of(SampleRequests.agreed.copy(state = ConsentState.WITHDRAWAL_ACKNOWLEDGED))),
    shot(
        "receipt-verified",
        of(SampleRequests.agreed).copy(verified = Loadable.Ready(Unit), saved = Path.of("Receipt Riverside Clinic.pdf")),
        height = 1900,
    ),
    shot("receipt-loading", ReceiptState()),
    shot("receipt-error", ReceiptState(Loadable.Failed(Problem("Storage", retry = true)) {})),
)
