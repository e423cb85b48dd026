package org.kist.wallet.restore

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.kist.Freshness
import org.kist.Kist
import org.kist.Parameter
import org.kist.PersonStore
import org.kist.RecoveryInput
import org.kist.RestoreReport
import org.kist.wallet.app.Session
import org.kist.wallet.create.NewPassphrase
import org.kist.wallet.ports.FilePicker
import org.kist.wallet.ports.Luma
import org.kist.wallet.ports.Pictures
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Outcome
import org.kist.wallet.state.Problem
import org.kist.wallet.state.attempt
import org.kist.wallet.state.loadWork

/** The backup that the relay shows, which only the person can know to be their newest. */
data class FoundBackup(val deviceName: String, val madeAt: Long, val sequence: Long)

/** What the screen of a restore shows. */
data class RestoreState(
    val code: String = "",
    val relay: String = "",
    /** What a picture of the kit said, with the code and the relay in it; then neither is typed. */
    val scanned: String? = null,
    val passphrase: NewPassphrase = NewPassphrase(),
    val codeProblem: Problem? = null,
    val relayProblem: Problem? = null,
    /** What went wrong with the picture, or with opening what was restored. */
    val problem: Problem? = null,
    /** The person is asked whether this is their newest backup. */
    val found: FoundBackup? = null,
    /** The restore, from when it was begun. */
    val work: Loadable<RestoreReport>? = null,
)

/** Brings a backup back onto a device without a store: the kit, a passphrase for this device, a look at what is found. */
class RestoreModel(
    private val store: PersonStore,
    private val session: Session,
    private val files: FilePicker,
    private val pictures: Pictures,
    suggestedRelay: String?,
    private val scope: CoroutineScope,
    private val onOpened: () -> Unit,
) {
    private val states = MutableStateFlow(RestoreState(relay = suggestedRelay.orEmpty()))
    private var work: Job? = null
    val state: StateFlow<RestoreState> = states.asStateFlow()

    fun typeCode(code: String) = states.update { it.copy(code = code, codeProblem = null) }

    fun typeRelay(relay: String) = states.update { it.copy(relay = relay, relayProblem = null) }

    fun type(passphrase: NewPassphrase) = states.update { it.copy(passphrase = passphrase) }

    /** Reads the kit's picture in a file that the person chooses. */
    fun choosePicture(title: String) {
        states.update { it.copy(problem = null) }
        scope.launch {
            val outcome = attempt { files.open(title, listOf("png", "jpg", "jpeg"))?.let { file -> kitIn(pictures.luma(file)) } }
            when (outcome) {
                is Outcome.Failed -> states.update { it.copy(problem = outcome.problem) }
                is Outcome.Done -> outcome.value?.let { kit -> states.update { it.copy(scanned = kit, codeProblem = null) } }
            }
        }
    }

    /** Forgets the picture, to type instead. */
    fun typeInstead() = states.update { it.copy(scanned = null) }

    /** Begins. A new device can't know which backup is the newest: it stops there, and the person is asked. */
    fun restore() {
        if (isFit()) run(Freshness.Unknown)
    }

    /** The person knows the backup that was found. */
    fun confirm() {
        val found = states.value.found ?: return
        states.update { it.copy(found = null) }
        run(Freshness.Confirmed(found.sequence))
    }

    /** The person doesn't know it: nothing is restored. */
    fun decline() = states.update { it.copy(found = null) }

    /** Opens what was restored. */
    fun open() {
        scope.launch {
            val outcome = attempt {
                session.look()
                session.open(states.value.passphrase.typed)
            }
            when (outcome) {
                is Outcome.Done -> onOpened()
                is Outcome.Failed -> states.update { it.copy(problem = outcome.problem) }
            }
        }
    }

    private fun run(freshness: Freshness) {
        val now = states.value
        val input = now.scanned?.let { RecoveryInput(it) } ?: RecoveryInput(now.code.trim(), now.relay.trim())
        work?.cancel()
        work = scope.loadWork(
            { store.restore(input, now.passphrase.typed, freshness) },
            cancelled = { states.update { it.copy(work = null) } },
            into = ::tell,
        )
    }

    private fun tell(found: Loadable<RestoreReport>) {
        val unproven = (found as? Loadable.Failed)?.problem?.takeIf { it.code == "FreshnessUnproven" }
        states.update { if (unproven == null) it.copy(work = found) else it.copy(work = null, found = backup(unproven)) }
    }

    private fun isFit(): Boolean {
        val now = states.value
        val mistyped = if (now.scanned == null) mistyped(now.code) else null
        val nowhere = Problem.own("RelayEmpty").takeIf { now.scanned == null && now.relay.isBlank() }
        val passphrase = now.passphrase.checked()
        states.update { it.copy(codeProblem = mistyped, relayProblem = nowhere, passphrase = passphrase, problem = null) }
        return mistyped == null && nowhere == null && passphrase.isFit
    }

    private fun mistyped(code: String): Problem? =
        runCatching { Kist.checkRecoveryCode(code.trim()) }.exceptionOrNull()?.let(Problem::of)

    /** The kit in a picture; tells when there is none in it. */
    private suspend fun kitIn(luma: Luma?): String? {
        val texts = if (luma == null) emptyList() else withContext(Dispatchers.Default) { Kist.readQr(luma.bytes, luma.width, luma.height) }
        val kit = texts.firstOrNull { it.startsWith(KIT) }
        if (kit == null) states.update { it.copy(problem = Problem.own("NoKitInPicture")) }
        return kit
    }

    private fun backup(problem: Problem) = FoundBackup(
        deviceName = (problem.parameters["device_name"] as? Parameter.Word)?.word.orEmpty(),
        madeAt = (problem.parameters["made_at"] as? Parameter.Number)?.number ?: 0,
        sequence = (problem.parameters["sequence"] as? Parameter.Number)?.number ?: 0,
    )

    private companion object {
        /** What the text of a kit's picture begins with. */
        const val KIT = "kist-recovery:"
    }
}
