package org.kist

import java.util.Locale
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** U1: codes come from the core, sentences from the catalogues, in the reader's language. */
class KistMessagesTest {
    private val welsh = Locale.forLanguageTag("cy-GB")

    private fun errors(language: String) = Json.parseToJsonElement(
        checkNotNull(KistMessages::class.java.getResource("catalogues/$language.json")).readText(),
    ).jsonObject.getValue("errors").jsonObject.keys

    @Test
    fun u1_every_code_of_the_core_has_a_sentence_in_every_language_and_there_are_no_others() {
        val codes = Kist.errorCodes.map { it.code }.toSet()
        assertTrue(codes.size > 50)
        for (language in KistMessages.languages) {
            assertEquals(codes, errors(language).filterNot { '.' in it }.toSet(), language)
            assertEquals(emptySet<String>(), errors(language).map { it.substringBefore('.') }.toSet() - codes, language)
        }
    }

    @Test
    fun u1_an_error_of_each_category_is_an_exception_of_its_own() {
        val categories = KistException::class.java.permittedSubclasses.map { it.simpleName.uppercase() }.toSet()
        assertEquals(ErrorCategory.entries.map { it.name }.toSet(), categories)
        assertEquals(categories, Kist.errorCodes.map { it.category.name }.toSet())
    }

    @Test
    fun u1_a_mistyped_group_is_named_in_the_readers_language() {
        val code = "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA-AAAAA-AAAAA"
        val error = failing<KistException.Input> { Kist.checkRecoveryCode(code) }
        assertEquals("RecoveryCodeMistyped", error.code)
        val group = checkNotNull(error.number("group"))
        val english = KistMessages.of(error, Locale.UK)
        assertTrue("Group $group" in english, english)
        val other = KistMessages.of(error, welsh)
        assertNotEquals(english, other)
        assertTrue("$group" in other, other)
        assertEquals(english, KistMessages.of(error, Locale.JAPAN), "English where there is no catalogue")
        assertEquals("RecoveryCodeMistyped", error.message)
    }

    @Test
    fun u1_the_most_specific_sentence_that_can_be_filled_is_said() {
        fun sentence(vararg parameters: Pair<String, Parameter>) =
            KistMessages.sentence("errors", "NotFound", mapOf(*parameters), Locale.UK)
        val said = listOf(
            sentence(),
            sentence("what" to Parameter.Word("file, in chunks")),
            sentence("what" to Parameter.Word("store")),
        )
        assertEquals(3, said.toSet().size)
        assertTrue("The file can't be found" in said[1], said[1])
        assertFalse(said.any { '{' in it || '}' in it })
        assertEquals("Unheard", KistMessages.sentence("errors", "Unheard", locale = Locale.UK))
    }
}
