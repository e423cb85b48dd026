package org.kist.wallet.app

import java.time.Clock
import java.time.Instant
import kotlin.time.Duration
import kotlin.time.toKotlinDuration
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import org.kist.Person
import org.kist.PersonStore

/** Whether the person's store is there, and open. */
sealed interface SessionState {
    /** There is no store on this device. */
    data object Nothing : SessionState

    /** There is one, and it is shut. */
    data class Locked(val byIdleness: Boolean = false) : SessionState

    /** It is open. */
    class Open(val person: Person) : SessionState
}

/** Opens and shuts the person's store: one at a time, and shut when nobody has touched the app for a while. */
class Session(private val store: PersonStore, private val clock: Clock, private val beforeLock: () -> Unit) {
    private val states = MutableStateFlow(if (store.exists) SessionState.Locked() else SessionState.Nothing)
    private val oneAtATime = Mutex()
    @Volatile
    private var touched: Instant = clock.instant()

    val state: StateFlow<SessionState> = states.asStateFlow()

    /** Makes the store, and has it open. Throws KistException as [PersonStore.create] does. */
    suspend fun create(passphrase: String) = opening { store.create(passphrase) }

    /** Opens the store. Throws KistException as [PersonStore.open] does. */
    suspend fun open(passphrase: String) = opening { store.open(passphrase) }

    /** Opens the store by the platform's key store. Throws KistException as [PersonStore.openWithDevice] does. */
    suspend fun openWithDevice() = opening { store.openWithDevice() }

    /** Looks again whether there is a store: a restore has made one. */
    fun look() {
        if (states.value is SessionState.Nothing && store.exists) states.value = SessionState.Locked()
    }

    /** The person has done something. */
    fun touch() {
        touched = clock.instant()
    }

    /** Locks, if nothing was done for that long. */
    suspend fun lockIfIdle(after: Duration) {
        val idle = java.time.Duration.between(touched, clock.instant()).toKotlinDuration()
        if (idle >= after) lock(byIdleness = true)
    }

    /** Ends what screens do and shuts the store, which wipes its keys. */
    suspend fun lock(byIdleness: Boolean = false) = oneAtATime.withLock {
        val open = states.value as? SessionState.Open ?: return@withLock
        states.value = SessionState.Locked(byIdleness)
        beforeLock()
        // Closing waits for calls that still run, and mustn't be left half-done by whoever asked for it.
        withContext(NonCancellable + Dispatchers.IO) { open.person.close() }
    }

    /** Locks, and has no store any more: [move] takes it out of its place. */
    suspend fun setAside(move: () -> Unit) {
        runCatching { lock() } // what is damaged may fail to close, too
        oneAtATime.withLock {
            move()
            states.value = SessionState.Nothing
        }
    }

    private suspend fun opening(open: suspend () -> Person) = oneAtATime.withLock {
        if (states.value is SessionState.Open) return@withLock
        val person = open()
        touch()
        states.value = SessionState.Open(person)
    }
}
