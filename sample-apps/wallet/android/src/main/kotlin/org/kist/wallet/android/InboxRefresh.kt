package org.kist.wallet.android

import org.kist.android.refresh.RefreshOutcome
import org.kist.android.refresh.RefreshService
import org.kist.wallet.app.SessionState

/** Takes in what came, while the store is open. */
class InboxRefresh : RefreshService() {
    override suspend fun refresh(): RefreshOutcome {
        val session = (application as WalletApplication).wallet.session.state.value
        val open = session as? SessionState.Open ?: return RefreshOutcome.LOCKED
        open.person.inbox.refresh()
        return RefreshOutcome.DONE
    }
}
