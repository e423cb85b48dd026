package org.kist.wallet.app

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import org.kist.wallet.ports.KeptText

/** A place on the stack, with the models that its screen made: they live as long as it does. */
class Visit(val route: Route, private val parent: CoroutineScope) {
    private val models = mutableMapOf<Any, Any>()

    /** Asked before the way back is taken from here: true where the screen deals with it itself, as by a question. */
    var holdBack: () -> Boolean = { false }
    private var scope = newScope()

    /** The model of this screen, made at its first call. Its scope ends when the screen is left for good, or the app locks. */
    @Suppress("UNCHECKED_CAST")
    @Synchronized
    fun <M : Any> model(key: Any, make: (CoroutineScope) -> M): M = models.getOrPut(key) { make(scope) } as M

    /** Ends what the models do, and forgets them; the place stays. */
    @Synchronized
    internal fun forget() {
        scope.cancel()
        models.clear()
        holdBack = { false }
        scope = newScope()
    }

    private fun newScope() =
        CoroutineScope(parent.coroutineContext + SupervisorJob(parent.coroutineContext[Job]))
}

/**
 * Where the person is: a stack of places, of which the last is shown. Each change is written down, so that an app that was
 * killed comes back to the same place.
 */
class Navigator(private val kept: KeptText, private val known: (Route) -> Boolean, private val scope: CoroutineScope) {
    private val visits = MutableStateFlow(restored())

    /** The stack; empty before the first place. */
    val stack: StateFlow<List<Visit>> = visits.asStateFlow()

    /** Goes on to a place, from which [back] comes back here. The place that is shown already is shown again, once. */
    fun go(route: Route) {
        if (visits.value.lastOrNull()?.route == route) return
        change { it + Visit(route, scope) }
    }

    /** Goes to a place instead of this one: [back] from there doesn't come here. */
    fun replace(route: Route) = change { it.dropLast(1) + Visit(route, scope) }

    /** Goes back, unless the screen holds it; false at the first place. */
    fun back(): Boolean {
        if (visits.value.last().holdBack()) return true
        if (visits.value.size < 2) return false
        change { it.dropLast(1) }
        return true
    }

    /** Begins anew at a place. */
    fun reset(route: Route) = change { listOf(Visit(route, scope)) }

    /** Ends what all screens do, and keeps the places: the store is about to close. */
    internal fun forgetModels() = visits.value.forEach(Visit::forget)

    @Synchronized
    private fun change(by: (List<Visit>) -> List<Visit>) {
        val before = visits.value
        val after = by(before)
        visits.value = after
        (before - after.toSet()).forEach(Visit::forget)
        kept.write(after.joinToString("\n") { it.route.toString() })
    }

    private fun restored(): List<Visit> = kept.read().orEmpty().lines()
        .mapNotNull(Route::of).filter(known).map { Visit(it, scope) }
}
