package org.kist.wallet.shots

import org.kist.AnchorInfo
import org.kist.FieldPattern
import org.kist.KeptRule
import org.kist.ListState
import org.kist.Rule
import org.kist.Schemas
import org.kist.wallet.app.Preferences
import org.kist.wallet.settings.FrameworksActs
import org.kist.wallet.settings.FrameworksScreen
import org.kist.wallet.settings.FrameworksState
import org.kist.wallet.settings.PassphraseScreen
import org.kist.wallet.settings.PassphraseState
import org.kist.wallet.settings.RelayScreen
import org.kist.wallet.settings.RelayState
import org.kist.wallet.settings.RulesActs
import org.kist.wallet.settings.RulesScreen
import org.kist.wallet.settings.RulesState
import org.kist.wallet.settings.SettingsActs
import org.kist.wallet.settings.SettingsScreen
import org.kist.wallet.settings.SettingsState
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem

private fun settings(name: String, state: SettingsState, textScale: Float = 1f) = Shot(name, height = 2300, tab = "settings") {
    SettingsScreen(state, Preferences(textScale = textScale), SettingsActs(onDeviceUnlock = {}, wayTo = { {} }))
}

private fun frameworks(name: String, anchors: List<AnchorInfo>) = Shot(name) {
    FrameworksScreen(FrameworksState(Loadable.Ready(anchors)), FrameworksActs({}))
}

private val fresh = AnchorInfo("Harbour Trust", "Harbour Trust Framework Ltd", 12u, Samples.NOW + 20 * 86_400, ListState.CURRENT, null, 23u)
private val stale = fresh.copy(nextUpdate = Samples.NOW - 2 * 86_400, listState = ListState.OVERDUE, usableUntil = Samples.NOW + 86_400)

private val rules = listOf(
    KeptRule("1", Samples.NOW, Rule.Never(FieldPattern(Schemas.BIRTH))),
    KeptRule("2", Samples.NOW, Rule.QuietHours(22 * 60, 7 * 60)),
    KeptRule("3", Samples.NOW, Rule.Remember("NTRGB-1234", "care", Samples.NOW + 30 * 86_400)),
)

val settingsShots = listOf(
    settings("settings", SettingsState()),
    settings("settings-developer", SettingsState(developerMode = true)),
    settings("settings", SettingsState(), textScale = 2f).enlarged(),
    Shot("settings-passphrase") { PassphraseScreen(PassphraseState(changed = true), {}, {}, {}) },
    Shot("settings-relay") { RelayScreen(RelayState("https://relay.example"), {}, {}, {}) },
    frameworks("frameworks", listOf(fresh)),
    frameworks("frameworks-overdue", listOf(stale)),
    frameworks("frameworks-none", emptyList()),
    Shot("frameworks-error") { FrameworksScreen(FrameworksState(Loadable.Failed(Problem("Storage", retry = true)) {}), FrameworksActs({})) },
    Shot("rules") { RulesScreen(RulesState(Loadable.Ready(rules), mapOf("NTRGB-1234" to "Riverside Clinic")), RulesActs({})) },
    Shot("rules-none") { RulesScreen(RulesState(Loadable.Ready(emptyList())), RulesActs({})) },
)
