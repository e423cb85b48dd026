package org.kist.wallet.language

import java.io.File
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.kist.Parameter

private val resources = File("src/main/resources/org/kist/wallet/language")
/** Where a language that the core's catalogues lack has the core's sentences. */
private const val CORE = "core"
private val sources = File("src/main/kotlin")

/** What every room says, in every language. */
class CataloguesTest {
    private fun rooms(language: Language): List<String> =
        File(resources, language.tag).listFiles().orEmpty().map { it.name.removeSuffix(".json") }.sorted()

    private fun sentences(language: Language, room: String): Map<String, Sentence> =
        checkNotNull(Catalogue.read(language, room)).sentences

    private fun places(sentence: Sentence): List<Set<String>> = when (sentence) {
        is Sentence.Plain -> listOf(sentence.text)
        is Sentence.ByCount -> sentence.forms.values
    }.map { text -> Regex("""\{(\w+)\}""").findAll(text).map { it.groupValues[1] }.toSet() }

    @Test
    fun `u1 welsh says everything that english says, of the same things`() {
        assertTrue(rooms(Language.ENGLISH).size > 3)
        assertEquals(rooms(Language.ENGLISH), rooms(Language.WELSH))
        for (room in rooms(Language.ENGLISH)) sameSentences(room, Language.WELSH)
    }

    @Test
    fun `u1 what arabic says, english says too, of the same things`() {
        for (room in rooms(Language.ARABIC) - CORE) sameSentences(room, Language.ARABIC)
    }

    @Test
    fun `u1 what arabic says in the core's place, the core says in english`() {
        val english = Words(Language.ENGLISH)
        for (key in sentences(Language.ARABIC, CORE).keys) {
            // A specific sentence stands beside the general one of its code.
            val (section, code) = key.substringBefore('=').split('.')
            assertTrue(english.core(section, code) != code, "$key is nothing that the core says")
        }
        val suspended = mapOf<String, Parameter>("reason" to Parameter.Word("Suspended"))
        val arabic = Words(Language.ARABIC)
        assertTrue(arabic.core("errors", "OrganisationNotTrusted", suspended).startsWith("أوقفت"), "the specific one is said")
        assertTrue(arabic.core("errors", "NoBackup") == english.core("errors", "NoBackup"), "the rest is english")
    }

    private fun sameSentences(room: String, language: Language) {
        val (english, other) = sentences(Language.ENGLISH, room) to sentences(language, room)
        assertEquals(english.keys.sorted(), other.keys.sorted(), "$room in ${language.ownName}")
        for ((key, sentence) in english) {
            val wanted = places(sentence).reduce(Set<String>::union)
            val given = places(other.getValue(key)).reduce(Set<String>::union)
            assertEquals(wanted, given, "parameters of $room.$key in ${language.ownName}")
        }
    }

    @Test
    fun `u1 plural sentences have a form for every number`() {
        for (language in Language.entries) for (room in rooms(language)) for ((key, sentence) in sentences(language, room)) {
            assertTrue(sentence !is Sentence.ByCount || "other" in sentence.forms, "$room.$key in ${language.ownName}")
        }
    }

    @Test
    fun `u1 each sentence is asked for, and each that is asked for is there`() {
        val code = sources.walk().filter { it.extension == "kt" }.joinToString("\n") { it.readText() }
        val rooms = rooms(Language.ENGLISH)
        val there = rooms.flatMap { room -> sentences(Language.ENGLISH, room).keys.map { "$room.$it" } }
        val common = sentences(Language.ENGLISH, "common").keys
        for (asked in Regex("""words\(\s*"([\w.]+)"""").findAll(code).map { it.groupValues[1] }) {
            assertTrue(asked in there || asked in common, "words(\"$asked\") is nowhere")
        }
        // A key that is put together as the app runs is found by its beginning.
        val put = Regex(""""([\w.]+\.)\$""").findAll(code).map { it.groupValues[1] }.toSet()
        for (key in there) {
            val said = "\"${key.removePrefix("common.")}\"" in code || put.any(key.removePrefix("common.")::startsWith) ||
                "(\"${key.removePrefix("problems.")}\"" in code
            assertTrue(said, "nobody says $key")
        }
    }

    @Test
    fun `u1 no sentence stands in the code`() {
        val literal = Regex("""\b(Text|PrimaryButton|SecondaryButton|DangerButton|PlainButton|Screen|ListScreen|SectionHeading|Field|SecretField|TickRow|ChoiceRow|ListRow|Banner|Chip|Empty|Working|Question|Sheet)\(\s*(?:\w+\s*=\s*)?"(?!\$)[^"]*[A-Za-z]""")
        val spoken = Regex("""(contentDescription|stateDescription|paneTitle|placeholder|label|title|text|hint|detail|problem)\s*[=(]\s*"(?!\$)[^"]*[A-Za-z]{2}""")
        val found = sources.walk().filter { it.extension == "kt" }.flatMap { file ->
            (literal.findAll(file.readText()) + spoken.findAll(file.readText())).map { "${file.name}: ${it.value}" }
        }.toList()
        assertEquals(emptyList<String>(), found)
    }
}
