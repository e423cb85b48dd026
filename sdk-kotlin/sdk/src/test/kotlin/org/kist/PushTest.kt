package org.kist

import java.nio.file.Path
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** A push service on this machine hears that something has come, and nothing of what. */
class PushTest {
    @TempDir
    lateinit var folder: Path

    private val name = field("name", Schemas.NAME, true, "given_name")

    @Test
    fun c1_a_push_service_hears_an_empty_word_and_the_next_refresh_brings_what_came() = within {
        World(folder, "--push-loopback", "--push-interval", "0").use { world ->
            world.alice().use { alice ->
                LocalServer().use { service ->
                    val member = Member("Council of the Islands", "NTRGB-25", mapOf(Schemas.NAME to listOf("given_name")))
                    val council = world.admit(member)
                    alice.trust.addAnchor(world.framework.publish(validDays = 30))
                    share(alice, council, name)
                    val agreement = share(alice, world.clinic, name)
                    val instances = mutableSetOf<String>()
                    val push = Push { instance -> "${service.url}/up/$instance".also { instances.add(instance) } }
                    assertEquals(PushReport(registered = 2uL, without = 0uL, unreachable = 0uL), alice.push.register(push))
                    assertEquals(2, instances.size, "each mailbox is an instance of its own")

                    world.clinic.deliveries.note(agreement, "Your results are ready")
                    val word = service.next()
                    assertEquals("POST" to true, word.method to (word.path.removePrefix("/up/") in instances))
                    assertEquals("", word.body)
                    assertTrue("Clinic" !in word.toString() && "Alice" !in word.toString(), word.toString())
                    alice.inbox.refresh()
                    assertEquals(listOf("Your results are ready"), alice.inbox.items().map { it.text })

                    // Without push, and while the platform's service fails, the relay tells nobody.
                    assertEquals(2uL, alice.push.register { null }.without)
                    world.clinic.deliveries.note(agreement, "Please ring us")
                    assertEquals(2uL, alice.push.register { error("the push service isn't there") }.without)
                    alice.inbox.refresh()
                    assertEquals(2, alice.inbox.items().size)
                    alice.push.register(push)
                    world.clinic.deliveries.note(agreement, "Thank you")
                    assertEquals("POST", service.next().method)
                    assertEquals(emptyList<LocalServer.Asked>(), service.heard())
                }
            }
        }
    }

    @Test
    fun c1_a_relay_that_tells_no_push_services_is_read_at_each_refresh_as_ever() = within {
        World(folder).use { world ->
            world.alice().use { alice ->
                val agreement = share(alice, world.clinic, name)
                val report = alice.push.register { "https://push.example/up/$it" }
                assertEquals(PushReport(registered = 0uL, without = 1uL, unreachable = 0uL), report)
                world.clinic.deliveries.note(agreement, "Your results are ready")
                alice.inbox.refresh()
                assertEquals(1, alice.inbox.items().size)
            }
        }
    }
}
