package org.kist

import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.serialization.json.JsonObject
import org.kist.generated.DeliverySpec
import org.kist.generated.InvitationSpec as CoreInvitationSpec
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

    /** People's requests of their rights. */
    val rights = OrgRights(core)

    /** What people's phones are asked by standing access. */
    val reads = OrgReads(core)

    /** Files to people and from them. */
    val files = OrgFiles(core)

    /** Invitations to people who aren't known yet. */
    val invitations = OrgInvitations(core)

    /** Requests that a supplier makes for another organisation. */
    val commissions = Commissions(core)

    /** Clusters that the organisation leads. */
    val clusters = OrgClusters(core)

    /** Messages of people. */
    val inbox = OrgInbox(core)

    /** Which frameworks the organisation believes: whose credentials it accepts. */
    val trust = Trust(
        core::addAnchor,
        core::updateTrustList,
        core::refreshTrustList,
        core::anchors,
        core::removeAnchor,
        core::frameworkTerms,
        core::acceptTerms,
    )

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

    /**
     * Waits for the answer, verifies it and stores what it leads to. Null while there is none. A request of a session is
     * collected with the [code] that was typed into it, or that its browser came back with, and its answer goes to that
     * session alone: `SessionCodeMissing`, `SessionMismatch`.
     */
    suspend fun collect(id: String, wait: Duration = 0.seconds, code: String? = null): ReceivedAnswer? =
        cancellable { core.collectAnswer(id, wait.inWholeSeconds.toULong(), code, it) }

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
    ): DeliveryReport = cancellable { core.deliver(agreement, Delivery(schema, claims, expiresAt).toCore(), it) }

    /** Sends words to read. */
    suspend fun note(agreement: String, text: String): DeliveryReport =
        cancellable { core.sendNote(agreement, text, it) }
}

/** Data to deliver: [claims] of a type that the organisation may issue, valid until the end of the day of [expiresAt]. */
class Delivery(val schema: String, val claims: JsonObject, val expiresAt: Long? = null) {
    internal fun toCore() = DeliverySpec(schema, claims.toString(), expiresAt)
}

/** Messages of people: withdrawals above all. */
class OrgInbox internal constructor(private val core: CoreOrganisation) {
    /** Sends what waits to be sent, takes in everything that came, and acknowledges withdrawals. */
    suspend fun refresh(): List<OrgEvent> = cancellable { core.refreshInbox(it) }.map { it.toEvent() }
}

/** Standing access: what people's phones are asked. What they answer, and what they change, is in the agreement. */
class OrgReads internal constructor(private val core: CoreOrganisation) {
    /**
     * Asks for [fields], by their ids, as they are now; for all that was given where none is named. The phone answers when it
     * is next refreshed. `RightNotGranted`, `FieldNotOffered`, `ConsentWithdrawn` …
     */
    suspend fun ask(agreement: String, fields: List<String> = emptyList()): OrgRead =
        cancellable { core.askToRead(agreement, fields, it) }

    /** Questions, the newest first: under one agreement, or under all. */
    suspend fun list(agreement: String? = null): List<OrgRead> = cancellable { core.reads(agreement, it) }
}

/** Files to people and from them, at most 100 MiB each. */
class OrgFiles internal constructor(private val core: CoreOrganisation) {
    /** Delivers a file under an agreement; it goes on with each refresh of the inbox. The store keeps a copy. */
    suspend fun deliver(agreement: String, file: Path): FileTransfer =
        cancellable { core.deliverFile(agreement, file.toString(), it) }

    /** Files that go to people and come from them, with what became of each. */
    suspend fun transfers(): List<FileTransfer> = cancellable { core.fileTransfers(it) }

    /** Writes a file that came to disk: whole and verified, or not at all. */
    suspend fun save(transfer: String, to: Path) = cancellable { core.saveTransfer(transfer, to.toString(), it) }
}

/** Invitations to people who aren't known yet. */
class OrgInvitations internal constructor(private val core: CoreOrganisation) {
    /** Makes an invitation for everybody: give it to the framework's directory, or publish it and link to it. */
    suspend fun publish(spec: InvitationSpec): OrgInvitation = cancellable { core.publishInvitation(spec.toCore(), it) }

    /** Makes an invitation for one person, to whom the code goes on paper: that it reached them is what it proves. */
    suspend fun letter(spec: InvitationSpec): Letter = cancellable { core.writeLetter(spec.toCore(), it) }

    /** Every invitation that wasn't closed. */
    suspend fun list(): List<OrgInvitation> = cancellable { core.invitations(it) }

    /** The link to an invitation that lies at [address], for a QR or a page. */
    suspend fun link(id: String, address: String): String = cancellable { core.invitationLink(id, address, it) }

    /** Takes an invitation back: nobody knocks by it any more. Connections that it led to stay. */
    suspend fun close(id: String) = cancellable { core.closeInvitation(id, it) }
}

/**
 * What people are invited to: a request for each intended use, for [days]; a letter 60 at most, any other 400. [clusters] are
 * those in which the organisation takes part.
 */
class InvitationSpec(val requests: List<RequestSpec>, val days: Int, val clusters: List<ClusterName> = emptyList()) {
    internal fun toCore() = CoreInvitationSpec(requests.map { it.toCore() }, days.toUInt(), clusters)
}
