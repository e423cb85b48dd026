package org.kist

import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.channelFlow
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.first
import org.kist.generated.CancelHandle
import org.kist.generated.ProgressListener
import org.kist.generated.WorkProgress

/**
 * What a flow of long work tells: how far it has come, and at last what it came to. Collecting the flow starts the work,
 * cancelling the collection stops it. A collector that is slow misses steps between, never the last one.
 */
sealed interface Work<out T> {
    /** How far it has come, in bytes; [total] is null where that isn't known. */
    data class Progress(val done: Long, val total: Long?) : Work<Nothing>

    /** What it came to; nothing follows. */
    data class Done<T>(val result: T) : Work<T>
}

/** Runs the work to its end, whatever it tells between. */
suspend fun <T> Flow<Work<T>>.await(): T = filterIsInstance<Work.Done<T>>().first().result

internal fun <T> work(call: suspend (ProgressListener, CancelHandle) -> T): Flow<Work<T>> = channelFlow {
    val listener = object : ProgressListener {
        override fun progressed(progress: WorkProgress) {
            val total = progress.total.toLong().takeIf { it > 0 }
            trySend(Work.Progress(progress.done.toLong(), total))
        }
    }
    send(Work.Done(cancellable { handle -> call(listener, handle) }))
}.buffer(STEPS_KEPT, BufferOverflow.DROP_OLDEST)

private const val STEPS_KEPT = 16
