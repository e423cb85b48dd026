package org.kist.wallet.state

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.flow.flow
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.kist.Work
import org.kist.wallet.language.Language
import org.kist.wallet.language.Words

class CallsTest {
    private val scope = CoroutineScope(Dispatchers.Unconfined)

    @Test
    fun `what failed says so, and can be tried again`() {
        var works = false
        val seen = mutableListOf<Loadable<Int>>()
        scope.load(seen::add) { if (works) 7 else throw java.io.IOException("gone") }
        val failed = seen.last() as Loadable.Failed
        assertEquals("FileUnreadable", failed.problem.code)
        works = true
        failed.retry?.invoke()
        assertEquals(Loadable.Ready(7), seen.last())
    }

    @Test
    fun `long work tells how far it is, and stops when the person cancels`() {
        var stopped = false
        var told = false
        val seen = mutableListOf<Loadable<Int>>()
        scope.loadWork({
            flow<Work<Int>> {
                emit(Work.Progress(3, 4))
                try {
                    awaitCancellation()
                } finally {
                    stopped = true
                }
            }
        }, cancelled = { told = true }, into = seen::add)
        val loading = seen.last() as Loadable.Loading
        assertEquals(0.75f, loading.progress?.fraction)
        loading.cancel?.invoke()
        assertTrue(stopped && told)
        assertEquals(loading, seen.last())
    }

    @Test
    fun `long work ends in what it came to`() {
        val step = CompletableDeferred<Unit>()
        val seen = mutableListOf<Loadable<Int>>()
        scope.loadWork({ flow { step.await(); emit(Work.Done(9)) } }, {}, seen::add)
        assertTrue(seen.last() is Loadable.Loading)
        step.complete(Unit)
        assertEquals(Loadable.Ready(9), seen.last())
    }

    @Test
    fun `what is asked for while something is done waits its turn`() {
        val step = CompletableDeferred<Unit>()
        val done = mutableListOf<String>()
        val told = mutableListOf<Doing>()
        val acts = Acts(scope, told::add)
        acts.run {
            step.await()
            done += "first"
        }
        acts.run { done += "second" }
        assertTrue(told.last().busy && done.isEmpty())
        step.complete(Unit)
        assertEquals(listOf("first", "second"), done)
        assertEquals(Doing(), told.last())
    }

    @Test
    fun `what an act came to is shown when the word of it is gone, so that it stays in its place`() {
        val seen = mutableListOf<Any>()
        Acts(scope, seen::add).run({ seen += "done" }, { 7 }, seen::add)
        assertEquals(listOf(Doing(busy = true), "done", Doing(), 7), seen)
    }

    @Test
    fun `a problem is a sentence and a way forward, in the language that is shown`() {
        val problem = Problem("Unreachable", retry = true, offline = true)
        val english = Words(Language.ENGLISH)
        assertEquals("You are offline, or your relay doesn't answer.", english.sentence(problem))
        assertEquals("(The relay keeps your backup and passes messages.) Try again later.", english.wayForward(problem))
        assertTrue(Words(Language.WELSH).sentence(problem).startsWith("Rydych all-lein"))
        val own = Problem.own("PassphraseShort", "least" to 12)
        assertEquals("Take at least 12 characters: a few words are easiest.", english.wayForward(own))
    }
}
