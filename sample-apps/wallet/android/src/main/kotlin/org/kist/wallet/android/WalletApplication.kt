package org.kist.wallet.android

import android.app.Application
import java.util.Locale
import kotlinx.coroutines.MainScope
import org.kist.android.refresh.RefreshService
import org.kist.wallet.app.Wallet
import org.kist.wallet.language.Language

/** The app's process. It has one wallet, which outlives the activity that shows it, until it locks or the process ends. */
class WalletApplication : Application() {
    /** The activity that is shown. */
    val front = Front()

    /** Links that other apps opened this one with. */
    val links by lazy { AndroidLinks(this) }

    /** The whole app beneath its screens. */
    val wallet by lazy { Wallet(androidPorts(this), MainScope(), Language.of(Locale.getDefault().language)) }

    override fun onCreate() {
        super.onCreate()
        AndroidFiles.clear(this)
        RefreshService.schedule(this, InboxRefresh::class.java)
    }
}
