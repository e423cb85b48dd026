package org.kist

import java.nio.file.Path
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** A clinic and a council that serve the islands together: one decision, an agreement for each. */
class ClustersTest {
    @TempDir
    lateinit var folder: Path

    private val member = Member("Council of the Islands", "NTRGB-25", mapOf(Schemas.NAME to listOf("given_name")))
    private val cluster = ClusterName(member.id, "islands")
    private val name = field("name", Schemas.NAME, true, "given_name")
    private val birth = field("birth", Schemas.BIRTH, true, "birthdate")

    @Test
    fun k1_o4_one_decision_makes_an_agreement_for_each_member_and_one_or_all_are_withdrawn() = within {
        World(folder).use { world ->
            val council = world.admit(member)
            world.alice().use { alice ->
                invite(alice, council, name)
                invite(alice, world.clinic, name, birth)
                val stated = council.clusters.state(statement(world.clinic, council), days = 30)
                val introduced = alice.connections.introduce(stated.statement) as Introduction.Cluster
                val seen = alice.clusters.add(introduced.statement)
                assertEquals("Care on the islands" to member.name, seen.name["en"] to seen.lead)
                assertEquals(List(2) { MemberStanding.NOT_ASKED }, seen.members.map { it.standing })

                alice.clusters.open(seen.id)
                listOf(world.clinic, council).forEach { it.inbox.refresh() }
                alice.inbox.refresh()
                val ready = alice.clusters.get(seen.id)
                assertEquals(listOf("Riverside Clinic", member.name), ready.members.map { it.organisation })
                val decided = alice.clusters.decide(seen.id, ready.required, language = "en")
                assertEquals(List(2) { MemberStanding.AGREED }, decided.members.map { it.standing })
                assertEquals(setOf("name", "birth"), given(world.clinic))
                assertEquals(setOf("name"), given(council))
                alice.inbox.refresh()
                assertEquals(2, alice.consents.list().count { it.state == ConsentState.IN_FORCE })

                val partly = alice.clusters.withdraw(seen.id, member.id)
                assertEquals(
                    listOf(MemberStanding.AGREED, MemberStanding.OVER),
                    partly.members.map { it.standing },
                )
                assertTrue(council.inbox.refresh().any { it is OrgEvent.Withdrawn })
                assertEquals(emptyList<OrgEvent>(), world.clinic.inbox.refresh())
                val over = alice.clusters.withdraw(seen.id)
                assertEquals(List(2) { MemberStanding.OVER }, over.members.map { it.standing })
                assertEquals("NotFound", failing<KistException> { alice.clusters.withdraw(seen.id) }.code)
            }
        }
    }

    @Test
    fun o4_whoever_the_decision_leaves_out_is_refused_and_an_older_version_is_not_taken() = within {
        World(folder).use { world ->
            val council = world.admit(member)
            world.alice().use { alice ->
                invite(alice, council, name)
                invite(alice, world.clinic, name)
                val first = council.clusters.state(statement(world.clinic, council), days = 30)
                val second = council.clusters.state(statement(world.clinic, council).copy(version = 2uL), days = 30)
                assertEquals(second, council.clusters.list().single())
                val seen = alice.clusters.add(second.statement)
                assertEquals("RollbackDetected", failing<KistException> { alice.clusters.add(first.statement) }.code)

                alice.clusters.open(seen.id)
                listOf(world.clinic, council).forEach { it.inbox.refresh() }
                alice.inbox.refresh()
                val clinicAlone = alice.clusters.get(seen.id).required - member.id
                val decided = alice.clusters.decide(seen.id, clinicAlone)
                assertEquals(
                    listOf(MemberStanding.AGREED, MemberStanding.NOT_ASKED),
                    decided.members.map { it.standing },
                )
                assertEquals(emptyList<OpenRequest>(), alice.requests.pending())
                assertEquals(listOf("Riverside Clinic"), alice.consents.list().map { it.organisation })
            }
        }
    }

    /** Alice has the organisation's invitation, which says that it takes part. */
    private suspend fun invite(alice: Person, organisation: Organisation, vararg fields: FieldSpec) {
        val asked = request.copy(fields = fields.toList())
        val invitation = organisation.invitations.publish(InvitationSpec(listOf(asked), 30, listOf(cluster)))
        alice.connections.introduce(invitation.invitation)
    }

    private suspend fun statement(vararg members: Organisation): Cluster {
        val taking = members.map { ClusterMember(it.profile().organisationId, mapOf("en" to "Takes part"), "care") }
        return Cluster(cluster.id, 1uL, mapOf("en" to "Care on the islands"), taking)
    }

    /** The parts that somebody gave the organisation. */
    private suspend fun given(organisation: Organisation): Set<String> {
        organisation.requests.list().forEach { organisation.requests.collect(it.id) }
        val agreement = organisation.agreements.list().single()
        return organisation.agreements.get(agreement.id).received.map { it.field.substringBefore(':') }.toSet()
    }
}
