package org.kist

import java.nio.file.Path
import java.util.Locale
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.runBlocking
import org.kist.generated.ArchiveOptions
import org.kist.generated.CancelHandle
import org.kist.generated.ExportOptions
import org.kist.generated.Person as CorePerson
import org.kist.generated.Platform as CorePlatform
import org.kist.generated.createPerson
import org.kist.generated.openPerson
import org.kist.generated.openPersonWithDevice
import org.kist.generated.personExists
import org.kist.generated.restorePerson

/** Where a person's store is, or is to be. */
class PersonStore internal constructor(private val folder: Path, private val platform: Platform) {
    /** Whether there is a store. */
    val exists: Boolean get() = translating { personExists(folder.toString()) }

    /** Makes a store with a fresh root key, under a passphrase. `AlreadyExists`, `StorageFull`, `PlatformKey`. */
    suspend fun create(passphrase: String): Person =
        person { core, handle -> createPerson(folder.toString(), core, passphrase, handle) }

    /** Opens the store. `NotFound`, `KeyMismatch` for a wrong passphrase, `Corrupt`, `InUse`, `RollbackDetected`. */
    suspend fun open(passphrase: String): Person =
        person { core, handle -> openPerson(folder.toString(), core, passphrase, handle) }

    /** Opens the store by the platform's key store; see [Person.enableDeviceUnlock]. `PlatformKey`. */
    suspend fun openWithDevice(): Person =
        person { core, handle -> openPersonWithDevice(folder.toString(), core, handle) }

    private suspend fun person(open: suspend (CorePlatform, CancelHandle) -> CorePerson): Person {
        val core = platform.toCore()
        return opening { Person(open(core, it), core.secureArea as SecureAreaPort?) }
    }

    /**
     * Restores a backup where there is no store, under a passphrase of this device; [open] it then. Everything is verified
     * before there is a store; after an error there is none.
     *
     * A new device can't know whether the relay shows the newest backup: with [Freshness.Unknown] this stops with
     * `FreshnessUnproven` and says date and device, for the person to confirm.
     */
    fun restore(input: RecoveryInput, passphrase: String, freshness: Freshness): Flow<Work<RestoreReport>> =
        work { listener, handle ->
            val (place, known) = Pair(folder.toString(), freshness.toCore())
            val restored = restorePerson(place, platform.toCore(), input, passphrase, known, listener, handle)
            restored.person.use { it.closeStore() }
            restored.report
        }
}

/**
 * A person's open store. Closing it writes a few bytes and wipes its keys when the calls that still run have ended; calls
 * after that throw IllegalStateException.
 */
class Person internal constructor(
    private val core: CorePerson,
    private val area: SecureAreaPort?,
) : AutoCloseable by Closing(core, core::closeStore) {
    /** What the person keeps. */
    val records = Records(core)

    /** What the person does with it: marks, the trash, conflicts, forms. */
    val curation = Curation(core)

    /** Attached files. */
    val files = Files(core)

    /** Whom the person believes. */
    val trust = Trust(
        core::addAnchor,
        core::updateTrustList,
        core::refreshTrustList,
        core::anchors,
        core::removeAnchor,
        core::frameworkTerms,
        core::acceptTerms,
    )

    /** Requests of organisations. */
    val requests = Requests(core)

    /** What the person decided beforehand. */
    val rules = Rules(core)

    /** Organisations that can be contacted, and those that the person stands in contact with. */
    val connections = Connections(core)

    /** Organisations that serve the same people together. */
    val clusters = Clusters(core)

    /** Other people. */
    val people = People(core)

    /** Messages of organisations. */
    val inbox = Inbox(core)

    /** Being woken when something has come. */
    val push = PushSubscriptions(core)

    /** What was agreed. */
    val consents = Consents(core)

    /** Requests of rights, and reports. */
    val rights = DataRights(core)

    /** What happened. */
    val history = History(core)

    /** Backup and recovery. */
    val backup = Backup(core)

    /**
     * What is due now, and what of records will be [daysAhead] days from now: those first, the first due first; then
     * organisations that owe an answer.
     */
    suspend fun reminders(daysAhead: Int = 0): List<Due> =
        cancellable { core.reminders(daysAhead.toUInt(), it) }.map { it.toDue() }

    /** The organisations that stand elsewhere in their framework than the person was last told. */
    suspend fun organisationChanges(): List<OrganisationChange> = cancellable { core.organisationChanges(it) }

    /** Notes that the person was told of these changes. */
    suspend fun told(changes: List<OrganisationChange>) = cancellable { core.organisationChangesTold(changes, it) }

    /**
     * Whether requests of organisations that no framework vouches for are shown, and said to be such: for who develops an
     * organisation's side. Off, unless it was switched on; on this device alone.
     */
    suspend fun developerMode(): Boolean = cancellable { core.developerMode(it) }

    /** Switches the developer's mode. That it was switched stands in the history. */
    suspend fun setDeveloperMode(on: Boolean) = cancellable { core.setDeveloperMode(on, it) }

    /** Lets the platform's key store open the store (screen lock, biometrics). */
    suspend fun enableDeviceUnlock() = replacing(forPresence = true) { cancellable { core.enableDeviceUnlock(it) } }

    /** Replaces the passphrase. */
    suspend fun changePassphrase(passphrase: String) =
        replacing(forPresence = false) { cancellable { core.changePassphrase(passphrase, it) } }

    private suspend fun replacing(forPresence: Boolean, call: suspend () -> Unit) =
        if (area == null) call() else area.replacing(forPresence, call)

    /** The relay that mailboxes and backup are made on, where one is set. */
    suspend fun relay(): String? = cancellable { core.relay(it) }

    /** Sets the relay for what is made from now on. `AddressRefused`. */
    suspend fun setRelay(relay: String) = cancellable { core.setRelay(relay, it) }

    /**
     * Writes everything into a zip file that must not exist; it appears when it is complete. It is in the clear, with pages to
     * read in a browser, in the language of [locale]. [sealedState]: with keys, agreements and history for a Kist to come back
     * to, under the code that the report tells and nothing keeps. `AlreadyExists`.
     */
    fun export(archive: Path, sealedState: Boolean, locale: Locale = Locale.getDefault()): Flow<Work<ExportReport>> {
        val options = ExportOptions(KistMessages.pageWords(locale), sealedState)
        return work { listener, handle -> core.exportAll(archive.toString(), options, listener, handle) }
    }

    /**
     * Takes in an archive: what isn't here is added, what is here stays, what was deleted here stays deleted. Without the
     * [code], records and files are taken, and of their sources only what is proven. [soundOnly]: what is sound of a damaged
     * one. `Corrupt`, `DowngradeRefused`, `RecoveryCodeMistyped`, `KeyMismatch`, `AuthenticationFailed`.
     */
    fun importArchive(archive: Path, code: String? = null, soundOnly: Boolean = false): Flow<Work<ArchiveReport>> {
        val options = ArchiveOptions(code, soundOnly)
        return work { listener, handle -> core.importArchive(archive.toString(), options, listener, handle) }
    }
}

/** Closes a store once, whether or not its last bytes could be written. */
internal class Closing(private val core: AutoCloseable, private val closeStore: suspend () -> Unit) : AutoCloseable {
    private val closed = AtomicBoolean()

    override fun close() {
        if (closed.compareAndSet(false, true)) core.use { translating { runBlocking { closeStore() } } }
    }
}
