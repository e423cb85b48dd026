package org.kist.wallet.language

import java.time.ZoneId
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.minutes
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class WordsTest {
    private val english = Words(Language.ENGLISH, ZoneId.of("Europe/London"))
    private val welsh = Words(Language.WELSH, ZoneId.of("Europe/London"))
    private val arabic = Words(Language.ARABIC, ZoneId.of("Europe/London"))

    @Test
    fun `u1 a number takes the plural form of its language`() {
        assertEquals("1 day", english.duration(1.days))
        assertEquals("3 days", english.duration(3.days))
        assertEquals("2 ddiwrnod", welsh.duration(2.days))
        assertEquals("5 diwrnod", welsh.duration(5.days))
        assertEquals("يومان", arabic.duration(2.days))
        assertEquals("3 أيام", arabic.duration(3.days))
        assertEquals("11 يومًا", arabic.duration(11.days))
        assertEquals("7 minutes", english.duration(7.minutes))
    }

    @Test
    fun `u1 days and numbers are written as each language writes them`() {
        assertEquals("12 November 2026", english.day("2026-11-12"))
        assertEquals("12 Tachwedd 2026", welsh.day("2026-11-12"))
        assertTrue("2026" in arabic.day("2026-11-12"))
        assertEquals("not a day", english.day("not a day"))
        assertEquals("12,345", english.number(12_345))
        assertEquals("3.4 MB", english.bytes(3_400_000))
        assertEquals("900 bytes", english.bytes(900))
        assertTrue(english.moment(1_790_000_000).startsWith("21 September 2026"), english.moment(1_790_000_000))
    }

    @Test
    fun `a time from outside that is in no year is shown as the nearest one, and takes no screen down`() {
        for (words in listOf(english, welsh, arabic)) {
            assertEquals(words.day("9999-12-30"), words.day(Long.MAX_VALUE))
        }
        assertTrue("9999" in english.moment(Long.MAX_VALUE), english.moment(Long.MAX_VALUE))
        assertTrue(english.moment(Long.MIN_VALUE).startsWith("1 January 1"), english.moment(Long.MIN_VALUE))
    }

    @Test
    fun `u1 several things make one sentence`() {
        assertEquals("a, b and c", english.list(listOf("a", "b", "c")))
        assertEquals("a", english.list(listOf("a")))
        assertEquals("", english.list(emptyList()))
    }

    @Test
    fun `u1 lengths of time are said whole, and what is none stays as it is`() {
        assertEquals("1 year", english.period("P1Y"))
        assertEquals("1 year and 6 months", english.period("P1Y6M"))
        assertEquals("for ever", english.period("for ever"))
        assertEquals("P99999999999Y", english.period("P99999999999Y"))
    }

    @Test
    fun `u1 a room that isn't in arabic yet speaks english, the rest arabic`() {
        assertEquals(english("home.title"), arabic("home.title"))
        assertEquals("رجوع", arabic("act.back"))
    }

    @Test
    fun `a sentence that lacks a parameter, or isn't there, is a defect and not a screen`() {
        assertThrows(IllegalStateException::class.java) { english("home.request") }
        assertThrows(IllegalStateException::class.java) { english("home.nothing") }
    }

    @Test
    fun `u1 kinds of record and parts of life have names`() {
        assertEquals("Address", english.kind("urn:kist:schema:address:1"))
        assertEquals("https://example.org/boat", english.kind("https://example.org/boat"))
        assertEquals("Iechyd", welsh.area("health"))
        assertEquals("allotment", english.area("allotment"))
    }
}
