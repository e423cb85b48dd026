package org.kist.android.refresh

import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import kotlin.time.Duration.Companion.minutes

/** Refreshes that the system begins and takes back. */
class RefreshRunsTest {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    private val told = LinkedBlockingQueue<Pair<Int, Boolean>>()

    private fun runs(refresh: suspend () -> RefreshOutcome) = RefreshRuns(scope, refresh) { run, again -> told += run to again }

    private fun next() = told.poll(1, TimeUnit.MINUTES)

    @AfterEach
    fun end() = scope.cancel()

    @Test
    fun d5_a_run_ends_by_itself_and_comes_again_only_where_that_may_help() {
        for ((outcome, again) in listOf(RefreshOutcome.DONE to false, RefreshOutcome.LOCKED to false, RefreshOutcome.LATER to true)) {
            runs { outcome }.start(7)
            assertEquals(7 to again, next(), "$outcome")
        }
    }

    @Test
    fun s5_a_store_that_is_closed_meanwhile_ends_the_run_and_not_the_app() {
        runs { throw IllegalStateException("closed") }.start(1)
        assertEquals(1 to false, next())
        assertTrue(scope.coroutineContext[kotlinx.coroutines.Job]!!.isActive)
    }

    @Test
    fun s5_a_run_that_the_system_takes_back_is_stopped_and_comes_again() = runBlocking {
        val (begun, stopped) = Pair(CompletableDeferred<Unit>(), CompletableDeferred<Unit>())
        val runs = runs {
            begun.complete(Unit)
            try {
                awaitCancellation()
            } finally {
                stopped.complete(Unit)
            }
        }
        runs.start(3)
        withTimeout(1.minutes) { begun.await() }
        assertTrue(runs.stop(3))
        withTimeout(1.minutes) { stopped.await() }
        assertFalse(runs.stop(3), "once")
        assertFalse(runs.stop(4))
        runs { RefreshOutcome.DONE }.start(5)
        assertEquals(5 to false, next(), "nothing was told of the run that was taken back")
    }
}
