package org.kist.android.links

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Bundle

/**
 * What an activity was opened with, once. Called with what [Activity.onCreate] and [Activity.onNewIntent] are given (there,
 * [restored] is null). An activity that is made again, after a turn of the phone or after Android ended the app, is given
 * the same intent again: the request was opened then, and isn't a second time.
 */
fun LinkPolicy.take(intent: Intent?, restored: Bundle?): IncomingLink? {
    if (intent == null || !isFresh(restored != null, intent.flags)) return null
    return if (intent.action == Intent.ACTION_VIEW) read(intent.dataString) else null
}

/** Not what was restored, and not what stands in the list of recent apps. */
internal fun isFresh(restored: Boolean, flags: Int): Boolean =
    !restored && flags and Intent.FLAG_ACTIVITY_LAUNCHED_FROM_HISTORY == 0

/** Opens a web page in the browser: the session that a request belongs to. False where there is no browser for it. */
fun openInBrowser(context: Context, address: String): Boolean {
    if (!isWebAddress(address)) return false
    val intent = Intent(Intent.ACTION_VIEW, Uri.parse(address))
        .addCategory(Intent.CATEGORY_BROWSABLE)
        .addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
    return try {
        context.startActivity(intent)
        true
    } catch (_: ActivityNotFoundException) {
        false
    }
}

/** Only https: another scheme would start any app with what an organisation says. */
internal fun isWebAddress(address: String): Boolean =
    address.startsWith("https://", ignoreCase = true) && address.none { it <= ' ' || it > '~' }
