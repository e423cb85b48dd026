package org.kist

import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.kist.generated.CancelHandle
import org.kist.generated.KistException as CoreException

/**
 * Runs a call of the core, giving it a handle that is cancelled when the coroutine is.
 *
 * The generated code alone would stop the work too, but without waiting for it: the coroutine would go on while Rust
 * still holds files. Here it goes on, with the usual CancellationException, when nothing of the work runs any more.
 */
internal suspend fun <T> cancellable(call: suspend (CancelHandle) -> T): T = CancelHandle().use { handle ->
    try {
        coroutineScope {
            val watcher = launch(start = CoroutineStart.UNDISPATCHED) {
                try {
                    awaitCancellation()
                } finally {
                    handle.cancel() // after a call that has ended it does nothing
                }
            }
            try {
                withContext(NonCancellable) { call(handle) }
            } finally {
                watcher.cancel()
            }
        }
    } catch (error: CoreException) {
        if (error is CoreException.Cancelled) currentCoroutineContext().ensureActive()
        throw error.translated()
    }
}

/** Opens a store; one that is open when the coroutine turns out to be cancelled is let go of again. */
internal suspend fun <T : AutoCloseable> opening(call: suspend (CancelHandle) -> T): T {
    var opened: T? = null
    try {
        return cancellable { handle -> call(handle).also { opened = it } }
    } catch (error: Throwable) {
        opened?.close()
        throw error
    }
}
