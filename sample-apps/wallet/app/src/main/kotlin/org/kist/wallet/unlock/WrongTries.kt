package org.kist.wallet.unlock

import java.time.Clock
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import org.kist.wallet.app.PreferenceStore

/**
 * Counts wrong passphrases in a row, and says how long there is to wait after them (A24). It outlives the app; it slows down who
 * guesses on this device, and keeps the owner out for some minutes at most.
 */
internal class WrongTries(private val preferences: PreferenceStore, private val clock: Clock) {
    /** How many there were since the store was opened last. */
    val count: Int get() = preferences.state.value.wrongTries

    /** How long there is to wait before the next. A clock that was set back begins the wait anew, and makes it no longer. */
    fun left(): Duration {
        val now = clock.instant().epochSecond
        if (preferences.state.value.lastWrongTry > now) preferences.change { it.copy(lastWrongTry = now) }
        val passed = (now - preferences.state.value.lastWrongTry).seconds
        return (waitAfter(count) - passed).coerceAtLeast(Duration.ZERO)
    }

    /** Counts one as wrong before it is made, so that killing the app in time takes none back; gives what takes it back. */
    fun begin(): () -> Unit {
        val before = preferences.state.value
        preferences.change { it.copy(wrongTries = it.wrongTries + 1, lastWrongTry = clock.instant().epochSecond) }
        return { preferences.change { it.copy(wrongTries = before.wrongTries, lastWrongTry = before.lastWrongTry) } }
    }

    /** The store is open. */
    fun forget() = preferences.change { it.copy(wrongTries = 0, lastWrongTry = 0) }
}

/** None at first, then twice as long each time, and not for ever. */
internal fun waitAfter(wrongTries: Int): Duration {
    if (wrongTries <= FREE) return Duration.ZERO
    val doublings = (wrongTries - FREE - 1).coerceAtMost(MOST_DOUBLINGS)
    return (FIRST * (1 shl doublings)).coerceAtMost(LONGEST)
}

private const val FREE = 3
private const val MOST_DOUBLINGS = 10
private val FIRST = 15.seconds
private val LONGEST = 5.minutes
