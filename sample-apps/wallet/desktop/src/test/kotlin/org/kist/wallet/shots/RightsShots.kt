package org.kist.wallet.shots

import org.kist.Authority
import org.kist.DataRight
import org.kist.RefusalGround
import org.kist.RefusedRequest
import org.kist.Report
import org.kist.ReportSubject
import org.kist.RightsDetail
import org.kist.RightsOutcome
import org.kist.RightsReply
import org.kist.RightsStage
import org.kist.RightsSummary
import org.kist.Schemas
import org.kist.wallet.rights.AskActs
import org.kist.wallet.rights.AskScreen
import org.kist.wallet.rights.AskState
import org.kist.wallet.rights.OneRightState
import org.kist.wallet.rights.ReportActs
import org.kist.wallet.rights.ReportScreen
import org.kist.wallet.rights.ReportState
import org.kist.wallet.rights.RightScreen
import org.kist.wallet.rights.RightsActs
import org.kist.wallet.rights.RightsContent
import org.kist.wallet.rights.RightsScreen
import org.kist.wallet.rights.RightsState
import org.kist.wallet.state.Doing
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem

private const val DAY = 86_400L
private val ico = Authority("Information Commissioner", "https://ico.example/")

private val sent = RightsSummary(
    "1", "Riverside Clinic", "NTRGB-1234", DataRight.ACCESS, "1", emptyList(), RightsStage.SENT, Samples.NOW - 5 * DAY,
    Samples.NOW - 5 * DAY, Samples.NOW + 25 * DAY, null, null,
)
private val overdue = sent.copy(
    id = "2", organisation = "Quick Loans Ltd", right = DataRight.ERASURE, stage = RightsStage.OVERDUE, madeAt = Samples.NOW - 40 * DAY,
    sentAt = Samples.NOW - 40 * DAY, dueAt = Samples.NOW - 10 * DAY,
)
private val refused = sent.copy(
    id = "3", organisation = "Harbour Council", right = DataRight.ERASURE, stage = RightsStage.ANSWERED, answeredAt = Samples.NOW - DAY,
)
private val waiting = sent.copy(id = "4", stage = RightsStage.WAITING, sentAt = null, dueAt = null)

private fun detail(summary: RightsSummary, answer: RightsReply? = null, records: List<String> = emptyList()) =
    RightsDetail(summary, "I never asked for a loan.", null, answer, records, 0uL, ico)

private val report = Report("1", "Quick Loans Ltd", "NTRGB-4001", ReportSubject.Consent("1"), ico, Samples.NOW - DAY, null, null)

private val greedy = RefusedRequest("1", "Quick Loans Ltd", "NTRGB-4001", ico, true, Samples.NOW - 2 * DAY, Samples.NOW + 88 * DAY)

private val all = RightsContent(
    listOf(sent, overdue, refused),
    listOf(report),
    emptyList(),
    listOf(SampleConsents.clinic, SampleConsents.council),
    refused = setOf(refused.id),
)
private val lead = RightsActs(onRequest = { {} }, onReport = { {} }, onAsk = { {} }, onRefused = { {} })

private fun list(name: String, state: RightsState, height: Int = Shot.PHONE_HEIGHT) =
    Shot(name, height = height) { RightsScreen(state, lead) }

private fun one(name: String, detail: RightsDetail, doing: Doing = Doing()) = Shot(name, height = 1160) {
    RightScreen(OneRightState(Loadable.Ready(detail), "1", doing), {}, {}, {}, {}, { {} })
}

private fun ask(name: String, state: AskState, height: Int) = Shot(name, height = height) { AskScreen(state, AskActs()) }

private val asking = AskState(
    Loadable.Ready(SampleConsents.clinic),
    records = listOf(Samples.record("Alys Archer", Schemas.NAME, "identity"), Samples.record("1 Pier Road, Stromness", Schemas.ADDRESS, "home")),
)

val rightsShots = listOf(
    list("rights", RightsState(Loadable.Ready(all)), height = 1120),
    list("rights-empty", RightsState(Loadable.Ready(RightsContent(emptyList(), emptyList(), emptyList(), emptyList())))),
    list("rights-refused", RightsState(Loadable.Ready(RightsContent(emptyList(), listOf(report), listOf(greedy), listOf(SampleConsents.clinic))))),
    list("rights-loading", RightsState()),
    list("rights-error", RightsState(Loadable.Failed(Problem("Storage", retry = true)) {})),
    one("right-sent", detail(sent)),
    one("right-overdue", detail(overdue)),
    one(
        "right-refused",
        detail(
            refused,
            RightsReply(
                RightsOutcome.REFUSED, RefusalGround.LEGAL_OBLIGATION, null,
                mapOf("en" to "The law asks us to keep your tax record for six years."), Samples.NOW - DAY,
            ),
        ),
    ),
    one(
        "right-answered",
        detail(
            sent.copy(stage = RightsStage.ANSWERED, answeredAt = Samples.NOW - DAY),
            RightsReply(RightsOutcome.DONE, null, null, mapOf("en" to "All we have"), Samples.NOW - DAY),
            listOf("1"),
        ),
    ),
    one("right-offline", detail(waiting), Doing(problem = Problem("Unreachable", retry = true, offline = true), again = {})),
    ask("right-ask", asking, 1240),
    ask("right-ask-copy", asking.copy(right = DataRight.ACCESS, everything = true), 1500),
    ask("right-ask-correction", asking.copy(right = DataRight.RECTIFICATION, corrections = mapOf("name:[\"given_name\"]" to "Alys Archer")), 2100),
    ask("right-ask-nothing", asking.copy(doing = Doing(problem = Problem.own("RightNotChosen"))), 1240),
    Shot("report-new") { ReportScreen(ReportState("They keep what I asked them to delete."), true, ReportActs()) },
    Shot("report") { ReportScreen(ReportState(report = report, saved = true), false, ReportActs()) },
)
