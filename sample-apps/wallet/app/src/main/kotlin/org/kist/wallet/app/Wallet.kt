package org.kist.wallet.app

import java.nio.file.Files
import java.util.Locale
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
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

    private val links = MutableStateFlow<String?>(null)

    /** A link that another program handed over, until the room for it takes it. It waits while the store is shut. */
    val handedOver: StateFlow<String?> = links.asStateFlow()

    /** A link that begins a connection, from where it was read to the room that takes it. */
    val linkToIntroduce = MutableStateFlow<String?>(null)

    init {
        if (navigator.stack.value.isEmpty()) navigator.reset(Destinations.start(session.state.value))
        scope.launch { watchIdleness() }
        scope.launch { takeLinks() }
    }

    private suspend fun watchIdleness() {
        while (true) {
            delay(1.seconds)
            session.lockIfIdle(preferences.state.value.lockAfter)
        }
    }

    /** Takes in links that other programs hand over. A person without a store makes one first. */
    private suspend fun takeLinks() = ports.links.incoming.collect { link ->
        links.value = link
        if (session.state.value !is SessionState.Nothing) navigator.go(Route(LINKS_GO_TO))
    }

    /** The room for it has taken the link. */
    fun takeHandedOver() {
        links.value = null
    }

    /** Shuts the store while the window closes, and waits for it. */
    fun shut() = runBlocking { session.lock() }

    /**
     * Puts a damaged store aside, whole, in a folder beside its own, and leads to where one is restored in its place. Throws
     * IOException. It goes on when its caller ends, as screens do when the store is shut.
     */
    suspend fun setAside() = withContext(NonCancellable + Dispatchers.IO) {
        val home = ports.home
        session.setAside { Files.move(home, home.resolveSibling("${home.fileName}-damaged-${ports.clock.instant().epochSecond}")) }
        navigator.reset(Destinations.start(session.state.value))
        navigator.go(Route(RESTORE))
    }

    /** Locks now, as a button of the screen asks for. */
    fun lock() {
        scope.launch { session.lock() }
    }

    private companion object {
        const val LINKS_GO_TO = "scan"
        const val RESTORE = "restore"
    }
}
