package org.kist.wallet.consents

import org.kist.ConsentState
import org.kist.ConsentSummary

/** What the consents are laid out by. */
enum class ConsentView { ORGANISATION, THING, AREA }

/** Consents under one heading: an organisation's id, a kind of record, or a part of life. */
data class ConsentGroup(val key: String?, val consents: List<ConsentSummary>)

/** Organisations that were decided on together, with the ids of what was agreed with them. Its name is by language. */
data class ConsentCluster(val id: String, val name: Map<String, String>, val consents: Set<String>)

/** Nothing more comes of it: it ended, and where it was withdrawn the organisation has said so. */
val ConsentSummary.isOver: Boolean
    get() = state in setOf(ConsentState.EXPIRED, ConsentState.REPLACED, ConsentState.WITHDRAWAL_ACKNOWLEDGED)

/** It was withdrawn, whether or not the organisation has said that it knows. */
val ConsentState.isWithdrawn: Boolean get() = this == ConsentState.WITHDRAWN || this == ConsentState.WITHDRAWAL_ACKNOWLEDGED

/** It holds, or will once it was sent or goes on. */
val ConsentState.stands: Boolean get() = !isWithdrawn && this != ConsentState.EXPIRED && this != ConsentState.REPLACED

/** It can still be withdrawn. */
val ConsentSummary.stands: Boolean get() = state.stands

/** It was given once: such an agreement ends as it is made. */
val ConsentSummary.isOnce: Boolean get() = expiresAt == agreedAt

/** The person let it stand still, by itself. */
val ConsentSummary.pausedAlone: Boolean get() = paused?.by == org.kist.PausedBy.PERSON

/**
 * Lays consents out. By things, each kind of record has those who hold something of it: that is who has my address. What is
 * over comes only with [withEnded].
 */
fun List<ConsentSummary>.grouped(view: ConsentView, withEnded: Boolean): List<ConsentGroup> {
    val shown = filter { withEnded || !it.isOver }.sortedBy { it.isOver }
    val keys: (ConsentSummary) -> List<String?> = when (view) {
        ConsentView.ORGANISATION -> { consent -> listOf(consent.organisationId) }
        ConsentView.THING -> { consent -> consent.given.map { it.schema }.distinct() }
        ConsentView.AREA -> { consent -> consent.areas }
    }
    return shown.flatMap { consent -> keys(consent).map { it to consent } }
        .groupBy({ it.first }, { it.second })
        .map { (key, consents) -> ConsentGroup(key, consents) }
        .sortedByDescending { it.consents.size }
}

/** The consents of each cluster together, and those of none. */
fun List<ConsentGroup>.together(clusters: List<ConsentCluster>): Pair<Map<ConsentCluster, ConsentGroup>, ConsentGroup> {
    val all = flatMap { it.consents }
    val together = clusters.associateWith { cluster -> ConsentGroup(cluster.id, all.filter { it.id in cluster.consents }) }
    val alone = all - together.values.flatMap { it.consents }.toSet()
    return together.filterValues { it.consents.isNotEmpty() } to ConsentGroup(null, alone)
}
