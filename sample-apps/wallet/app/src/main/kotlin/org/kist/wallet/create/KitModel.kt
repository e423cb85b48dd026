package org.kist.wallet.create

import java.nio.file.Path
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch
import org.kist.BackupReport
import org.kist.Kist
import org.kist.Person
import org.kist.QrModules
import org.kist.RecoveryKit
import org.kist.wallet.language.Words
import org.kist.wallet.ports.FilePicker
import org.kist.wallet.ports.Printer
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Outcome
import org.kist.wallet.state.Problem
import org.kist.wallet.state.attempt
import org.kist.wallet.state.loadWork

/** Where the person is between a store and its first backup. */
sealed interface KitState {
    /** Looking how far it was. */
    data object Looking : KitState

    /** Asking for a relay to keep the backup. */
    data class Where(val relay: String = "", val working: Boolean = false, val problem: Problem? = null) : KitState

    /** Showing the kit. [saved] is where it was last saved. */
    class Shown(
        val groups: List<String>,
        val relay: String,
        val qr: QrModules,
        val saved: Path? = null,
        val problem: Problem? = null,
    ) : KitState {
        fun copy(saved: Path? = this.saved, problem: Problem? = null) = Shown(groups, relay, qr, saved, problem)
    }

    /** Checking that the person has it: they type group number [asked], counted from 1. */
    data class Check(val asked: Int, val of: Int, val typed: String = "", val problem: Problem? = null) : KitState

    /** Making the first backup. */
    data class FirstBackup(val report: Loadable<BackupReport>) : KitState

    /** There is a backup, whose kit was checked before. */
    data object Done : KitState
}

/**
 * From a store to its first backup: the relay, the kit, the check that the person has it, the backup. [onLeave] is called when
 * the person puts it off, and when all is done.
 */
class KitModel(
    private val person: Person,
    private val files: FilePicker,
    private val printer: Printer,
    suggestedRelay: String?,
    private val scope: CoroutineScope,
    private val onLeave: () -> Unit,
) {
    private val states = MutableStateFlow<KitState>(KitState.Looking)
    private val waiting = UncheckedKit(person)
    private var kit: RecoveryKit? = null
    private var backup: Job? = null
    val state: StateFlow<KitState> = states.asStateFlow()

    init {
        scope.launch {
            val outcome = attempt {
                waiting.find()?.let(::show) ?: run {
                    val status = person.backup.status()
                    states.value = if (status.relay == null) {
                        KitState.Where(suggestedRelay ?: person.relay().orEmpty())
                    } else {
                        KitState.Done
                    }
                }
            }
            if (outcome is Outcome.Failed) states.value = KitState.Where(problem = outcome.problem)
        }
    }

    fun typeRelay(relay: String) = change<KitState.Where> { it.copy(relay = relay, problem = null) }

    /** Makes the kit at the relay that was typed. */
    fun setUp() {
        val where = states.value as? KitState.Where ?: return
        if (where.working) return
        val relay = where.relay.trim()
        if (relay.isEmpty()) {
            states.value = where.copy(problem = Problem.own("RelayEmpty"))
            return
        }
        states.value = where.copy(working = true, problem = null)
        scope.launch {
            val outcome = attempt {
                person.setRelay(relay)
                person.backup.setUp(relay).also { waiting.keep(it) }
            }
            when (outcome) {
                is Outcome.Done -> show(outcome.value)
                is Outcome.Failed -> states.value = where.copy(working = false, problem = outcome.problem)
            }
        }
    }

    /** Saves the kit as a PDF where the person chooses, in their language. */
    fun save(words: Words) = onPaper { page ->
        files.save(words("create.kit.save.title"), words("create.kit.file"))?.also {
            printer.savePdf(page(words), it)
            files.saved(it)
        }
    }

    /** Prints the kit. */
    fun print(words: Words) = onPaper { page ->
        printer.print(page(words))
        null
    }

    /** The person says that they have it. */
    fun check() {
        val groups = groups()
        states.value = KitState.Check(asked = (1..groups.size).random(), of = groups.size)
    }

    /** Back from the check to the kit. */
    fun showAgain() {
        kit?.let(::show)
    }

    fun typeGroup(typed: String) = change<KitState.Check> { it.copy(typed = typed, problem = null) }

    /** Compares what was typed. Right, the kit is forgotten and the first backup begins. */
    fun compare() {
        val check = states.value as? KitState.Check ?: return
        if (plain(check.typed) != plain(groups()[check.asked - 1])) {
            states.value = check.copy(problem = Problem.own("KitGroupDiffers", "group" to check.asked))
            return
        }
        scope.launch {
            when (val outcome = attempt { waiting.forget() }) {
                is Outcome.Done -> firstBackup()
                is Outcome.Failed -> states.value = check.copy(problem = outcome.problem)
            }
        }
    }

    /** Ends here: the backup is put off, or done. */
    fun leave() {
        backup?.cancel()
        onLeave()
    }

    private fun firstBackup() {
        kit = null
        backup = scope.loadWork({ person.backup.run() }, cancelled = onLeave) { states.value = KitState.FirstBackup(it) }
    }

    private fun show(made: RecoveryKit) {
        kit = made
        states.value = KitState.Shown(groupsOf(made), made.relay, Kist.drawQr(made.uri))
    }

    private fun onPaper(act: suspend (page: (Words) -> org.kist.wallet.ports.PrintedPage) -> Path?) {
        val shown = states.value as? KitState.Shown ?: return
        scope.launch {
            states.value = when (val outcome = attempt { act { words -> kitPage(shown, words) } }) {
                is Outcome.Done -> shown.copy(saved = outcome.value ?: shown.saved)
                is Outcome.Failed -> shown.copy(problem = outcome.problem)
            }
        }
    }

    private fun groups() = groupsOf(checkNotNull(kit) { "the kit is there until it is checked" })

    private inline fun <reified S : KitState> change(by: (S) -> KitState) {
        (states.value as? S)?.let { states.value = by(it) }
    }
}

/** The groups of a code that are typed one by one. */
internal fun groupsOf(kit: RecoveryKit): List<String> = kit.code.split(Regex("[^0-9A-Za-z]+")).filter(String::isNotEmpty)

/** What was typed, without what people write differently: case, spaces, letters for the digits that they look like. */
private fun plain(typed: String): String =
    typed.uppercase().filter(Char::isLetterOrDigit).replace('O', '0').replace('I', '1').replace('L', '1')
