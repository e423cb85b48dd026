package org.kist.wallet.shots

import org.kist.HistoryEntry
import org.kist.Parameter
import org.kist.wallet.history.Checked
import org.kist.wallet.history.HistoryActs
import org.kist.wallet.history.HistoryScreen
import org.kist.wallet.history.HistoryState
import org.kist.wallet.history.HistoryTopic
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem

private const val ADDRESS = """{"credential_type":"urn:kist:schema:address:1","path":["street_address"]}"""
private const val NAME = """{"credential_type":"urn:kist:schema:name:1","path":["given_name"]}"""

private fun entry(sequence: Int, kind: String, organisation: String?, members: String = "") = HistoryEntry(
    sequence.toULong(), (Samples.NOW - (20 - sequence) * 3_600L) * 1_000, kind, organisation, organisation,
    """{"type":"$kind"$members}""",
)

private val entries = listOf(
    entry(1, "RequestSeen", "Riverside Clinic", ""","fields":[$NAME,$ADDRESS]"""),
    entry(2, "Agreed", "Riverside Clinic"),
    entry(3, "Disclosed", "Riverside Clinic", ""","fields":[$NAME,$ADDRESS]"""),
    entry(4, "ReceiptStored", "Riverside Clinic"),
    entry(5, "Delivered", "Riverside Clinic", ""","credential_type":"urn:kist:schema:vaccination:1""""),
    entry(6, "ReadAnswered", "Harbour Council", ""","fields":[$ADDRESS]"""),
    entry(7, "ReadAnswered", "Quick Loans Ltd", ""","fields":[],"refused":"ConsentWithdrawn""""),
    entry(8, "UpdateSent", "Harbour Council", ""","fields":[$ADDRESS]"""),
    entry(9, "Refused", "Quick Loans Ltd"),
    entry(10, "Paused", null),
).reversed()

private val ready = HistoryState(Loadable.Ready(entries))

private fun history(name: String, state: HistoryState, height: Int = Shot.PHONE_HEIGHT) =
    Shot(name, height = height) { HistoryScreen(state, HistoryActs()) }

private val broken = Problem("HistoryBroken", mapOf("sequence" to Parameter.Number(7)))

val historyShots = listOf(
    history("history", ready, height = 1500),
    history("history-refusals", ready.copy(topic = HistoryTopic.REFUSED)),
    history("history-whole", ready.copy(checked = Checked.Whole(10))),
    history("history-broken", HistoryState(Loadable.Failed(broken))),
    history("history-file-broken", ready.copy(checked = Checked.FileBroken(7))),
    history("history-file-whole", ready.copy(checked = Checked.FileWhole(10, 3))),
    history("history-export", ready.copy(askingToExport = true)),
    history("history-saved", ready.copy(checked = Checked.Written)),
    history("history-empty", HistoryState(Loadable.Ready(emptyList()))),
    history("history-loading", HistoryState()),
)
