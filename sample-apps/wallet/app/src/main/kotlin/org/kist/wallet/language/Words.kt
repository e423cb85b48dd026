package org.kist.wallet.language

import androidx.compose.runtime.staticCompositionLocalOf
import java.text.NumberFormat
import java.time.Instant
import java.time.LocalDate
import java.time.ZoneId
import java.time.ZoneOffset
import java.time.format.DateTimeFormatter
import java.time.format.FormatStyle
import java.util.concurrent.ConcurrentHashMap
import kotlin.time.Duration
import org.kist.KistMessages
import org.kist.Parameter

/**
 * Everything that the wallet says, in one language. `words("home.title")` is the sentence `title` of the room `home`, with
 * parameters by name: `words("home.records", "count" to 3)`. A room that isn't in the language yet speaks English.
 */
class Words(
    val language: Language,
    private val zone: ZoneId = ZoneId.systemDefault(),
) {
    private val rooms = ConcurrentHashMap<String, Catalogue>()

    /** A sentence; numbers among the parameters are written as the language writes them. An unknown key is a defect. */
    operator fun invoke(key: String, vararg parameters: Pair<String, Any>): String {
        val named = parameters.toMap()
        val (spokenIn, sentence) = checkNotNull(find(key)) { "no sentence $key" }
        val text = when (sentence) {
            is Sentence.Plain -> sentence.text
            is Sentence.ByCount -> {
                val count = (named["count"] as? Number)?.toLong() ?: error("$key is said of a count")
                sentence.forms[pluralForm(spokenIn, count)] ?: sentence.forms.getValue("other")
            }
        }
        return place.replace(text) { shown(named[it.groupValues[1]] ?: error("$key lacks ${it.value}")) }
    }

    /** Whether there is such a sentence. */
    fun has(key: String): Boolean = find(key) != null

    /** A sentence of the core's catalogues: of [section], for a code with its parameters. */
    fun core(section: String, code: String, parameters: Map<String, Parameter> = emptyMap()): String =
        inPlaceOfCore(section, code, parameters) ?: KistMessages.sentence(section, code, parameters, language.locale)

    /**
     * What this language says in place of the core's catalogue, which hasn't got it: `core.json` has the core's keys, a specific
     * one before a general one. Null where the catalogue has the language, or this has no such sentence.
     */
    internal fun inPlaceOfCore(section: String, code: String, parameters: Map<String, Parameter>): String? {
        if (language.tag in KistMessages.languages) return null
        val keys = parameters.map { (name, value) -> "$code.$name=$value" } + parameters.keys.map { "$code.$it" } + code
        val sentences = catalogue(language, CORE)?.sentences.orEmpty()
        val template = keys.firstNotNullOfOrNull { sentences["$section.$it"] } as? Sentence.Plain ?: return null
        return place.replace(template.text) { found ->
            val name = found.groupValues[1]
            when (val value = parameters[name]) {
                is Parameter.Number -> if (name == "at") moment(value.number) else number(value.number)
                else -> apart(value.toString())
            }
        }
    }

    /** A kind of record by its schema's URI; the URI itself where the kind is unknown. */
    fun kind(schema: String): String {
        val name = schema.removePrefix("urn:kist:schema:").substringBeforeLast(':')
        return core("kinds", name).takeUnless { it == name } ?: schema
    }

    /** A part of life by its name in the core; what the person or another program named themselves stays as it is. */
    fun area(name: String): String = "areas.$name".let { if (has(it)) this(it) else name }

    /** A day, as `12 November 2026`. */
    fun day(day: LocalDate): String =
        DateTimeFormatter.ofLocalizedDate(FormatStyle.LONG).withLocale(language.locale).format(day)

    /** A day that the core gives as `2026-11-12`; what is no such day is given back. */
    fun day(iso: String): String = runCatching { day(LocalDate.parse(iso.take(ISO_DAY))) }.getOrDefault(iso)

    /** The day of a time in Unix seconds. */
    fun day(seconds: Long): String = day(instant(seconds).atZone(zone).toLocalDate())

    /** A time in Unix seconds, with day and minute. */
    fun moment(seconds: Long): String =
        DateTimeFormatter.ofLocalizedDateTime(FormatStyle.LONG, FormatStyle.SHORT)
            .withLocale(language.locale).withZone(zone).format(instant(seconds))

    /** A time from outside may be any number: one of no year that can be written becomes the nearest that can. */
    private fun instant(seconds: Long): Instant = Instant.ofEpochSecond(seconds.coerceIn(EARLIEST, LATEST))

    /** A length of time in its largest unit, rounded down: `3 days`. */
    fun duration(time: Duration): String = when {
        time.inWholeDays > 0 -> this("time.days", "count" to time.inWholeDays)
        time.inWholeHours > 0 -> this("time.hours", "count" to time.inWholeHours)
        time.inWholeMinutes > 0 -> this("time.minutes", "count" to time.inWholeMinutes)
        else -> this("time.seconds", "count" to time.inWholeSeconds)
    }

    /** A number as the language writes it. */
    fun number(number: Number): String = NumberFormat.getInstance(language.locale).format(number)

    /** A size of a file, as `3.4 MB`. */
    fun bytes(bytes: Long): String {
        val unit = units.lastOrNull { bytes >= it.second } ?: units.first()
        val format = NumberFormat.getInstance(language.locale).apply { maximumFractionDigits = if (unit.second == 1L) 0 else 1 }
        return this("bytes.${unit.first}", "size" to format.format(bytes.toDouble() / unit.second))
    }

    /** Several things in one sentence: `a, b and c`. */
    fun list(things: List<String>): String = when (things.size) {
        0 -> ""
        1 -> things.single()
        else -> this("list.last", "first" to things.dropLast(1).joinToString(this("list.between")), "last" to things.last())
    }

    private fun find(key: String): Pair<Language, Sentence>? {
        val room = key.substringBefore('.')
        // What every room says stands in `common.json`, and is asked for without its name.
        return lookUp(room, key.substringAfter('.')) ?: lookUp(COMMON, key)
    }

    private fun lookUp(room: String, key: String): Pair<Language, Sentence>? {
        for (spoken in listOf(language, Language.ENGLISH)) {
            catalogue(spoken, room)?.sentences?.get(key)?.let { return spoken to it }
        }
        return null
    }

    private fun catalogue(spoken: Language, room: String): Catalogue? =
        rooms.computeIfAbsent("${spoken.tag}/$room") { Catalogue.read(spoken, room) ?: Catalogue(emptyMap()) }

    private fun shown(value: Any): String = if (value is Number) number(value) else apart(value.toString())

    /**
     * A text of another's within a sentence or alone: in a language written from right to left it keeps the direction of its own
     * letters, so that `7 Larch Lane` doesn't become `Larch Lane 7`.
     */
    fun apart(text: String): String = if (language.rightToLeft) "\u2068$text\u2069" else text

    private companion object {
        const val COMMON = "common"
        const val CORE = "core"
        const val ISO_DAY = 10

        // A day from the ends of the years 1 to 9999, which no zone leaves.
        val EARLIEST = LocalDate.of(1, 1, 2).atStartOfDay().toEpochSecond(ZoneOffset.UTC)
        val LATEST = LocalDate.of(9999, 12, 30).atStartOfDay().toEpochSecond(ZoneOffset.UTC)
        val place = Regex("""\{(\w+)\}""")
        val units = listOf("b" to 1L, "kb" to 1_000L, "mb" to 1_000_000L, "gb" to 1_000_000_000L)
    }
}

/** The words of the language that the screen is shown in. */
val LocalWords = staticCompositionLocalOf { Words(Language.ENGLISH) }
