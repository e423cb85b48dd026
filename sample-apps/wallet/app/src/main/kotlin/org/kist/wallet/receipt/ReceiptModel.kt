package org.kist.wallet.receipt

import java.nio.file.Files
import java.nio.file.Path
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.kist.ConsentState
import org.kist.wallet.language.Words
import org.kist.wallet.ports.FilePicker
import org.kist.wallet.ports.Printer
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Outcome
import org.kist.wallet.state.Problem
import org.kist.wallet.state.attempt
import org.kist.wallet.state.load
import org.kist.wallet.state.valueOrNull

/** A receipt on the screen. */
data class ReceiptState(
    val agreed: Loadable<Agreed> = Loadable.Loading(),
    /** The relay is asked for what the organisation sent. */
    val fetching: Boolean = false,
    /** Records that came since this screen was opened. */
    val arrived: List<String> = emptyList(),
    /** Whether the signatures were looked at: null before; a failure says which. */
    val verified: Loadable<Unit>? = null,
    /** Where a page or a proof was last saved. */
    val saved: Path? = null,
    /** What didn't work; what is on the device is shown all the same. */
    val problem: Problem? = null,
)

/** Shows what was agreed, verifies it, and puts it on paper. [files] and [printer] are null where nothing is taken out. */
class ReceiptModel(
    private val id: String,
    private val desk: ReceiptDesk,
    private val files: FilePicker?,
    private val printer: Printer?,
    private val scope: CoroutineScope,
) {
    private val states = MutableStateFlow(ReceiptState())
    private var fetched = false
    val state: StateFlow<ReceiptState> = states.asStateFlow()

    init {
        look()
    }

    /** Looks at what was agreed; a receipt that hasn't come is asked for once by itself. */
    fun look() {
        scope.load({ found ->
            // What is there stays in sight while it is looked at again.
            if (found !is Loadable.Loading || states.value.agreed !is Loadable.Ready) states.update { it.copy(agreed = found) }
            val waits = found.valueOrNull?.state in setOf(ConsentState.AWAITING_SEND, ConsentState.AWAITING_RECEIPT)
            if (waits && !fetched) fetch()
        }) { desk.agreed(id) }
    }

    /** Fetches what the organisation sent. */
    fun fetch() {
        if (states.value.fetching) return
        fetched = true
        states.update { it.copy(fetching = true, problem = null) }
        scope.launch {
            val outcome = attempt { desk.fetch(id) }
            val came = (outcome as? Outcome.Done)?.value.orEmpty()
            states.update {
                it.copy(fetching = false, arrived = it.arrived + came, problem = (outcome as? Outcome.Failed)?.problem)
            }
            look()
        }
    }

    /** Verifies every signature. */
    fun verify() {
        scope.load({ found -> states.update { it.copy(verified = found) } }) { desk.verify(id) }
    }

    /** Saves the receipt as a page of the web, in the person's language. */
    fun savePage(words: Words) = save { agreed ->
        val page = desk.page(id, words.language.locale)
        files?.save(words("receipt.save.page.title"), words("receipt.file.page", "organisation" to agreed.organisation))
            ?.also { to -> withContext(Dispatchers.IO) { Files.writeString(to, page) } }
    }

    /** Saves what was agreed as a PDF in plain words. */
    fun savePdf(words: Words) = save { agreed ->
        files?.save(words("receipt.save.pdf.title"), words("receipt.file.pdf", "organisation" to agreed.organisation))
            ?.also { to -> printer?.savePdf(receiptPage(agreed, words), to) }
    }

    /** Saves the proof, which anyone can verify. */
    fun saveProof(words: Words) = save { agreed ->
        val proof = desk.proof(id)
        files?.save(words("receipt.save.proof.title"), words("receipt.file.proof", "organisation" to agreed.organisation))
            ?.also { to -> withContext(Dispatchers.IO) { Files.write(to, proof) } }
    }

    private fun save(write: suspend (Agreed) -> Path?) {
        val agreed = states.value.agreed.valueOrNull ?: return
        scope.launch {
            when (val outcome = attempt { write(agreed)?.also { files?.saved(it) } }) {
                is Outcome.Done -> states.update { it.copy(saved = outcome.value ?: it.saved, problem = null) }
                is Outcome.Failed -> states.update { it.copy(problem = outcome.problem) }
            }
        }
    }
}
