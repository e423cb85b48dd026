package org.kist.wallet.shots

import org.kist.ConsentOutcome
import org.kist.ConsentState
import org.kist.ConsentSummary
import org.kist.EffortSaved
import org.kist.NarrowingInfo
import org.kist.Pause
import org.kist.PausedBy
import org.kist.ReadInfo
import org.kist.wallet.consents.BulkAct
import org.kist.wallet.consents.BulkDone
import org.kist.wallet.consents.ConsentActs
import org.kist.wallet.consents.ConsentCluster
import org.kist.wallet.consents.ConsentContent
import org.kist.wallet.consents.ConsentScreen
import org.kist.wallet.consents.ConsentView
import org.kist.wallet.consents.ConsentsActs
import org.kist.wallet.consents.ConsentsContent
import org.kist.wallet.consents.ConsentsScreen
import org.kist.wallet.consents.ConsentsState
import org.kist.wallet.consents.EarlierEnd
import org.kist.wallet.consents.KeptBy
import org.kist.wallet.consents.NarrowScreen
import org.kist.wallet.consents.NarrowState
import org.kist.wallet.consents.OneConsentState
import org.kist.wallet.consents.Place
import org.kist.wallet.consents.RenewalWay
import org.kist.wallet.consents.stands
import org.kist.wallet.design.Icons
import org.kist.wallet.state.Doing
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem

private val effort = EffortSaved(14u, 310u, 94u)
private val content =
    ConsentsContent(SampleConsents.all, null, effort, listOf(SampleConsents.pendingRead, SampleConsents.answeredRead))
private val ready = ConsentsState(Loadable.Ready(content))

/** Everything is paused, and each that stands says so. */
private val allPaused = content.copy(
    pausedSince = Samples.NOW - 600,
    consents = content.consents.map {
        if (it.stands) it.copy(state = ConsentState.PAUSED, paused = Pause(PausedBy.EVERYTHING, Samples.NOW - 600, null)) else it
    },
)
private val kept = listOf(SampleConsents.clinic, SampleConsents.power)
    .map { KeptBy(it.organisation, SampleConsents.detail(it).keptAfterWithdrawal, "eu-gdpr:A6-1-a") }
private val cluster =
    ConsentCluster("1", SampleRequests.together.name, setOf(SampleConsents.clinic.id, SampleConsents.council.id))
private val acts = ConsentsActs(
    onConsent = { {} },
    onCluster = { {} },
    places = listOf(
        Place(Icons.Inbox, "consents.place.inbox") {},
        Place(Icons.Organisation, "consents.place.connections") {},
        Place(Icons.Rights, "consents.place.rights") {},
        Place(Icons.History, "consents.place.history") {},
    ),
)
private val offline = Doing(problem = Problem("Unreachable", retry = true, offline = true), again = {})

private fun consents(name: String, state: ConsentsState, height: Int = Shot.PHONE_HEIGHT) =
    Shot(name, height = height, tab = "consents") { ConsentsScreen(state, acts) }

private val oneActs = ConsentActs(
    onNarrow = {}, onRequest = { {} }, onConsent = { {} }, onReceipt = {}, onRights = {}, onReport = {},
)

private fun ready(consent: ConsentSummary, reads: List<ReadInfo> = emptyList(), renewal: RenewalWay? = null) =
    OneConsentState(Loadable.Ready(ConsentContent(SampleConsents.detail(consent), reads, renewal)))

private fun consent(name: String, state: OneConsentState, height: Int = 1500) =
    Shot(name, height = height) { ConsentScreen(state, oneActs) }

private val narrowing = NarrowState(
    Loadable.Ready(SampleConsents.clinic),
    kept = SampleConsents.clinic.given.map { it.field }.toSet(),
    ends = EarlierEnd.entries,
)

private fun narrow(name: String, state: NarrowState) = Shot(name, height = 1000) { NarrowScreen(state, {}, { _, _ -> }, {}, {}) }

private val narrowed = NarrowingInfo(listOf("phone:[\"phone_number\"]"), null, Samples.NOW - 86_400, null)

private val list = consents("consents", ready, height = 1500)
private val one = consent("consent", ready(SampleConsents.clinic, listOf(SampleConsents.answeredRead)), height = 1760)

val consentsShots = listOf(
    list,
    list.enlarged(height = 3000),
    list.rightToLeft(),
    list.tablet(height = 1200),
    consents("consents-cluster", ready.copy(content = Loadable.Ready(content.copy(clusters = listOf(cluster)))), height = 1500),
    consents("consents-things", ready.copy(view = ConsentView.THING), height = 1700),
    consents("consents-sought", ready.copy(view = ConsentView.THING, sought = "address")),
    consents("consents-areas", ready.copy(view = ConsentView.AREA, withEnded = true), height = 1700),
    consents("consents-choosing", ready.copy(chosen = setOf(SampleConsents.clinic.id, SampleConsents.power.id))),
    consents(
        "consents-withdraw-several",
        ready.copy(chosen = setOf(SampleConsents.clinic.id, SampleConsents.power.id), askingToWithdraw = kept),
    ),
    consents(
        "consents-withdrawn-several",
        ready.copy(
            bulk = BulkDone(
                BulkAct.WITHDRAW,
                listOf(SampleConsents.clinic.id),
                listOf(ConsentOutcome(SampleConsents.silent.id, null, "Storage")),
            ),
        ),
    ),
    consents("consents-paused", ready.copy(content = Loadable.Ready(allPaused))),
    consents("consents-empty", ConsentsState(Loadable.Ready(ConsentsContent(emptyList(), null, EffortSaved(0u, 0u, 0u), emptyList())))),
    consents("consents-loading", ConsentsState()),
    consents("consents-error", ConsentsState(Loadable.Failed(Problem("Storage", retry = true)) {})),
    consents("consents-offline", ready.copy(doing = offline)),
    one,
    one.enlarged(height = 3600),
    one.rightToLeft(),
    one.tablet(height = 1700),
    consent("consent-ends-soon", ready(SampleConsents.council, renewal = RenewalWay("1", "care"))),
    consent("consent-paused", ready(SampleConsents.power)),
    consent("consent-silent", ready(SampleConsents.silent)),
    consent("consent-acknowledged", ready(SampleConsents.acknowledged)),
    consent(
        "consent-narrowed",
        OneConsentState(
            Loadable.Ready(
                ConsentContent(SampleConsents.detail(SampleConsents.clinic).copy(narrowings = listOf(narrowed)), emptyList(), null),
            ),
        ),
        height = 1640,
    ),
    consent("consent-unsent", ready(SampleConsents.clinic.copy(state = ConsentState.AWAITING_SEND))),
    consent("consent-withdraw", ready(SampleConsents.clinic).copy(askingToWithdraw = true), height = Shot.PHONE_HEIGHT),
    consent("consent-offline", ready(SampleConsents.clinic).copy(doing = offline), height = Shot.PHONE_HEIGHT),
    consent("consent-loading", OneConsentState(), height = Shot.PHONE_HEIGHT),
    consent("consent-error", OneConsentState(Loadable.Failed(Problem("Storage", retry = true)) {}), height = Shot.PHONE_HEIGHT),
    narrow("consent-narrow", narrowing),
    narrow("consent-narrow-nothing", narrowing.copy(doing = Doing(problem = Problem.own("NothingNarrowed")))),
)
