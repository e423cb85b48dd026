package org.kist.wallet.request

import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.language.LocalWords

/** Organisations that ask together, the person's one decision about them, and what was agreed. `cluster/ID`. */
object ClusterDestination : Destination("cluster") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> ClusterModel(stay.person, stay.route.id, scope) }
        LaunchedEffect(model) { model.look() }
        val state by model.state.collectAsState()
        val language = LocalWords.current.language.tag
        ClusterScreen(
            state,
            ClusterActs(
                all = forAll(model, stay, language),
                one = { request -> forOne(request, model.choices(request), stay) },
                onTake = { request, taken -> model.choices(request).take(taken) },
                onTakeAll = model::takeAll,
                onAsk = model::ask,
                onFetch = model::fetch,
                onAskToWithdraw = model::askToWithdraw,
                onWithdraw = model::withdraw,
                onConsent = { stay.wayTo("consent", it) },
                onReceipt = { stay.wayTo("receipt", it) },
            ),
        )
    }

    private fun forAll(model: ClusterModel, stay: Stay, language: String) = RequestActs(
        onShare = { model.share(language) },
        onCancel = model::cancel,
        onAskToRefuse = model::askToRefuse,
        onRefuse = model::refuse,
        onNotNow = stay::leave,
        onSendNow = model::sendNow,
        onLookAgain = model::look,
        onDone = stay::leave,
    )

    private fun forOne(request: String, choices: Choices, stay: Stay) = RequestActs(
        onTick = choices::tick,
        onRecord = choices::takeRecord,
        onOption = choices::takeOption,
        onOpenPage = stay.ports.links::open,
        onAdd = { schema -> stay.wayTo("add", schema)?.invoke() },
        onConsents = stay.wayTo("consents"),
        onReport = stay.wayTo("report-request", request),
    )
}
