package org.kist

import java.nio.file.Files.createDirectories
import java.nio.file.Path
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.copyToRecursively
import kotlin.io.path.deleteRecursively
import kotlin.io.path.outputStream
import kotlin.random.Random
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

/** What every call promises: cancellation, progress, closing, and ports that misbehave. */
@OptIn(ExperimentalPathApi::class)
class CallsTest {
    @TempDir
    lateinit var folder: Path

    private val place get() = folder.resolve("alice")

    private fun store(secureArea: SecureArea? = null, smallState: SmallState? = null) =
        Kist.person(place, platform("laptop", secureArea, smallState))

    private fun bigFile(mebibytes: Int): Path {
        val (file, random) = Pair(folder.resolve("big.bin"), Random(7))
        file.outputStream().use { out -> repeat(mebibytes) { out.write(random.nextBytes(1 shl 20)) } }
        return file
    }

    /** Collects work until it has told of progress for the first time, and cancels it there. */
    private suspend fun <T> cancelMidway(work: Flow<Work<T>>) = withContext(Dispatchers.Default) {
        val begun = CompletableDeferred<Unit>()
        val running = async {
            work.collect {
                assertTrue(it is Work.Progress, "it ended before it could be cancelled")
                begun.complete(Unit)
            }
        }
        begun.await()
        running.cancelAndJoin()
        assertThrows<CancellationException> { running.await() }
    }

    @Test
    fun d1_attaching_a_big_file_is_cancelled_midway_and_runs_again() = within {
        val file = bigFile(64)
        store().create(PASSPHRASE).use { alice ->
            cancelMidway(alice.files.attach(file))
            assertEquals(emptyList<RecordSummary>(), alice.records.list())
            val document = alice.files.attach(file).await()
            assertEquals((64 shl 20).toULong(), document.files.single().size)
            assertEquals(listOf(document.id), alice.records.list().map { it.id })
        }
    }

    @Test
    fun d1_a_long_list_is_read_page_by_page_and_parts_of_life_are_counted() = within {
        store().create(PASSPHRASE).use { alice ->
            val notes = alice.records.addAll(List(5) { NewRecord(Schemas.NOTE, """{ "text": "note $it" }""", area = "home") })
            alice.records.add(Schemas.VACCINATION, body("vaccine" to "Influenza", "date" to "2026-10-02"))
            val inHome = RecordFilter(area = "home")
            val first = alice.records.page(inHome, limit = 3)
            val second = alice.records.page(inHome, checkNotNull(first.next), limit = 3)
            assertNull(second.next)
            assertEquals(notes.map { it.id }.reversed(), (first.records + second.records).map { it.id })
            assertEquals(listOf("home" to 5uL, "health" to 1uL), alice.records.facets().areas.map { it.value to it.records })
            assertEquals("Malformed", failing<KistException.Input> { alice.records.page(page = "elsewhere") }.code)
        }
    }

    @Test
    fun z1_a_backup_is_cancelled_midway_and_goes_on() = within {
        RelayProcess(createDirectories(folder.resolve("relay"))).use { relay ->
            store().create(PASSPHRASE).use { alice ->
                alice.backup.setUp(relay.url)
                alice.files.attach(bigFile(32)).await()
                cancelMidway(alice.backup.run())
                assertEquals(0u, alice.backup.status().sequence.toUInt())
                assertTrue(alice.backup.run().await().sequence > 0u)
                assertFalse(alice.backup.status().pendingChanges)
                assertEquals(1uL, alice.backup.rehearse().await().records)
            }
        }
    }

    @Test
    fun h1_waiting_for_an_answer_is_cancelled_at_once() = within {
        World(folder).use { world ->
            val hosted = world.clinic.requests.create(request)
            withContext(Dispatchers.Default) {
                val waiting = launch { world.clinic.requests.collect(hosted.id, wait = 30.seconds) }
                val stopped = launch { waiting.cancelAndJoin() }
                withTimeout(10.seconds) { stopped.join() }
            }
            assertNull(world.clinic.requests.collect(hosted.id))
        }
    }

    @Test
    fun a_call_in_a_cancelled_coroutine_starts_no_work() = within {
        store().create(PASSPHRASE).use { alice ->
            coroutineScope {
                launch(start = CoroutineStart.UNDISPATCHED) {
                    cancel()
                    alice.records.add(Schemas.NOTE, body("text" to "never"))
                }
            }
            assertEquals(emptyList<RecordSummary>(), alice.records.list())
        }
    }

    @Test
    fun progress_grows_to_the_end_and_the_result_comes_last() = within {
        val file = bigFile(8)
        store().create(PASSPHRASE).use { alice ->
            val told = alice.files.attach(file).toList()
            val steps = told.filterIsInstance<Work.Progress>()
            assertEquals(steps.size + 1, told.size)
            assertTrue(told.last() is Work.Done)
            assertEquals(steps, steps.sortedBy { it.done })
            assertEquals(Work.Progress(8L shl 20, 8L shl 20), steps.last())
        }
    }

    @Test
    fun a_closed_store_refuses_calls_and_can_be_opened_again() = within {
        val alice = store().create(PASSPHRASE)
        alice.close()
        alice.close()
        assertThrows<IllegalStateException> { runBlocking { alice.records.list() } }
        store().open(PASSPHRASE).use { assertEquals(emptyList<RecordSummary>(), it.records.list()) }
    }

    @Test
    fun s1_a_wrong_passphrase_and_a_store_in_use_are_told_apart() = within {
        store().create(PASSPHRASE).use {
            assertEquals("InUse", failing<KistException.Input> { store().open(PASSPHRASE) }.code)
        }
        assertEquals("KeyMismatch", failing<KistException.Unlock> { store().open("another") }.code)
        assertEquals("AlreadyExists", failing<KistException.Input> { store().create(PASSPHRASE) }.code)
    }

    /** A key store whose answers a test decides. */
    private class Area(
        private val opened: (ByteArray) -> ByteArray,
        private val key: (ByteArray) -> ByteArray = { it },
    ) : SecureArea {
        private val sound = Kist.softwareSecureArea(ByteArray(32) { 7 })

        override fun seal(secret: ByteArray) = sound.seal(secret)

        override fun open(sealed: ByteArray) = opened(sound.open(sealed))

        override fun signingKey(name: String) = key(sound.signingKey(name))

        override fun sign(name: String, message: ByteArray) = sound.sign(name, message)
    }

    @Test
    fun s1_the_platforms_key_store_opens_a_store() = within {
        val area = Area({ it })
        store(area).create(PASSPHRASE).use { it.enableDeviceUnlock() }
        store(area).openWithDevice().use { assertEquals(emptyList<RecordSummary>(), it.records.list()) }
    }

    @Test
    fun s1_a_port_that_throws_or_answers_nonsense_is_a_typed_error() = within {
        store(Area({ it })).create(PASSPHRASE).use { it.enableDeviceUnlock() }
        val states = mapOf<String, (ByteArray) -> ByteArray>(
            "Unavailable" to { error("not ours") },
            "Locked" to { throw KeyStoreException.Locked() },
            "Invalidated" to { throw KeyStoreException.Invalidated(IllegalStateException("enrolled anew")) },
        )
        for ((state, answer) in states) {
            val error = failing<KistException.Unlock> { store(Area(answer)).openWithDevice() }
            assertEquals("PlatformKey", error.code)
            assertEquals(state, error.word("state"))
        }
        val nonsense = failing<KistException> { store(Area({ byteArrayOf(1) })).openWithDevice() }
        assertTrue(nonsense !is KistException.Internal, nonsense.code)
        RelayProcess(createDirectories(folder.resolve("relay"))).use { relay ->
            store(Area({ it }, { byteArrayOf(4, 2) })).open(PASSPHRASE).use { alice ->
                val error = failing<KistException.Input> { alice.backup.setUp(relay.url) }
                assertEquals(listOf("Malformed", "key"), listOf(error.code, error.word("what")))
            }
        }
    }

    @Test
    fun s1_an_older_copy_of_the_folder_is_refused() = within {
        val (kept, copy) = Pair(MemorySmallState(), folder.resolve("copy"))
        store(smallState = kept).create(PASSPHRASE).close()
        place.copyToRecursively(copy, followLinks = false)
        store(smallState = kept).open(PASSPHRASE).use { it.records.add(Schemas.NOTE, body("text" to "later")) }
        place.deleteRecursively()
        copy.copyToRecursively(place, followLinks = false)
        val error = failing<KistException.Integrity> { store(smallState = kept).open(PASSPHRASE) }
        assertEquals("RollbackDetected", error.code)
    }

    @Test
    fun s1_a_relay_on_this_machine_is_reached_only_where_a_test_allows_it() = within {
        RelayProcess(createDirectories(folder.resolve("relay"))).use { relay ->
            Kist.person(place, Platform("laptop")).create(PASSPHRASE).use { alice ->
                val error = failing<KistException.Input> { alice.backup.setUp(relay.url) }
                assertEquals("AddressRefused", error.code)
            }
        }
    }
}
