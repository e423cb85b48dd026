package org.kist

import java.nio.file.Path
import java.util.Base64
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** What a framework's operator does: terms, a directory of whom people can contact, a log, a change of root. */
class FrameworkTest {
    @TempDir
    lateinit var folder: Path

    private val name = field("name", Schemas.NAME, true, "given_name")

    @Test
    fun t1_terms_are_read_in_plain_words_and_accepted_by_both_sides() = within {
        World(folder).use { world ->
            world.alice().use { alice ->
                assertNull(alice.trust.terms(LABEL))
                val notice = world.framework.publishTerms(draft("2"))
                val bundle = world.framework.publish(validDays = 30)
                val list = Json.parseToJsonElement(bundle) as JsonObject
                alice.trust.updateList(LABEL, (list.getValue("list") as JsonPrimitive).content)
                val unseen = checkNotNull(alice.trust.terms(LABEL))
                assertEquals("2" to true, unseen.version to unseen.summary.isEmpty())
                val early = failing<KistException> { alice.trust.acceptTerms(LABEL, notice.sha256) }
                assertEquals("NotFound", early.code, "she hasn't seen them")

                alice.trust.addAnchor(bundle)
                val seen = checkNotNull(alice.trust.terms(LABEL))
                assertEquals("Chi sy'n penderfynu." to null, seen.summary["cy"] to seen.acceptedAt)
                assertNotNull(alice.trust.acceptTerms(LABEL, seen.sha256).acceptedAt)
                assertNotNull(alice.trust.terms(LABEL)?.acceptedAt)

                val member = Member("Council of the Islands", "NTRGB-25", mapOf(Schemas.NAME to listOf("given_name")))
                val refused = failing<KistException> { world.admit(member) }
                assertEquals("AcceptanceMismatch", refused.code)
                world.clinic.trust.addAnchor(bundle)
                val hers = checkNotNull(world.clinic.trust.terms(LABEL))
                val accepting = JsonObject(member.application() + ("terms" to hers.named()))
                world.framework.admit(world.clinic.apply(accepting))

                world.framework.publishTerms(draft("3"))
                alice.trust.addAnchor(world.framework.publish(validDays = 30))
                val newer = checkNotNull(alice.trust.terms(LABEL))
                assertEquals("3" to null, newer.version to newer.acceptedAt)
            }
        }
    }

    @Test
    fun t2_phones_and_members_follow_a_change_of_root() = within {
        World(folder).use { world ->
            world.alice().use { alice ->
                val (framework, clinic) = world.framework to world.clinic
                val before = framework.status()
                framework.rotateRoot(retireDays = 90)
                framework.rotateRegistrar()
                val changed = framework.status()
                assertTrue(changed.root != before.root && changed.registrar != before.registrar)
                assertTrue(changed.unpublishedChanges && changed.oldRootRetires != null)

                // Alice pins the old root and the clinic's certificate is of it: both go on with the next list.
                alice.trust.addAnchor(framework.publish(validDays = 30))
                alice.requests.open(ask(clinic, name).uri)
                val owed = framework.status().notices.single { it.code == "MemberOnOldRoot" }
                assertEquals(clinicMember.id, owed.organisationId)
                clinic.install(framework.renew(clinicMember.id))
                alice.trust.addAnchor(framework.publish(validDays = 30))
                alice.requests.open(ask(clinic, name).uri)
                val status = framework.status()
                assertTrue(!status.unpublishedChanges && status.notices.none { it.code == "MemberOnOldRoot" })
            }
        }
    }

    @Test
    fun t2_the_operators_log_says_what_was_done_and_why_and_no_list_does() = within {
        World(folder).use { world ->
            val framework = world.framework
            framework.suspend(clinicMember.id, note = "Complaint 12")
            framework.reinstate(clinicMember.id, note = "Complaint 12 settled")
            val bundle = Json.parseToJsonElement(framework.publish(validDays = 30)) as JsonObject
            val log = framework.log()
            assertEquals(listOf("founded", "admitted", "suspended", "reinstated", "published"), log.map { it.kind })
            assertEquals(listOf(null, null, "Complaint 12", "Complaint 12 settled", null), log.map { it.note })
            assertEquals(setOf(clinicMember.id), log.mapNotNull { it.organisationId }.toSet())

            val list = (bundle.getValue("list") as JsonPrimitive).content.split('.')[1]
            val published = Base64.getUrlDecoder().decode(list).decodeToString()
            assertTrue(clinicMember.id in published && "Complaint" !in published)
            val long = failing<KistException> { framework.suspend(clinicMember.id, note = "x".repeat(1025)) }
            assertEquals("TooLarge", long.code)
            assertEquals(log, framework.log())
        }
    }

    @Test
    fun h2_whom_a_person_can_contact_is_fetched_from_the_frameworks_directory_and_followed() = within {
        World(folder).use { world ->
            world.alice().use { alice ->
                LocalServer().use { server ->
                    val url = server.publish("/directory.json", Framework.directoryOf(listOf(invitation(world.clinic))))
                    assertEquals(listOf("Riverside Clinic"), alice.connections.fetchDirectory(url).map { it.organisation })

                    val member = Member("Council of the Islands", "NTRGB-25", mapOf(Schemas.NAME to listOf("given_name")))
                    val council = world.admit(member)
                    alice.trust.addAnchor(world.framework.publish(validDays = 30))
                    val both = listOf(invitation(world.clinic), invitation(council), "not signed by anybody")
                    server.publish("/directory.json", Framework.directoryOf(both))
                    alice.connections.refreshDirectories()
                    val names = alice.connections.contacts().map { it.organisation }
                    assertEquals(listOf("Council of the Islands", "Riverside Clinic"), names)

                    val nowhere = failing<KistException> { alice.connections.fetchDirectory("${server.url}/nothing") }
                    assertEquals("NotFound", nowhere.code)
                    val plain = failing<KistException> { alice.connections.fetchDirectory("http://directory.example/") }
                    assertEquals("AddressRefused", plain.code)
                    assertTrue(server.heard().all { it.body.isEmpty() && "Alice" !in it.toString() })
                }
            }
        }
    }

    @Test
    fun h2_the_frameworks_list_says_where_its_directory_lies_until_the_operator_takes_that_back() = within {
        World(folder).use { world ->
            LocalServer().use { server ->
                val url = server.publish("/directory.json", Framework.directoryOf(listOf(invitation(world.clinic))))
                world.framework.setDirectory(url)
                assertEquals(url, world.framework.status().directory)
                world.alice().use { alice ->
                    assertEquals(url, alice.trust.anchors().single().directory)
                    alice.connections.refreshDirectories()
                    val found = alice.connections.contacts().single()
                    assertEquals("Riverside Clinic" to LABEL, found.organisation to found.framework)
                    server.heard()

                    world.framework.setDirectory(null)
                    assertNull(alice.trust.addAnchor(world.framework.publish(validDays = 30)).directory)
                    alice.connections.refreshDirectories()
                    assertEquals(0, server.heard().size)
                    val plain = failing<KistException> { world.framework.setDirectory("http://directory.example/") }
                    assertEquals("AddressRefused", plain.code)
                }
            }
        }
    }

    private fun draft(version: String) = TermsDraft(
        version,
        summary = mapOf("en" to "You decide what you share.", "cy" to "Chi sy'n penderfynu."),
        text = mapOf("en" to "1. The person decides.", "cy" to "1. Y person sy'n penderfynu."),
    )

    private suspend fun invitation(organisation: Organisation): String {
        val asked = request.copy(fields = listOf(name))
        return organisation.invitations.publish(InvitationSpec(listOf(asked), days = 30)).invitation
    }

    /** As an application names terms. */
    private fun TermsInfo.named() = body("version" to version, "sha256" to sha256)

    private companion object {
        const val LABEL = "Health Framework"
    }
}
