package org.kist

import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import org.kist.generated.Organisation as CoreOrganisation

/**
 * Requests that a supplier makes for another organisation, both sides: one orders, the supplier carries, and the one that
 * ordered opens the answer, which nobody else can. What goes from one to the other is JSON.
 */
class Commissions internal constructor(private val core: CoreOrganisation) {
    /** What the organisations for which this one acts need to know of it. `NotFound` without an admission. */
    suspend fun card(): String = cancellable { core.supplierCard(it) }

    /**
     * Orders a request that a supplier makes, by its [card]. Gives the commission, which is for one request.
     * `OrganisationNotTrusted` for a supplier that this organisation's registration doesn't name, now, for this use;
     * `Unsupported` for a session; otherwise as [OrgRequests.create].
     */
    suspend fun order(spec: RequestSpec, card: String): String = cancellable { core.commission(spec.toCore(), card, it) }

    /**
     * Makes the request that an organisation has ordered, and lays it into a slot of this organisation's relay. `MixUpRefused`
     * for another supplier's commission, `RequestExpired`, `SignatureInvalid` …
     */
    suspend fun carry(commission: String): HostedRequest = cancellable { core.carryRequest(commission, it) }

    /**
     * Waits for the answer to a request that was carried, sealed to the organisation that ordered it; null while there is none.
     * Close the request ([OrgRequests.close]) once the organisation has it.
     */
    suspend fun carried(id: String, wait: Duration = 0.seconds): String? =
        cancellable { core.carriedAnswer(id, wait.inWholeSeconds.toULong(), it) }

    /** Opens an answer that a supplier brought, once or again. As [OrgRequests.collect]. */
    suspend fun open(carried: String): ReceivedAnswer? = cancellable { core.openCarried(carried, it) }
}
