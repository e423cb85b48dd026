package org.kist.wallet.request

import org.kist.ClusterMemberView
import org.kist.ClusterView
import org.kist.ConsentState
import org.kist.ConsentSummary
import org.kist.FieldChoice
import org.kist.MemberStanding
import org.kist.wallet.consents.stands

// A cluster as the screen shows it. Texts are by language.

/** Organisations that serve the same people together and are decided on in one place. */
data class Together(
    val id: String,
    val name: Map<String, String>,
    /** Who leads them. */
    val lead: String,
    val members: List<Member>,
    /** Agreements with organisations that aren't members any more. */
    val left: List<ConsentSummary> = emptyList(),
    /** The person has decided on them before. */
    val decided: Boolean = false,
) {
    /** Members whose request waits for the decision. */
    val open: List<OpenMember> get() = members.mapNotNull { member -> member.asking?.let { OpenMember(member, it) } }

    /** Members that have nothing and can be asked. */
    val toAsk: List<Member> get() = members.filter { it.standing in setOf(MemberStanding.NOT_ASKED, MemberStanding.OVER) }

    /** What was agreed and still stands. */
    val standing: List<ConsentSummary> get() = (members.mapNotNull { it.consent } + left).filter { it.stands }

    /** Something is to come from a member, its request or its signature, or to go to one. */
    val awaits: Boolean
        get() = members.any { it.standing == MemberStanding.WAITING } ||
            standing.any { it.state == ConsentState.AWAITING_RECEIPT || it.state == ConsentState.AWAITING_SEND }
}

/** One of the organisations. */
data class Member(
    /** Its stable id. */
    val id: String,
    val name: String,
    /** What it does among them. */
    val role: Map<String, String>,
    val standing: MemberStanding,
    /** It came after the person had decided. */
    val isNew: Boolean = false,
    /** Its request, while it waits. */
    val asking: Asking? = null,
    /** What was agreed with it last. */
    val consent: ConsentSummary? = null,
    /** A list that is believed names it; otherwise its [name] is its id. */
    val isListed: Boolean = true,
)

/** A member with its request. */
data class OpenMember(val member: Member, val asking: Asking)

/** What is chosen of each request, by its id. */
typealias AllChoosing = Map<String, Choosing>

fun AllChoosing.of(asking: Asking): Choosing = this[asking.id] ?: Choosing()

/** Those that are to get something. */
fun Together.taking(choosing: AllChoosing): List<OpenMember> = open.filter { choosing.of(it.asking).taken }

/** Those of them that can't be answered as things stand. */
fun Together.notReady(choosing: AllChoosing): List<Member> =
    taking(choosing).filterNot { it.asking.mayShare(choosing.of(it.asking)) }.map { it.member }

/** Whether there is one decision for all. */
fun Together.mayShare(choosing: AllChoosing): Boolean = taking(choosing).isNotEmpty() && notReady(choosing).isEmpty()

/** The decision, as the SDK takes it: who isn't in it is refused. */
fun Together.decision(choosing: AllChoosing): Map<String, List<FieldChoice>> =
    taking(choosing).associate { (member, asking) -> member.id to asking.decision(choosing.of(asking)) }

/** What a cluster of the store is on the screen. */
internal fun read(cluster: ClusterView) = Together(
    id = cluster.id,
    name = cluster.name,
    lead = cluster.lead,
    members = cluster.members.map(::read),
    left = cluster.left,
    decided = cluster.decidedVersion != null,
)

private fun read(member: ClusterMemberView) = Member(
    id = member.organisationId,
    name = member.organisation ?: member.organisationId,
    role = member.role,
    standing = member.standing,
    isNew = member.isNew,
    asking = member.request?.let(::read),
    consent = member.consent,
    isListed = member.organisation != null,
)
