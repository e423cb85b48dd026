package org.kist.wallet.app

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.isActive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotSame
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.kist.wallet.ports.KeptText

private class Kept(var text: String? = null) : KeptText {
    override fun read() = text
    override fun write(text: String?) {
        this.text = text
    }
}

class NavigatorTest {
    private val scope = CoroutineScope(Dispatchers.Unconfined)
    private val kept = Kept()

    private fun navigator(known: (Route) -> Boolean = { true }) = Navigator(kept, known, scope)

    private fun places(navigator: Navigator) = navigator.stack.value.map { it.route.toString() }

    @Test
    fun `s5 an app that was killed comes back to the same place, with the way back`() {
        navigator().apply {
            reset(Route("home"))
            go(Route("request", "4773dbc6"))
        }
        val again = navigator()
        assertEquals(listOf("home", "request/4773dbc6"), places(again))
        assertTrue(again.back())
        assertFalse(again.back())
        assertEquals(listOf("home"), places(again))
    }

    @Test
    fun `s5 places that this build doesn't know, and what isn't a place, are left out`() {
        kept.text = "home\nnowhere/1\n../../etc\n\nhome home"
        assertEquals(listOf("home"), places(navigator { it.destination == "home" }))
    }

    @Test
    fun `a screen that is left ends what it does, and one that is come back to has kept it`() {
        val navigator = navigator()
        navigator.reset(Route("home"))
        val home = navigator.stack.value.single()
        val model = home.model("model") { Any() }
        lateinit var work: CoroutineScope
        navigator.go(Route("record", "1"))
        navigator.stack.value.last().model("model") { scope -> scope.also { work = it } }
        assertTrue(work.isActive)
        navigator.back()
        assertFalse(work.isActive)
        assertSame(model, home.model("model") { Any() })
        navigator.forgetModels()
        assertNotSame(model, home.model("model") { Any() })
    }

    @Test
    fun `a route holds opaque ids alone`() {
        assertEquals(Route("request", "4773dbc6"), Route.of("request/4773dbc6"))
        assertNull(Route.of("search/my address"))
    }
}
