package org.kist.wallet.request

import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.language.LocalWords

/** A request that was opened: who asks, why, for what, and the person's decision. `request/ID`. */
object RequestDestination : Destination("request") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> RequestModel(stay.route.id, StoreDesk(stay.person, stay.ports.clock), scope, stay::leave) }
        LaunchedEffect(model) { model.look() }
        val state by model.state.collectAsState()
        val language = LocalWords.current.language.tag
        RequestScreen(state, requestActs(model, stay, language))
    }

    private fun requestActs(model: RequestModel, stay: Stay, language: String) = RequestActs(
        onTick = model.choices::tick,
        onRecord = model.choices::takeRecord,
        onOption = model.choices::takeOption,
        onRemember = model.choices::remember,
        onShare = { model.share(language) },
        onShareRemembered = model::shareRemembered,
        onCancel = model::cancel,
        onAskToRefuse = model::askToRefuse,
        onRefuse = model::refuse,
        onNotNow = model::notNow,
        onSendNow = model::sendNow,
        onLookAgain = model::look,
        onOpenPage = stay.ports.links::open,
        onReceipt = { consent -> stay.wayTo("receipt", consent)?.invoke() },
        onDone = stay::leave,
        onJoint = { cluster -> stay.wayTo("cluster", cluster)?.invoke() },
        onAdd = { schema -> stay.wayTo("add", schema)?.invoke() },
        onConsents = stay.wayTo("consents"),
        onReport = stay.wayTo("report-request", stay.route.id),
    )
}
