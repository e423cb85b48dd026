package org.kist.wallet.app

import java.util.Locale
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.kist.Kist
import org.kist.wallet.language.Language
import org.kist.wallet.ports.Ports

/** The whole app beneath its screens. [scope] ends with the window; models and their calls run in it. */
class Wallet(val ports: Ports, val scope: CoroutineScope, systemLanguage: Language = Language.of(Locale.getDefault().language)) {
    /** The store's place, for a restore. */
    val store = Kist.person(ports.home, ports.platform)

    val preferences = PreferenceStore(ports.preferences, systemLanguage)

    val navigator = Navigator(ports.place, { Destinations.named(it.destination) != null }, scope)

    val session = Session(store, ports.clock, navigator::forgetModels)

    init {
        if (navigator.stack.value.isEmpty()) navigator.reset(Destinations.start(session.state.value))
        scope.launch { watchIdleness() }
    }

    private suspend fun watchIdleness() {
        while (true) {
            delay(1.seconds)
            session.lockIfIdle(preferences.state.value.lockAfter)
        }
    }

    /** Shuts the store while the window closes, and waits for it. */
    fun shut() = runBlocking { session.lock() }

    /** Locks now, as a button of the screen asks for. */
    fun lock() {
        scope.launch { session.lock() }
    }
}
