package org.kist.wallet.android

import android.app.Activity
import android.content.Intent
import android.content.pm.PackageManager
import android.os.Bundle
import kotlinx.coroutines.launch
import org.kist.android.links.LinkPolicy
import org.kist.android.links.take
import org.kist.android.privacy.ScreenPrivacy
import org.kist.wallet.app.Wallet

/** The name of the entry in the manifest that says which host's app links are ours. */
private const val HOST = "org.kist.wallet.APP_LINK_HOST"

/** What the activity does, but for showing the screens: it passes on what Android tells it. */
class Shell(private val activity: Activity) {
    private val app = activity.application as WalletApplication

    /** What the screens show. */
    val wallet: Wallet get() = app.wallet

    private val policy by lazy { LinkPolicy(setOfNotNull(host())) }

    /** The activity is made; [restored] is what it was given of an earlier one. */
    fun created(intent: Intent?, restored: Bundle?) {
        ScreenPrivacy.apply(activity)
        policy.take(intent, restored)?.let(app.links::take)
    }

    /** Another app opened it, while it was there. */
    fun opened(intent: Intent) {
        policy.take(intent, restored = null)?.let(app.links::take)
    }

    /** It is shown. What should have locked while Android let nothing run locks now. */
    fun shown() {
        app.front.enter(activity)
        wallet.scope.launch { wallet.session.lockIfIdle(wallet.preferences.state.value.lockAfter) }
    }

    /** It is shown no more. */
    fun hidden() = app.front.leave(activity)

    /** Another app answered; false where the activity's own libraries had asked it. */
    fun answered(code: Int, result: Int, data: Intent?): Boolean = app.front.answered(code, result, data)

    /** The person allowed something, or didn't; likewise. */
    fun decided(code: Int, granted: IntArray): Boolean = app.front.decided(code, granted)

    private fun host(): String? = activity.packageManager
        .getApplicationInfo(activity.packageName, PackageManager.GET_META_DATA).metaData?.getString(HOST)
}
