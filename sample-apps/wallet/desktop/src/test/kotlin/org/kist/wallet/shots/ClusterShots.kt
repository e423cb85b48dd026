package org.kist.wallet.shots

import org.kist.ConsentState
import org.kist.MemberStanding
import org.kist.wallet.consents.KeptBy
import org.kist.wallet.request.Choosing
import org.kist.wallet.request.ClusterActs
import org.kist.wallet.request.ClusterScreen
import org.kist.wallet.request.ClusterState
import org.kist.wallet.request.Member
import org.kist.wallet.request.RequestActs
import org.kist.wallet.request.Together
import org.kist.wallet.request.Withdrawing
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem

private val acts = ClusterActs(one = { RequestActs(onAdd = {}) }, onConsent = { {} }, onReceipt = { {} })
private val together = SampleRequests.together

private fun shot(name: String, state: ClusterState, height: Int = Shot.PHONE_HEIGHT) =
    Shot("request-cluster$name", height = height) { ClusterScreen(state, acts) }

/** All that ask are to get something. */
private fun of(together: Together) =
    ClusterState(Loadable.Ready(together), choosing = together.open.associate { it.asking.id to Choosing(taken = true) })

/** The cluster with each member so. */
private fun standing(decided: Boolean = true, change: (Member) -> Member) =
    together.copy(decided = decided, members = together.members.map { change(it.copy(asking = null)) })

private fun agreed(member: Member, state: ConsentState) = member.copy(
    standing = MemberStanding.AGREED,
    consent = SampleConsents.clinic.copy(id = member.id, organisation = member.name, organisationId = member.id, state = state),
)

private val charity = Member(
    "NTRGB-26", "Island Charity",
    mapOf("en" to "Visits you", "cy" to "Yn ymweld â chi", "ar" to "تزورك"),
    MemberStanding.NOT_ASKED, isNew = true,
)
private val unknown = charity.copy(id = "NTRGB-27", name = "NTRGB-27", standing = MemberStanding.NOT_REACHABLE, isNew = false, isListed = false)

private val unasked = standing(decided = false) { it.copy(standing = MemberStanding.NOT_ASKED) }
private val shared = standing { agreed(it, ConsentState.AWAITING_RECEIPT) }
private val inForce = standing { agreed(it, ConsentState.IN_FORCE) }
private val partly = together.copy(
    members = together.members.mapIndexed { index, member -> if (index == 0) shared.members[0] else member },
)
private val kept = KeptBy("Riverside Clinic", SampleConsents.detail(SampleConsents.clinic).keptAfterWithdrawal, "eu-gdpr:A6-1-a")
private val keptByNone = kept.copy(organisation = "Council of the Islands", kept = emptyList())
private val unreachable = Problem("Unreachable", retry = true, offline = true)

private val whole = shot("", of(together), height = 4000)

val clusterShots = listOf(
    whole,
    whole.enlarged(height = 10600),
    whole.rightToLeft(),
    whole.tablet(height = 3800),
    shot("-first-sight", ClusterState(Loadable.Ready(together)), height = 1200),
    shot("-left-out", of(together).copy(choosing = mapOf("council" to Choosing(taken = true))), height = 1800),
    shot("-sending", of(together).copy(sending = true)),
    shot("-partly", of(partly).copy(problem = unreachable), height = 2100),
    shot("-refuse", of(together).copy(refusing = true)),
    shot("-unasked", of(unasked.copy(members = unasked.members + unknown))),
    shot("-waiting", of(standing(decided = false) { it.copy(standing = MemberStanding.WAITING) }).copy(unreached = unreachable)),
    shot("-shared", of(shared)),
    shot("-offline", of(standing { agreed(it, ConsentState.AWAITING_SEND) })),
    shot("-agreed", of(inForce)),
    shot("-agreed", of(inForce)).rightToLeft(),
    shot("-agreed", of(inForce)).enlarged(),
    shot("-joined", of(inForce.copy(members = inForce.members + charity, left = listOf(SampleConsents.power))), height = 1500),
    shot("-withdraw", of(inForce).copy(withdrawing = Withdrawing(kept = listOf(kept, keptByNone)))),
    shot("-refused", of(standing { it.copy(standing = MemberStanding.NOT_ASKED) })),
    shot("-loading", ClusterState()),
    shot("-error", ClusterState(Loadable.Failed(Problem("Storage", retry = true)) {})),
)
