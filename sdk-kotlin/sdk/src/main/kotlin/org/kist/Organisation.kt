package org.kist

import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.serialization.json.JsonObject
import org.kist.generated.Organisation as CoreOrganisation
import org.kist.generated.createOrganisation
import org.kist.generated.openOrganisation
import org.kist.generated.organisationExists

/** Where an organisation's store is, or is to be. */
class OrganisationStore internal constructor(private val folder: Path, private val platform: Platform) {
    /** Whether there is a store. */
    val exists: Boolean get() = translating { organisationExists(folder.toString()) }

    /** Makes a store and the organisation's signing key. `Malformed` with the part of the profile, `AlreadyExists`. */
    suspend fun create(passphrase: String, profile: OrganisationProfile): Organisation =
        opening { Organisation(createOrganisation(folder.toString(), platform.toCore(), passphrase, profile, it)) }

    /** Opens the store. `NotFound`, `KeyMismatch` for a wrong passphrase, `Corrupt`, `InUse`. */
    suspend fun open(passphrase: String): Organisation =
        opening { Organisation(openOrganisation(folder.toString(), platform.toCore(), passphrase, it)) }
}

/** An organisation's open store; closing it is as for a [Person]. */
class Organisation internal constructor(private val core: CoreOrganisation) :
    AutoCloseable by Closing(core, core::closeStore) {
    /** Requests to people. */
    val requests = OrgRequests(core)

    /** What people agreed to. */
    val agreements = OrgAgreements(core)

    /** Data and words to people. */
    val deliveries = Deliveries(core)

    /** Messages of people. */
    val inbox = OrgInbox(core)

    /** Which frameworks the organisation believes: whose credentials it accepts. */
    val trust =
        Trust(core::addAnchor, core::updateTrustList, core::refreshTrustList, core::anchors, core::removeAnchor)

    /** Who the organisation says it is. */
    suspend fun profile(): OrganisationProfile = cancellable { core.profile(it) }

    /** What the organisation gives to a framework's operator, a compact JWS; [spec] says what it wants to ask and issue. */
    suspend fun apply(spec: JsonObject): String = cancellable { core.apply(spec.toString(), it) }

    /** Installs what the operator gave back, JSON. `UntrustedKey` for another organisation's admission. */
    suspend fun install(admission: String) = cancellable { core.install(admission, it) }

    /** The relay that requests and mailboxes are made on, where one is set. */
    suspend fun relay(): String? = cancellable { core.relay(it) }

    /** Sets the relay for what is made from now on. `AddressRefused`. */
    suspend fun setRelay(relay: String) = cancellable { core.setRelay(relay, it) }
}

/** The handshake, the organisation's side. */
class OrgRequests internal constructor(private val core: CoreOrganisation) {
    /** Makes a request, signs it, and lays it into a slot of the relay. */
    suspend fun create(spec: RequestSpec): HostedRequest = cancellable { core.createRequest(spec.toCore(), it) }

    /** Waits for the answer, verifies it and stores what it leads to. Null while there is none. */
    suspend fun collect(id: String, wait: Duration = 0.seconds): ReceivedAnswer? =
        cancellable { core.collectAnswer(id, wait.inWholeSeconds.toULong(), it) }

    /** Every request, the newest first. */
    suspend fun list(): List<HostedRequestSummary> = cancellable { core.listRequests(it) }

    /** Takes a request back, with an answer that wasn't collected. An agreement that was made stays. */
    suspend fun close(id: String) = cancellable { core.closeRequest(id, it) }
}

/** What people agreed to, with what they gave. */
class OrgAgreements internal constructor(private val core: CoreOrganisation) {
    /** Every agreement, the newest first. */
    suspend fun list(): List<OrgAgreementSummary> = cancellable { core.listAgreements(it) }

    /** One agreement with everything that was agreed and given. */
    suspend fun get(id: String): OrgAgreement = cancellable { core.agreement(id, it) }
}

/** Data and words to people, sealed, under what they agreed to. */
class Deliveries internal constructor(private val core: CoreOrganisation) {
    /** Signs [claims] as a credential bound to this relationship, and sends it. `ConsentWithdrawn`, `RightNotGranted` … */
    suspend fun deliver(
        agreement: String,
        schema: String,
        claims: JsonObject,
        expiresAt: Long? = null,
    ): DeliveryReport = cancellable { core.deliver(agreement, schema, claims.toString(), expiresAt, it) }

    /** Sends words to read. */
    suspend fun note(agreement: String, text: String): DeliveryReport =
        cancellable { core.sendNote(agreement, text, it) }
}

/** Messages of people: withdrawals above all. */
class OrgInbox internal constructor(private val core: CoreOrganisation) {
    /** Sends what waits to be sent, takes in everything that came, and acknowledges withdrawals. */
    suspend fun refresh(): List<OrgEvent> = cancellable { core.refreshInbox(it) }.map { it.toEvent() }
}
