package org.kist.android.privacy

import android.app.Activity
import android.os.Build
import android.view.View
import android.view.WindowManager

/** What keeps a screen to the person. */
internal data class Screening(
    /** No picture of it anywhere: not in the list of recent apps, not by screenshot, recording or cast. */
    val secure: Boolean,
    /** A picture of it in the list of recent apps; meaningful where it isn't secure, and from Android 13 on. */
    val inRecents: Boolean,
    /** No other app's window over it; from Android 12 on. */
    val uncovered: Boolean,
)

/** Where the platform can hide the app in the list of recent apps alone, a person may take screenshots; else not. */
internal fun screening(sdk: Int, allowScreenshots: Boolean): Screening {
    val hidesInRecents = sdk >= Build.VERSION_CODES.TIRAMISU
    return Screening(
        secure = !(allowScreenshots && hidesInRecents),
        inRecents = false,
        uncovered = sdk >= Build.VERSION_CODES.S,
    )
}

/** Keeps what an app shows out of the list of recent apps, and its buttons from being pressed through another app's window. */
object ScreenPrivacy {
    /** Whether a person can be offered to allow screenshots: where that leaves the list of recent apps empty. */
    val canAllowScreenshots: Boolean get() = Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU

    /**
     * Applies it to [activity], before its content is set, and again when the person changes what they allow. Wants the
     * permission `android.permission.HIDE_OVERLAY_WINDOWS` in the manifest.
     */
    fun apply(activity: Activity, allowScreenshots: Boolean = false) {
        val (secure, inRecents, uncovered) = screening(Build.VERSION.SDK_INT, allowScreenshots)
        val window = activity.window
        if (secure) {
            window.addFlags(WindowManager.LayoutParams.FLAG_SECURE)
        } else {
            window.clearFlags(WindowManager.LayoutParams.FLAG_SECURE)
        }
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) activity.setRecentsScreenshotEnabled(inRecents)
        if (uncovered && Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) window.setHideOverlayWindows(true)
        window.decorView.ignoreWhenCovered()
    }

    /** Where overlays can't be hidden, a touch that went through one counts for nothing. */
    private fun View.ignoreWhenCovered() {
        filterTouchesWhenObscured = true
    }
}
