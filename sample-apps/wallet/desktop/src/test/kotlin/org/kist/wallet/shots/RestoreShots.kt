package org.kist.wallet.shots

import org.kist.RestoreReport
import org.kist.wallet.restore.DamagedScreen
import org.kist.wallet.restore.FoundBackup
import org.kist.wallet.restore.RestoreActs
import org.kist.wallet.restore.RestoreScreen
import org.kist.wallet.restore.RestoreState
import org.kist.wallet.state.Doing
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem
import org.kist.wallet.state.Progress

private const val CODE = "KX4MT-9W2QP-H7RBN-T3CVY-6FJWK-M8DXZ-4GQPA"
private val typed = RestoreState(code = CODE, relay = "https://relay.example")

private fun restore(name: String, state: RestoreState) = Shot(name, height = 1060) { RestoreScreen(state, RestoreActs({})) }

val restoreShots = listOf(
    restore("restore", RestoreState(relay = "https://relay.example")),
    restore("restore-scanned", RestoreState(scanned = "kit")),
    restore("restore-mistyped", typed.copy(code = "KX4MT", codeProblem = Problem("RecoveryCodeMistyped"))),
    restore("restore-working", typed.copy(work = Loadable.Loading(Progress(3, 10)) {})),
    restore("restore-offline", typed.copy(work = Loadable.Failed(Problem("Unreachable", retry = true, offline = true)) {})),
    restore("restore-found", typed.copy(found = FoundBackup("Alice's phone", Samples.NOW - 86_400, 12))),
    Shot("restore-damaged") { DamagedScreen(Doing(), {}, {}) },
    Shot("restore-damaged-fails") { DamagedScreen(Doing(problem = Problem("FileUnreadable", retry = true), again = {}), {}, {}) },
    restore("restore-done", typed.copy(work = Loadable.Ready(RestoreReport(12u, Samples.NOW - 86_400, "Alice's phone", 148u, 9_000u)))),
)
