package org.kist.wallet.app

import org.kist.wallet.create.CreateDestination
import org.kist.wallet.create.KitDestination
import org.kist.wallet.home.HomeDestination
import org.kist.wallet.welcome.WelcomeDestination

/** Every place of the app, by name. A room adds its line here, and nothing else anywhere. */
object Destinations {
    val all: List<Destination> = listOf(
        CreateDestination,
        HomeDestination,
        KitDestination,
        WelcomeDestination,
    )

    private val byName = all.associateBy { it.name }

    /** The places of the bar of navigation. */
    val tabs: List<Destination> = all.filter { it.tab != null }.sortedBy { it.tab?.order }

    fun named(name: String): Destination? = byName[name]

    /** Where the app begins. */
    fun start(state: SessionState): Route =
        if (state is SessionState.Nothing) WelcomeDestination.route() else HomeDestination.route()
}
