package org.kist.wallet.shots

import org.kist.BackupStatus
import org.kist.Due
import org.kist.Facet
import org.kist.InboxItem
import org.kist.Reminder
import org.kist.Schemas
import org.kist.wallet.home.HomeActs
import org.kist.wallet.home.HomeContent
import org.kist.wallet.home.HomeScreen
import org.kist.wallet.home.HomeState
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem

private val empty = HomeContent(emptyList(), emptyList(), emptyList(), emptyList(), emptyList(), BackupStatus(null, null, 0u, true))

private val full = HomeContent(
    areas = listOf(Facet("health", 23u), Facet("home", 11u), Facet("identity", 6u), Facet("money", 4u), Facet("contacts", 148u)),
    newest = listOf(
        Samples.record("Influenza, 2 October 2026", "urn:kist:schema:vaccination:1", "health"),
        Samples.record("7 Larch Lane, Stromness", Schemas.ADDRESS, "home"),
    ),
    due = listOf(
        Due.InRecord(Reminder("1", "urn:kist:schema:passport:1", "Passport of Alice Archer", "/expires", "2026-12-20", "2026-06-20", false)),
        Due.SilentWithdrawal("2", "Riverside Clinic", Samples.NOW - 3 * 86_400, null),
    ),
    requests = emptyList(),
    messages = listOf(InboxItem("1", "Harbour Council", "NTRGB-1", Samples.NOW * 1_000, "note", "Your permit is ready.", true)),
    backup = BackupStatus("https://relay.example", Samples.NOW - 600, 12u, false),
)

private val acts = HomeActs({}, {}, {}, { {} }, { {} }, { {} }, { {} }, { {} }, {}, {}, {})

private fun home(name: String, state: HomeState, height: Int = Shot.PHONE_HEIGHT) =
    Shot(name, height = height, tab = "home") { HomeScreen(state, acts) }

val homeShots = listOf(
    home("home", HomeState(Loadable.Ready(full)), height = 1120),
    home("home-empty", HomeState(Loadable.Ready(empty))),
    home("home-loading", HomeState()),
    home("home-offline", HomeState(Loadable.Ready(full), problem = Problem("Unreachable", retry = true, offline = true))),
    home("home-error", HomeState(Loadable.Failed(Problem("Storage", retry = true)) {})),
    home("home-damaged", HomeState(Loadable.Failed(Problem("Corrupt")) {})),
    home("home", HomeState(Loadable.Ready(full))).tablet(),
    home("home", HomeState(Loadable.Ready(full))).enlarged(),
)
