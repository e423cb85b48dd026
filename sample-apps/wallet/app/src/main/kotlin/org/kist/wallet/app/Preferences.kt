package org.kist.wallet.app

import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.put
import org.kist.wallet.language.Language
import org.kist.wallet.ports.KeptText

/** Light, dark, or as the system is. */
enum class Appearance { SYSTEM, LIGHT, DARK }

/** How the person wants the app. It is read before the store is open, and holds nothing personal. */
data class Preferences(
    val language: Language = Language.ENGLISH,
    val appearance: Appearance = Appearance.SYSTEM,
    /** What texts are enlarged by, beside what the system does: from 1 to 2. */
    val textScale: Float = 1f,
    /** Nothing moves that needn't. */
    val reducedMotion: Boolean = false,
    /** How long the app may lie idle before it locks. */
    val lockAfter: Duration = 5.minutes,
    /** Wrong passphrases since the last right one. */
    val wrongTries: Int = 0,
    /** When the last of them was, Unix seconds. */
    val lastWrongTry: Long = 0,
    /** How many entries of the history the person had seen in the inbox. */
    val seenEntries: Long = 0,
)

/** Keeps the preferences. */
class PreferenceStore(private val kept: KeptText, systemLanguage: Language) {
    private val preferences = MutableStateFlow(read(kept.read(), Preferences(language = systemLanguage)))

    /** As they are now. */
    val state: StateFlow<Preferences> = preferences.asStateFlow()

    /** Changes them, from now on. */
    fun change(by: (Preferences) -> Preferences) {
        preferences.value = by(preferences.value)
        kept.write(write(preferences.value))
    }

    private fun write(preferences: Preferences): String = buildJsonObject {
        put("language", preferences.language.tag)
        put("appearance", preferences.appearance.name)
        put("text_scale", preferences.textScale)
        put("reduced_motion", preferences.reducedMotion)
        put("lock_after_minutes", preferences.lockAfter.inWholeMinutes)
        put("wrong_tries", preferences.wrongTries)
        put("last_wrong_try", preferences.lastWrongTry)
        put("seen_entries", preferences.seenEntries)
    }.toString()

    /** What can't be read is as it is for a new person. */
    private fun read(text: String?, usual: Preferences): Preferences = runCatching {
        val kept = Json.parseToJsonElement(checkNotNull(text)).jsonObject
        Preferences(
            language = Language.of(kept.word("language")),
            appearance = Appearance.valueOf(kept.word("appearance")),
            textScale = kept.word("text_scale").toFloat().coerceIn(1f, 2f),
            reducedMotion = kept.word("reduced_motion").toBooleanStrict(),
            lockAfter = kept.word("lock_after_minutes").toInt().coerceAtLeast(1).minutes,
            wrongTries = kept.word("wrong_tries").toInt().coerceAtLeast(0),
            lastWrongTry = kept.number("last_wrong_try"),
            seenEntries = kept.number("seen_entries"),
        )
    }.getOrDefault(usual)

    private fun JsonObject.word(name: String): String = getValue(name).jsonPrimitive.content

    /** What an older version didn't keep is 0. */
    private fun JsonObject.number(name: String): Long = get(name)?.jsonPrimitive?.content?.toLong() ?: 0
}
