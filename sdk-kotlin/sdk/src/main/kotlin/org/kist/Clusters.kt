package org.kist

import org.kist.generated.Organisation as CoreOrganisation
import org.kist.generated.Person as CorePerson

/** Organisations that serve the same people together, decided on in one place, each with an agreement of its own. */
class Clusters internal constructor(private val core: CorePerson) {
    /**
     * Takes a cluster's statement, or a newer version of it: what [Introduction.Cluster] has. A directory's are taken with it.
     * Nobody is contacted by it. `OrganisationNotTrusted`, `RollbackDetected` for an older version than one seen.
     */
    suspend fun add(statement: String): ClusterView = cancellable { core.addCluster(statement, it) }

    /** Every cluster that was taken, as it stands now. */
    suspend fun list(): List<ClusterView> = cancellable { core.clusters(it) }

    /** One cluster. `NotFound`. */
    suspend fun get(id: String): ClusterView = cancellable { core.cluster(id, it) }

    /**
     * Contacts every member that takes part and wasn't asked yet, each in a connection of its own. Their requests come with
     * later refreshes of the inbox.
     */
    suspend fun open(id: String): ClusterView = cancellable { core.openCluster(id, it) }

    /**
     * One decision for all: answers the request of each member that [decisions] names, by its stable id, with these fields, and
     * refuses the others whose request waits. [ClusterView.required] gives what each needs and no more; [language] is the one
     * in which the person read the purposes. A member that joins later isn't covered. `NotFound` for a member without a
     * request; as [Requests.answer] for the first whose answer couldn't be made: what was answered before stands.
     */
    suspend fun decide(
        id: String,
        decisions: Map<String, List<FieldChoice>>,
        language: String? = null,
    ): ClusterView = cancellable { core.decideCluster(id, decisions, language, it) }

    /**
     * Withdraws what was agreed with one [member], by its stable id, or with all of them. It holds at once. `NotFound` where
     * nothing stands.
     */
    suspend fun withdraw(id: String, member: String? = null): ClusterView =
        cancellable { core.withdrawCluster(id, member, it) }
}

/** What each member's request needs and no more, for [Clusters.decide]. */
val ClusterView.required: Map<String, List<FieldChoice>>
    get() = members.mapNotNull { member -> member.request?.let { member.organisationId to it.required } }.toMap()

/** Clusters that an organisation leads. */
class OrgClusters internal constructor(private val core: CoreOrganisation) {
    /**
     * Signs who takes part, for so many [days], 400 at most. It binds no member: each says in its own invitation that it takes
     * part. `Malformed` for a version that isn't higher than the one before.
     */
    suspend fun state(cluster: Cluster, days: Int): ClusterStatement =
        cancellable { core.stateCluster(cluster, days.toUInt(), it) }

    /** The newest statement of each. */
    suspend fun list(): List<ClusterStatement> = cancellable { core.clusters(it) }

    /** The link to a statement that lies at [address], for a QR or a page. */
    suspend fun link(address: String): String = cancellable { core.clusterLink(address, it) }
}
