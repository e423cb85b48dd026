package org.kist.wallet.settings

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.graphics.vector.ImageVector
import kotlin.time.Duration.Companion.minutes
import org.kist.wallet.app.Appearance
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Preferences
import org.kist.wallet.app.Stay
import org.kist.wallet.app.Tab
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.Chip
import org.kist.wallet.design.ChoiceRow
import org.kist.wallet.design.Icons
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Question
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.Space
import org.kist.wallet.design.TickRow
import org.kist.wallet.language.Language
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words

/** How the app looks, when it locks, and the ways to what is set up once: a place of the bar. */
object SettingsDestination : Destination("settings", tab = Tab(4, Icons.Settings, "settings.tab")) {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> SettingsModel(stay.person, scope) }
        LaunchedEffect(model) { model.look() }
        val state by model.state.collectAsState()
        val preferences by stay.wallet.preferences.state.collectAsState()
        SettingsScreen(
            state,
            preferences,
            SettingsActs(
                onChange = stay.wallet.preferences::change,
                onAskDeveloper = model::askDeveloper,
                onDeveloper = model::setDeveloper,
                onDeviceUnlock = model::enableDeviceUnlock.takeIf { stay.ports.platform.secureArea != null },
                wayTo = { stay.wayTo(it) },
            ),
        )
    }
}

/** What can be done in the settings; [onDeviceUnlock] is null on a device without a key store. */
class SettingsActs(
    val onChange: ((Preferences) -> Preferences) -> Unit = {},
    val onAskDeveloper: (Boolean) -> Unit = {},
    val onDeveloper: (Boolean) -> Unit = {},
    val onDeviceUnlock: (() -> Unit)? = null,
    val wayTo: (String) -> (() -> Unit)? = { null },
)

@Composable
fun SettingsScreen(state: SettingsState, preferences: Preferences, acts: SettingsActs) {
    val words = LocalWords.current
    Screen(words("settings.title")) {
        state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
        Safety(state, words, acts)
        Sharing(words, acts)
        Looks(preferences, words, acts)
        Locking(preferences, words, acts)
        Developers(state, words, acts)
    }
    if (state.askingDeveloper) {
        Question(
            words("settings.developer.ask"),
            words("settings.developer.ask.text"),
            words("settings.developer.ask.yes"),
            { acts.onDeveloper(true) },
            { acts.onAskDeveloper(false) },
            danger = true,
        )
    }
}

@Composable
private fun Safety(state: SettingsState, words: Words, acts: SettingsActs) {
    SectionHeading(words("settings.safety"))
    if (state.deviceUnlock) Banner(BannerKind.SUCCESS, words("settings.device.done"))
    Card {
        Way("backup", Icons.Backup, words, acts)
        Way("devices", Icons.Phone, words, acts)
        Way("passphrase", Icons.Key, words, acts)
        acts.onDeviceUnlock?.let { unlock ->
            ListRow(words("settings.device"), detail = words("settings.device.text"), icon = Icons.Lock, onClick = unlock)
        }
        Way("relay", Icons.Globe, words, acts)
    }
}

@Composable
private fun Sharing(words: Words, acts: SettingsActs) {
    SectionHeading(words("settings.sharing"))
    Card {
        Way("rules", Icons.Shield, words, acts)
        Way("frameworks", Icons.Organisation, words, acts)
    }
}

/** The way to a room: its name is `settings.NAME`, what is there `settings.NAME.text`. */
@Composable
private fun Way(room: String, icon: ImageVector, words: Words, acts: SettingsActs) {
    acts.wayTo(room)?.let { ListRow(words("settings.$room"), detail = words("settings.$room.text"), icon = icon, onClick = it) }
}

@Composable
private fun Looks(preferences: Preferences, words: Words, acts: SettingsActs) {
    SectionHeading(words("settings.language"))
    FlowRow(horizontalArrangement = Arrangement.spacedBy(Space.small), verticalArrangement = Arrangement.spacedBy(Space.small)) {
        Language.entries.forEach { language ->
            Chip(language.ownName, selected = language == preferences.language, language = language) {
                acts.onChange { it.copy(language = language) }
            }
        }
    }
    SectionHeading(words("settings.appearance"))
    Card {
        Appearance.entries.forEach { appearance ->
            val name = words("settings.appearance.${appearance.name.lowercase()}")
            ChoiceRow(name, preferences.appearance == appearance, { acts.onChange { it.copy(appearance = appearance) } })
        }
    }
    SectionHeading(words("settings.text"))
    Card {
        textScales.forEach { scale ->
            val name = words("settings.text.percent", "percent" to (scale * 100).toInt())
            ChoiceRow(name, preferences.textScale == scale, { acts.onChange { it.copy(textScale = scale) } })
        }
        TickRow(
            words("settings.motion"),
            preferences.reducedMotion,
            { reduced -> acts.onChange { it.copy(reducedMotion = reduced) } },
            detail = words("settings.motion.text"),
        )
    }
}

@Composable
private fun Locking(preferences: Preferences, words: Words, acts: SettingsActs) {
    SectionHeading(words("settings.lock"))
    Card {
        lockTimes.forEach { time ->
            ChoiceRow(words.duration(time), preferences.lockAfter == time, { acts.onChange { it.copy(lockAfter = time) } })
        }
    }
}

@Composable
private fun Developers(state: SettingsState, words: Words, acts: SettingsActs) {
    SectionHeading(words("settings.developer"))
    if (state.developerMode) Banner(BannerKind.WARNING, words("settings.developer.on"))
    Card {
        TickRow(
            words("settings.developer.switch"),
            state.developerMode,
            { on -> if (on) acts.onAskDeveloper(true) else acts.onDeveloper(false) },
            detail = words("settings.developer.text"),
            enabled = !state.doing.busy,
        )
    }
}

private val textScales = listOf(1f, 1.25f, 1.5f, 2f)
private val lockTimes = listOf(1, 5, 15, 60).map { it.minutes }
