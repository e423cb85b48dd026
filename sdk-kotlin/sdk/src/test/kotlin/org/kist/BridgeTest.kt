package org.kist

import java.util.concurrent.ConcurrentLinkedQueue
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.kist.generated.CancelHandle
import org.kist.generated.KistException
import org.kist.generated.PlatformKey
import org.kist.generated.Probe
import org.kist.generated.WorkProgress
import org.kist.generated.ProgressListener

/** What the bridge promises, whatever the API above it is. */
class BridgeTest {
    private class Key(val answer: suspend (ByteArray) -> ByteArray) : PlatformKey {
        override suspend fun unwrapKey(sealed: ByteArray) = answer(sealed)
    }

    private class Heard : ProgressListener {
        val all = ConcurrentLinkedQueue<WorkProgress>()
        val first = CompletableDeferred<Unit>()

        override fun progressed(progress: WorkProgress) {
            all += progress
            first.complete(Unit)
        }
    }

    private val reversing = Key { it.reversedArray() }

    private fun bridge(test: suspend () -> Unit) = runBlocking { withTimeout(10_000) { test() } }

    @Test
    fun s1_a_call_reaches_the_platform_key_and_tells_progress() = bridge {
        val heard = Heard()
        Probe(reversing).use { probe ->
            assertArrayEquals(byteArrayOf(3, 2, 1), probe.unwrapKey(byteArrayOf(1, 2, 3), heard, CancelHandle()))
        }
        assertEquals(listOf(WorkProgress(1u, 2u), WorkProgress(2u, 2u)), heard.all.toList())
    }

    @Test
    fun s1_an_error_of_the_platform_comes_back_as_itself() = bridge {
        Probe(Key { throw KistException.PlatformKeyUnavailable(-7) }).use { probe ->
            val error = assertThrows<KistException.PlatformKeyUnavailable> {
                runBlocking { probe.unwrapKey(byteArrayOf(1), Heard(), CancelHandle()) }
            }
            assertEquals(-7, error.status)
        }
    }

    @Test
    fun s1_a_foreign_exception_and_a_panic_are_survived() = bridge {
        Probe(Key { error("not ours") }).use { probe ->
            assertThrows<KistException.Internal> {
                runBlocking { probe.unwrapKey(byteArrayOf(1), Heard(), CancelHandle()) }
            }
            assertThrows<KistException.Internal> { runBlocking { probe.panics(CancelHandle()) } }
        }
    }

    @Test
    fun s1_cancelling_a_coroutine_stops_the_work_in_rust() = bridge {
        Probe(reversing).use { probe ->
            val heard = Heard()
            withContext(Dispatchers.Default) {
                val job = async { cancellable { probe.wait(heard, it) } }
                heard.first.await()
                job.cancelAndJoin()
                assertEquals(1u, probe.dropped())
                assertThrows<CancellationException> { runBlocking { job.await() } }
            }
        }
    }

    @Test
    fun s1_a_call_in_a_cancelled_coroutine_starts_no_work() = bridge {
        Probe(reversing).use { probe ->
            val heard = Heard()
            coroutineScope {
                launch(start = CoroutineStart.UNDISPATCHED) {
                    cancel()
                    cancellable { probe.wait(heard, it) }
                }
            }
            assertEquals(emptyList<WorkProgress>(), heard.all.toList())
        }
    }

    @Test
    fun s1_dropping_a_call_stops_the_work_in_rust() = bridge {
        Probe(reversing).use { probe ->
            val heard = Heard()
            withContext(Dispatchers.Default) {
                val job = launch { probe.wait(heard, CancelHandle()) }
                heard.first.await()
                job.cancelAndJoin()
            }
            while (probe.dropped() == 0u) yield()
            assertEquals(1u, probe.dropped())
        }
    }

    @Test
    fun s1_a_cancel_handle_stops_the_work_in_rust() = bridge {
        Probe(reversing).use { probe ->
            val heard = Heard()
            val handle = CancelHandle()
            withContext(Dispatchers.Default) {
                val ended = async(start = CoroutineStart.UNDISPATCHED) {
                    runCatching { probe.wait(heard, handle) }.exceptionOrNull()
                }
                heard.first.await()
                handle.cancel()
                assertEquals(KistException.Cancelled::class, ended.await()!!::class)
            }
        }
    }
}
