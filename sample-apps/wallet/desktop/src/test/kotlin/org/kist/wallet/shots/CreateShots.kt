package org.kist.wallet.shots

import org.kist.BackupReport
import org.kist.QrModules
import org.kist.wallet.create.CheckScreen
import org.kist.wallet.create.CreateScreen
import org.kist.wallet.create.CreateState
import org.kist.wallet.create.FirstBackupScreen
import org.kist.wallet.create.KitScreen
import org.kist.wallet.create.KitState
import org.kist.wallet.create.NewPassphrase
import org.kist.wallet.create.WhereScreen
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem
import org.kist.wallet.state.Progress

private const val RELAY = "https://relay.example"

/** A pattern in a QR's place: a real one would be somebody's code. */
private val pattern = QrModules(29u, ByteArray(29 * 29) { if ((it / 29 * 7 + it % 29 * 3) % 5 < 2) 1 else 0 })

private val kit = KitState.Shown(listOf("KX4MT", "9W2QP", "H7RBN", "T3CVY", "6FJWK", "M8DXZ", "4GQPA"), RELAY, pattern)

val createShots = listOf(
    Shot("create") { CreateScreen(CreateState(deviceOffered = true), {}, {}, {}, {}) },
    Shot("create-short") {
        CreateScreen(CreateState(NewPassphrase("harbour").checked()), {}, {}, {}, {})
    },
    Shot("create-backup") { WhereScreen(KitState.Where(RELAY), {}, {}, {}) },
    Shot("create-backup-offline") {
        WhereScreen(KitState.Where(RELAY, problem = Problem("Unreachable", retry = true, offline = true)), {}, {}, {})
    },
    Shot("create-kit", height = 1160) { KitScreen(kit, {}, {}, {}) },
    Shot("create-check") { CheckScreen(KitState.Check(4, 7), {}, {}, {}) },
    Shot("create-check-wrong") {
        CheckScreen(KitState.Check(4, 7, "T3CVV", Problem.own("KitGroupDiffers", "group" to 4)), {}, {}, {})
    },
    Shot("create-first-backup-working") {
        FirstBackupScreen(KitState.FirstBackup(Loadable.Loading(Progress(420_000, 1_000_000)) {}), {})
    },
    Shot("create-first-backup") {
        FirstBackupScreen(KitState.FirstBackup(Loadable.Ready(BackupReport(1u, 2_345u, 7u))), {})
    },
)
