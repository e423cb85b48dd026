package org.kist

import kotlinx.coroutines.flow.Flow
import org.kist.generated.Person as CorePerson

/** Backup: what the relay holds for the person, which it can neither read nor link. */
class Backup internal constructor(private val core: CorePerson) {
    /** Makes a vault on the relay and a recovery kit, which is shown once and kept nowhere. `AlreadyExists`. */
    suspend fun setUp(relay: String): RecoveryKit = cancellable { core.setUpBackup(relay, it) }

    /** Brings the backup up to date: what changed and nothing else. Cancelled, it goes on there the next time. */
    fun run(): Flow<Work<BackupReport>> = work { listener, handle -> core.runBackup(listener, handle) }

    /** Where the backup stands, without asking the relay. */
    suspend fun status(): BackupStatus = cancellable { core.backupStatus(it) }

    /** Restores the backup into a folder apart, looks at it and throws it away: proof that it can be restored. */
    fun rehearse(): Flow<Work<RehearsalReport>> =
        work { listener, handle -> core.rehearseRestore(listener, handle) }

    /** The devices that may write to the backup. */
    suspend fun devices(): List<DeviceInfo> = cancellable { core.devices(it) }
}
