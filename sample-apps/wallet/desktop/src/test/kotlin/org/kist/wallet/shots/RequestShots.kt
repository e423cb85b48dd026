package org.kist.wallet.shots

import org.kist.BrowserSession
import org.kist.Parameter
import org.kist.SessionCode
import org.kist.Verdict
import org.kist.wallet.request.Alternative
import org.kist.wallet.request.Asking
import org.kist.wallet.request.Choosing
import org.kist.wallet.request.Found
import org.kist.wallet.request.Joint
import org.kist.wallet.request.Option
import org.kist.wallet.request.Remember
import org.kist.wallet.request.RequestActs
import org.kist.wallet.request.RequestScreen
import org.kist.wallet.request.RequestState
import org.kist.wallet.request.Warning
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem

private val acts = RequestActs(
    onReceipt = {}, onAdd = {}, onConsents = {}, onShareRemembered = {}, onRemember = {}, onReport = {},
)
private val asking = SampleRequests.asking

private fun shot(name: String, state: RequestState, height: Int = Shot.PHONE_HEIGHT) = Shot(name, height = height) {
    RequestScreen(state, acts)
}

private fun open(asking: Asking) = RequestState(Loadable.Ready(Found.Open(asking)))

private fun found(found: Found) = RequestState(Loadable.Ready(found))

private val whole = shot("request", open(asking), height = 2660)

private val street = "home:[\"street_address\"]"
private val town = "home:[\"locality\"]"

private val alternatives = asking.copy(
    parts = asking.parts.take(2),
    alternatives = listOf(
        Alternative(
            true,
            listOf(
                Option(listOf(street, town), available = true, tellsMore = true, byDefault = false),
                Option(listOf(town), available = true, tellsMore = false, byDefault = true),
            ),
        ),
    ),
)

private val unverified = asking.copy(
    who = asking.who.copy(framework = null, supplier = "Desk Services"),
    warnings = listOf(Warning("NobodyVouches")),
    session = BrowserSession.AcrossDevices,
)

private val ordinary = asking.copy(parts = asking.parts.dropLast(1))

private val missing = asking.parts[0].let { name ->
    asking.copy(parts = listOf(name.copy(held = emptyList(), fields = name.fields.map { it.copy(byDefault = false) })))
}

private val overdue = asking.copy(warnings = listOf(Warning("TrustListOverdue", mapOf("due_at" to Samples.NOW - 86_400))))

private val suspended = Problem("OrganisationNotTrusted", mapOf("reason" to Parameter.Word("Suspended")))

val requestShots = listOf(
    whole,
    whole.enlarged(height = 5600),
    whole.rightToLeft(),
    whole.tablet(height = 2400),
    shot("request-first-sight", open(asking)),
    shot("request-chosen", open(asking).copy(choosing = Choosing(ticked = setOf("phone:[\"phone_number\"]"))), height = 2560),
    shot("request-alternatives", open(alternatives), height = 1500),
    shot("request-unverified", open(unverified), height = 1100),
    shot("request-missing", open(missing), height = 1300),
    shot("request-paused", open(asking.copy(verdict = Verdict.Paused))),
    shot("request-remembered", open(asking.copy(verdict = Verdict.Remembered("1", listOf("name:[\"given_name\"]"))))),
    shot("request-kept-back", open(asking.copy(verdict = Verdict.Refuse("1", listOf("name:[\"family_name\"]"))))),
    shot("request-quiet", open(asking.copy(verdict = Verdict.AskLater(Samples.NOW + 7_200)))),
    shot("request-list-overdue", open(overdue)),
    shot("request-loading", RequestState()),
    shot("request-sending", open(asking).copy(sending = true)),
    shot("request-offline", open(asking).copy(problem = Problem("Unreachable", retry = true, offline = true))),
    shot("request-disk-full", open(asking).copy(problem = Problem("StorageFull", retry = true))),
    shot("request-suspended", RequestState(Loadable.Failed(suspended))),
    shot("request-joint", open(asking).copy(joint = Joint("cluster", SampleRequests.together.name))),
    shot("request-remember", open(ordinary).copy(choosing = Choosing(remember = Remember.MONTH)), height = 2500),
    shot("request-refuse", open(asking).copy(refusing = true)),
    shot("request-shared", found(Found.Answered("Riverside Clinic", "1", waiting = false, session = SessionCode.Type("482913")))),
    shot(
        "request-shared-remembered",
        found(Found.Answered("Riverside Clinic", "1", waiting = false, session = null)).copy(choosing = Choosing(remember = Remember.MONTH)),
    ),
    shot("request-shared-offline", found(Found.Answered("Riverside Clinic", "1", waiting = true, session = null))),
    shot("request-refused", found(Found.Refused("Riverside Clinic", "Information Commissioner", "https://ico.example/"))),
    shot("request-over", found(Found.Gone)),
)
