package org.kist.wallet.android

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.content.pm.PackageManager
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicInteger
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/** The first number of what is asked: those below are for what the activity's own libraries ask. */
private const val FIRST = 0x4b00
private const val LAST = 0x4fff

/** The activity that is shown, and what it asked other apps and the person for. */
class Front {
    /** Null while none is shown. */
    @Volatile
    var activity: Activity? = null
        private set

    private val number = AtomicInteger()
    private val asked = ConcurrentHashMap<Int, CompletableDeferred<Intent?>>()
    private val permissions = ConcurrentHashMap<Int, CompletableDeferred<Boolean>>()

    /** An activity is shown. */
    fun enter(shown: Activity) {
        activity = shown
    }

    /** It is shown no more. */
    fun leave(hidden: Activity) {
        if (activity === hidden) activity = null
    }

    /** Starts another app for something; null where the person goes back, or there is none for it. */
    suspend fun ask(intent: Intent): Intent? = asking(asked, null) { code ->
        try {
            startActivityForResult(intent, code)
            true
        } catch (_: ActivityNotFoundException) {
            false
        }
    }

    /** Asks the person to allow something; true where they do, or did before. */
    suspend fun allow(permission: String): Boolean {
        if (activity?.checkSelfPermission(permission) == PackageManager.PERMISSION_GRANTED) return true
        return asking(permissions, false) { code ->
            requestPermissions(arrayOf(permission), code)
            true
        }
    }

    /** What came of [ask], as the activity is told. False for an answer to somebody else. */
    fun answered(code: Int, result: Int, data: Intent?): Boolean =
        asked.remove(code)?.complete(data.takeIf { result == Activity.RESULT_OK }) != null

    /** What came of [allow], likewise. Nothing granted: the question was taken away without an answer. */
    fun decided(code: Int, granted: IntArray): Boolean =
        permissions.remove(code)?.complete(granted.firstOrNull() == PackageManager.PERMISSION_GRANTED) != null

    /** Asks on the main thread, of the activity that is shown, and waits; [nothing] where nobody can be asked. */
    private suspend fun <T> asking(
        waiting: MutableMap<Int, CompletableDeferred<T>>,
        nothing: T,
        start: Activity.(code: Int) -> Boolean,
    ): T = withContext(Dispatchers.Main.immediate) {
        val shown = activity ?: return@withContext nothing
        val code = FIRST + Math.floorMod(number.getAndIncrement(), LAST - FIRST + 1)
        val answer = CompletableDeferred<T>()
        waiting[code] = answer
        try {
            if (shown.start(code)) answer.await() else nothing
        } finally {
            waiting.remove(code)
        }
    }
}
