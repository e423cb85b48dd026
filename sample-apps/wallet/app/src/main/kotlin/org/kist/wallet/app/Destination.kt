package org.kist.wallet.app

import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.graphics.vector.ImageVector
import kotlinx.coroutines.CoroutineScope
import org.kist.Person
import org.kist.wallet.ports.Ports

/** A place of the bar of navigation: the lowest [order] first, its name a key of the words. */
class Tab(val order: Int, val icon: ImageVector, val nameKey: String)

/**
 * A kind of place that the app can go to. Each room has one or more in a file of its own, and a line each in [Destinations].
 */
abstract class Destination(
    /** Its name in a [Route]. */
    val name: String,
    /** Whether it is shown only while the store is open. */
    val needsPerson: Boolean = true,
    /** Where it stands in the bar of navigation; null for places that are reached from others. */
    val tab: Tab? = null,
) {
    /** The way to it; a room gives it a better name where it takes ids. */
    fun route(vararg ids: String) = Route(name, ids.toList())

    /** Makes the model, once for each [Stay], and shows the screen. */
    @Composable
    abstract fun Content(stay: Stay)
}

/** A screen's stay at a place: what it may use while it is there. */
class Stay(val route: Route, val wallet: Wallet, private val openPerson: Person?, private val visit: Visit) {
    val navigator: Navigator get() = wallet.navigator
    val ports: Ports get() = wallet.ports

    /** The open store. Only for destinations that need it. */
    val person: Person get() = checkNotNull(openPerson) { "${route.destination} is shown while the store is shut" }

    /** The model of this screen, made at its first showing; [scope] ends when the screen is left for good or the app locks. */
    fun <M : Any> model(key: Any = "model", make: (scope: CoroutineScope) -> M): M = visit.model(key, make)

    /** Runs [look] when the screen is shown, and again whenever the inbox was refreshed meanwhile, here or elsewhere. */
    @Composable
    fun Looking(look: () -> Unit) {
        val refreshes by person.inbox.refreshes.collectAsState()
        LaunchedEffect(visit, refreshes) { look() }
    }

    /** Lets the screen ask before the way back is taken, by whatever key or button: true where it does. */
    fun holdBack(holding: () -> Boolean) {
        visit.holdBack = holding
    }

    /** Goes back, where there is somewhere to go back to. */
    fun back() {
        navigator.back()
    }

    /** Goes back, or to where the app begins where there is nothing to go back to: this place is done with. */
    fun leave() {
        if (!navigator.back()) navigator.reset(Destinations.start(wallet.session.state.value))
    }

    /**
     * The way to another room by the name of its destination, so that rooms needn't import one another; null in a build without
     * it, and then it isn't offered.
     */
    fun wayTo(destination: String, vararg ids: String): (() -> Unit)? =
        Destinations.named(destination)?.let { { navigator.go(it.route(*ids)) } }

    /** [back], where there is somewhere to go back to; null at the first place. */
    val wayBack: (() -> Unit)? get() = if (navigator.stack.value.size > 1) ({ back() }) else null
}
