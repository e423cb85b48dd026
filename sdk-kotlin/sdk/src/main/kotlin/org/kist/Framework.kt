package org.kist

import java.nio.file.Path
import org.kist.generated.Framework as CoreFramework
import org.kist.generated.createFramework
import org.kist.generated.directoryOf as coreDirectoryOf
import org.kist.generated.frameworkExists
import org.kist.generated.openFramework
import org.kist.generated.organisationTerms
import org.kist.generated.readApplication as coreReadApplication

/** Where a framework's store is, or is to be. */
class FrameworkStore internal constructor(private val folder: Path, private val platform: Platform) {
    /** Whether there is a store. */
    val exists: Boolean get() = translating { frameworkExists(folder.toString()) }

    /** Founds a framework: makes the root's and the registrar's keys and certificates. */
    suspend fun create(passphrase: String, profile: FrameworkProfile): Framework =
        opening { Framework(createFramework(folder.toString(), platform.toCore(), passphrase, profile, it)) }

    /** Opens the store. `NotFound`, `KeyMismatch` for a wrong passphrase, `Corrupt`, `InUse`. */
    suspend fun open(passphrase: String): Framework =
        opening { Framework(openFramework(folder.toString(), platform.toCore(), passphrase, it)) }
}

/** A trust framework, as its operator holds it; closing it is as for a [Person]. */
class Framework internal constructor(private val core: CoreFramework) :
    AutoCloseable by Closing(core, core::closeStore) {
    /** Admits an applicant, or renews a member, for a year. Gives the admission, JSON, for [Organisation.install]. */
    suspend fun admit(application: String): String = cancellable { core.admit(application, it) }

    /**
     * Renews an active member's certificate and registration for a year with the content that they have, as is due after a
     * change of root. Gives the admission, JSON. `NotFound`, `StatusChangeRefused`.
     */
    suspend fun renew(organisationId: String): String = cancellable { core.renew(organisationId, it) }

    /** Suspends a member, with the next list; [note] says why, in the operator's log. `TooLarge` above 1 KiB. */
    suspend fun suspend(organisationId: String, note: String? = null) =
        cancellable { core.suspend(organisationId, note, it) }

    /** Makes a suspended member active again, with the next list; [note] as for [suspend]. */
    suspend fun reinstate(organisationId: String, note: String? = null) =
        cancellable { core.reinstate(organisationId, note, it) }

    /** Expels a member for good, with the next list; [note] as for [suspend]. */
    suspend fun expel(organisationId: String, note: String? = null) =
        cancellable { core.expel(organisationId, note, it) }

    /**
     * Publishes terms, with the next list. Applicants have to accept them from now on, by version and hash. `Malformed` where a
     * language lacks its summary or its text, or the version is the one in force.
     */
    suspend fun publishTerms(draft: TermsDraft): TermsNotice = cancellable { core.publishTerms(draft, it) }

    /**
     * Says where the framework's directory of organisations lies, with the next list, so that phones find it by themselves; null
     * takes that back. `AddressRefused` for an address that no phone would ask.
     */
    suspend fun setDirectory(url: String?) = cancellable { core.setDirectory(url, it) }

    /** Publishes the next list; its successor is due within [validDays]. Gives the JSON for [Trust.addAnchor]. */
    suspend fun publish(validDays: Int): String = cancellable { core.publish(validDays.toUShort(), it) }

    /** The members, whatever their status. */
    suspend fun members(): List<MemberInfo> = cancellable { core.members(it) }

    /** How the framework stands, and what has to be done next. */
    suspend fun status(): FrameworkStatus = cancellable { core.status(it) }

    /** What the operator did, first entry first, verified. `HistoryBroken` with the first entry that was changed. */
    suspend fun log(): List<FrameworkLogEntry> = cancellable { core.log(it) }

    /**
     * Replaces the root, and certifies the registrar anew. What the old root signed is believed for [retireDays] yet; its key is
     * deleted. Counts with the next list; then [renew] every member. `Malformed` where two earlier roots have still to be known.
     */
    suspend fun rotateRoot(retireDays: Int) = cancellable { core.rotateRoot(retireDays.toUShort(), it) }

    /** Gives the registrar another key and certificate. The one before counts until it ends. */
    suspend fun rotateRegistrar() = cancellable { core.rotateRegistrar(it) }

    companion object {
        /** What an organisation applies for, as JSON, so that the operator can check it before [admit]. */
        fun readApplication(application: String): String = translating { coreReadApplication(application) }

        /**
         * A directory of these invitations and statements of clusters, each a compact JWS, as JSON to publish: phones believe
         * each for its own signature. [setDirectory] tells them where it lies.
         */
        fun directoryOf(entries: List<String>): String = translating { coreDirectoryOf(entries) }
    }
}

/** The terms that stand in [document], as an organisation's profile names them. */
fun organisationTermsOf(uri: String, version: String, document: ByteArray): OrganisationTerms =
    translating { organisationTerms(uri, version, document) }
