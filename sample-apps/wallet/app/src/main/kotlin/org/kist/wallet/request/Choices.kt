package org.kist.wallet.request

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import org.kist.wallet.state.Outcome
import org.kist.wallet.state.attempt

/**
 * What the person chooses of one open request, kept as a [draft] until it is decided; null keeps nothing. [tell] is given it
 * whenever it changes.
 */
class Choices(private val draft: ChoiceDraft?, private val scope: CoroutineScope, private val tell: (Choosing) -> Unit) {
    private var now = Choosing()
    private var keeping: Job? = null
    private var restored = false
    private var over = false

    fun tick(field: String, ticked: Boolean) = choose {
        it.copy(ticked = if (ticked) it.ticked + field else it.ticked - field)
    }

    fun takeRecord(credential: String, candidate: String) = choose { it.copy(records = it.records + (credential to candidate)) }

    /** Takes one of several things; null takes none, where none is needed. */
    fun takeOption(place: Int, option: Int?) = choose {
        it.copy(options = if (option == null) it.options - place else it.options + (place to option))
    }

    /** Gives this one of several organisations something; false gives it nothing. */
    fun take(taken: Boolean) = choose { it.copy(taken = taken) }

    fun remember(remember: Remember) = choose { it.copy(remember = remember) }

    /** Comes back, once, to what was chosen before the app was shut. */
    suspend fun restore() {
        if (restored) return
        val left = attempt { draft?.find() }
        restored = true
        if (left is Outcome.Done) left.value?.let { choosing ->
            now = choosing
            tell(choosing)
        }
    }

    /** It is decided, or over. What can't be cleared away now mustn't hide that. */
    suspend fun forget() {
        over = true
        keeping?.cancel()
        attempt { draft?.drop() }
    }

    private fun choose(by: (Choosing) -> Choosing) {
        if (over) return
        val choosing = by(now)
        now = choosing
        tell(choosing)
        keeping?.cancel()
        // What can't be kept as a draft is still on the screen.
        keeping = scope.launch { attempt { draft?.keep(choosing) } }
    }
}
