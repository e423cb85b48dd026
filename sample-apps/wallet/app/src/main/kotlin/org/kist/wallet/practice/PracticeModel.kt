package org.kist.wallet.practice

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.kist.wallet.receipt.ReceiptModel
import org.kist.wallet.request.RequestModel

/** How far the practice is. */
enum class PracticeStep { INTRODUCTION, DESK, REQUEST, RECEIPT, END }

/** The practice on the screen. */
data class PracticeState(
    val step: PracticeStep = PracticeStep.INTRODUCTION,
    /** The person is asked whether they mean to take it back. */
    val withdrawing: Boolean = false,
)

/** Practises a consent from the code on a desk to its withdrawal. It is given nothing of the person's. */
class PracticeModel(private val scope: CoroutineScope) {
    private val states = MutableStateFlow(PracticeState())
    private var clinic = PracticeClinic()
    val state: StateFlow<PracticeState> = states.asStateFlow()

    /** The request's own model, over the make-believe clinic. */
    var request = requestOf(clinic)
        private set

    /** The receipt's own model, likewise, from when something was shared. */
    var receipt: ReceiptModel? = null
        private set

    fun go(step: PracticeStep) = states.update { it.copy(step = step) }

    /** Shows the receipt of what was shared. */
    fun showReceipt() {
        receipt = ReceiptModel(PracticeClinic.REQUEST, clinic, files = null, printer = null, scope)
        go(PracticeStep.RECEIPT)
    }

    /** Asks whether the person means to take it back; false takes the question back. */
    fun askToWithdraw(asked: Boolean) = states.update { it.copy(withdrawing = asked) }

    fun withdraw() {
        clinic.withdraw()
        askToWithdraw(false)
        receipt?.look()
    }

    /** Begins anew. */
    fun again() {
        clinic = PracticeClinic()
        request = requestOf(clinic)
        receipt = null
        go(PracticeStep.DESK)
    }

    private fun requestOf(clinic: PracticeClinic) =
        RequestModel(PracticeClinic.REQUEST, clinic, scope, onLeave = { go(PracticeStep.END) })
}
