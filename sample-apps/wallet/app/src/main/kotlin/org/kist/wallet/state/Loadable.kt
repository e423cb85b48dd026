package org.kist.wallet.state

/** What a screen shows of something that takes time: it comes, it is there, or it failed. */
sealed interface Loadable<out T> {
    /** It comes. Without a [progress] nobody knows how far it is; without [cancel] it is over in a moment. */
    data class Loading(val progress: Progress? = null, val cancel: (() -> Unit)? = null) : Loadable<Nothing>

    /** It is there. */
    data class Ready<T>(val value: T) : Loadable<T>

    /** It failed; [retry] begins anew, where that can help. */
    data class Failed(val problem: Problem, val retry: (() -> Unit)? = null) : Loadable<Nothing>
}

/** How far long work is, in the unit of whoever does it. */
data class Progress(val done: Long, val total: Long?) {
    /** From 0 to 1; null where the total isn't known. */
    val fraction: Float? get() = total?.takeIf { it > 0 }?.let { (done.toFloat() / it).coerceIn(0f, 1f) }
}

/** The value, where it is there. */
val <T> Loadable<T>.valueOrNull: T? get() = (this as? Loadable.Ready)?.value
