package org.kist

import java.time.Instant
import java.time.ZoneId
import java.time.format.DateTimeFormatter
import java.time.format.FormatStyle
import java.util.Locale
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

/**
 * What people read: the core gives codes, the catalogues have the sentences, one file a language.
 *
 * A catalogue has sections; a section has sentences by key. A key is a code, or `code.parameter` where a sentence needs that
 * parameter, or `code.parameter=value` where one value has a sentence of its own. The most specific one whose
 * `{placeholders}` are all among the parameters is said.
 */
object KistMessages {
    /** The languages that there is a catalogue for, the first of them where the reader's isn't among them. */
    val languages: List<String> = listOf("en", "cy")

    private val catalogues: Map<String, Map<String, Map<String, String>>> by lazy { languages.associateWith(::read) }

    /** What to say of an error, and what to do about it. */
    fun of(error: KistException, locale: Locale = Locale.getDefault()): String =
        sentence("errors", error.code, error.parameters, locale)

    /** A sentence of any section; the [code] itself where there is none, so that something is always said. */
    fun sentence(
        section: String,
        code: String,
        parameters: Map<String, Parameter> = emptyMap(),
        locale: Locale = Locale.getDefault(),
    ): String {
        val catalogue = catalogues.getValue(language(locale))
        val sentences = catalogue[section].orEmpty()
        val keys = parameters.map { (name, value) -> "$code.$name=$value" } +
            parameters.keys.map { name -> "$code.$name" } + code
        val shown = parameters.mapValues { (name, value) -> shown(name, value, catalogue, locale) }
        return keys.firstNotNullOfOrNull { key -> sentences[key]?.let { fill(it, shown) } } ?: code
    }

    private fun language(locale: Locale): String = locale.language.takeIf { it in languages } ?: languages.first()

    /** The words of an archive's pages. */
    internal fun pageWords(locale: Locale): Map<String, String> {
        val catalogue = catalogues.getValue(language(locale))
        return catalogue["archive"].orEmpty() + ("language" to language(locale)) +
            catalogue["kinds"].orEmpty().mapKeys { (kind, _) -> "kind.urn:kist:schema:$kind:1" } +
            catalogue["fields"].orEmpty().mapKeys { (field, _) -> "field.$field" }
    }

    /** The words of a report's page. */
    internal fun reportWords(locale: Locale): Map<String, String> {
        val catalogue = catalogues.getValue(language(locale))
        val named = catalogue["words"].orEmpty() + catalogue["legal_bases"].orEmpty()
        val words = named.filterKeys { it.startsWith("eu-gdpr:") } + catalogue["report"].orEmpty()
        return pageWords(locale) + words.mapKeys { (word, _) -> "report.$word" }
    }

    /** The words of a receipt's page. */
    internal fun receiptWords(locale: Locale): Map<String, String> {
        val catalogue = catalogues.getValue(language(locale))
        return catalogue["receipt"].orEmpty() + ("language" to language(locale)) +
            catalogue["fields"].orEmpty().mapKeys { (field, _) -> "field.$field" } +
            catalogue["rights"].orEmpty().mapKeys { (right, _) -> "right.$right" } +
            catalogue["legal_bases"].orEmpty().mapKeys { (basis, _) -> "legal_basis.$basis" }
    }

    /** One of several texts by language: the reader's, else English, else any. */
    fun choose(texts: Map<String, String>, locale: Locale = Locale.getDefault()): String =
        texts[locale.language] ?: texts["en"] ?: texts.values.firstOrNull().orEmpty()

    private val placeholder = Regex("""\{(\w+)\}""")

    private fun fill(template: String, shown: Map<String, String>): String? {
        val wanted = placeholder.findAll(template).map { it.groupValues[1] }
        if (!wanted.all(shown::containsKey)) return null
        return placeholder.replace(template) { shown.getValue(it.groupValues[1]) }
    }

    private fun shown(
        name: String,
        value: Parameter,
        catalogue: Map<String, Map<String, String>>,
        locale: Locale,
    ): String = when (value) {
        is Parameter.Word -> if (name in vocabularies) catalogue["words"]?.get(value.word) ?: value.word else value.word
        is Parameter.Number -> when {
            name == "at" || name.endsWith("_at") -> moment(Instant.ofEpochSecond(value.number), locale)
            name.endsWith("_ms") -> moment(Instant.ofEpochMilli(value.number), locale)
            else -> value.number.toString()
        }
    }

    /** Parameters whose values are words of a fixed vocabulary, which the section `words` translates. */
    private val vocabularies = setOf("what", "part", "reason", "state", "rule", "right", "from", "to", "kind")

    private fun moment(time: Instant, locale: Locale): String =
        DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM, FormatStyle.SHORT)
            .withLocale(locale).withZone(ZoneId.systemDefault()).format(time)

    private fun read(language: String): Map<String, Map<String, String>> {
        val text = checkNotNull(KistMessages::class.java.getResource("catalogues/$language.json")).readText()
        return Json.parseToJsonElement(text).jsonObject.mapValues { (_, section) ->
            section.jsonObject.mapValues { (_, sentence) -> sentence.jsonPrimitive.content }
        }
    }
}
