package org.kist.wallet.shots

import java.nio.file.Path
import org.kist.BackupReport
import org.kist.BackupStatus
import org.kist.DeviceInfo
import org.kist.ExportReport
import org.kist.RehearsalReport
import org.kist.wallet.backup.BackupActs
import org.kist.wallet.backup.BackupScreen
import org.kist.wallet.backup.BackupState
import org.kist.wallet.backup.ExportScreen
import org.kist.wallet.backup.ExportState
import org.kist.wallet.devices.DevicesScreen
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem
import org.kist.wallet.state.Progress

private val current = Loadable.Ready(BackupStatus("https://relay.example", Samples.NOW - 600, 12u, false))
private val pending = Loadable.Ready(BackupStatus("https://relay.example", Samples.NOW - 600, 12u, true))
private val none = Loadable.Ready(BackupStatus(null, null, 0u, true))
private val offline = Loadable.Failed(Problem("Unreachable", retry = true, offline = true)) {}
private val exported = ExportReport(148u, 12u, 3u, 4u, 61u, listOf("1"), "KX4MT-9W2QP-H7RBN-T3CVY-6FJWK-M8DXZ-4GQPA")

private fun backup(name: String, state: BackupState) =
    Shot(name, height = 1000) { BackupScreen(state, BackupActs({}, {}, {}, {}, {}, {})) }

private fun export(name: String, state: ExportState) = Shot(name, height = 1160) { ExportScreen(state, {}, {}, {}) }

val backupShots = listOf(
    backup("backup", BackupState(current)),
    backup("backup-pending", BackupState(pending)),
    backup("backup-none", BackupState(none)),
    backup("backup-working", BackupState(pending, backup = Loadable.Loading(Progress(3, 10)) {})),
    backup("backup-offline", BackupState(pending, backup = offline)),
    backup("backup-done", BackupState(current, backup = Loadable.Ready(BackupReport(13u, 48_200u, 3u)))),
    backup("backup-tried", BackupState(current, rehearsal = Loadable.Ready(RehearsalReport(12u, Samples.NOW - 600, 148u, 9_000u)))),
    backup("backup", BackupState(current)).enlarged(),
    export("export", ExportState()),
    export("export-working", ExportState(work = Loadable.Loading(Progress(3, 10)) {})),
    export("export-done", ExportState(sealed = true, archive = Path.of("My Kist.zip"), work = Loadable.Ready(exported))),
)

private val devices = listOf(DeviceInfo("1", "Alice's phone", true), DeviceInfo("2", "Alice's tablet", false))

val devicesShots = listOf(
    Shot("devices") { DevicesScreen(Loadable.Ready(devices), {}) },
    Shot("devices-none") { DevicesScreen(Loadable.Ready(emptyList()), {}) },
)
