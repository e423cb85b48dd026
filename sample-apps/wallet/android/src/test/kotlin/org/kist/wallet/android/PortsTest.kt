package org.kist.wallet.android

import android.view.Surface
import java.nio.file.Files
import java.nio.file.Path
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.android.presence.PresenceReason
import org.kist.wallet.language.Language

/** What of the ports decides something. */
class PortsTest {
    @Test
    fun u1_the_prompt_speaks_the_language_that_the_person_chose() {
        for (language in listOf(Language.ENGLISH, Language.WELSH)) {
            val said = PresenceReason.entries.map { promptWords(it, language) }
            assertEquals(said.size, said.map { it.title }.toSet().size, "each reason in words of its own")
            assertTrue(said.all { it.cancel.isNotBlank() })
        }
        for (reason in PresenceReason.entries) {
            val (english, welsh) = listOf(Language.ENGLISH, Language.WELSH).map { promptWords(reason, it).title }
            assertNotEquals(english, welsh, "$reason isn't left in English")
        }
    }

    @Test
    fun a31_what_another_app_calls_a_file_stays_in_its_folder(@TempDir folder: Path) {
        val names = mapOf(
            "kit.pdf" to "kit.pdf", "../../store/keyring.json" to "_.._store_keyring.json", ".." to "file", "." to "file",
            "" to "file", null to "file", "a/b" to "a_b", "a\\b" to "a_b", "a\u0000b\n" to "a_b_", ".hidden" to "hidden",
            "é".repeat(300) to "é".repeat(120),
        )
        for ((said, name) in names) {
            assertEquals(name, fileName(said))
            assertEquals(folder, folder.resolve(fileName(said)).normalize().parent)
        }
    }

    @Test
    fun d5_two_files_of_one_name_are_both_kept(@TempDir folder: Path) {
        val made = List(3) { unusedName(folder, "card.vcf").also { Files.createFile(it) }.fileName.toString() }
        assertEquals(listOf("card.vcf", "1-card.vcf", "2-card.vcf"), made)
    }

    @Test
    fun pictures_become_brightness_on_white_paper() {
        val pixels = intArrayOf(0xff000000.toInt(), -1, 0, 0xffff0000.toInt(), 0xff00ff00.toInt(), 0xff0000ff.toInt(), 0x80000000.toInt())
        assertEquals(listOf(0, 255, 255, 76, 149, 29, 127), brightness(pixels).map { it.toInt() and 0xff })
    }

    @Test
    fun a_large_picture_is_made_smaller_and_keeps_its_proportion() {
        assertEquals(640 to 480, within(2_400, 640, 480))
        assertEquals(2_400 to 1_800, within(2_400, 8_000, 6_000))
        assertEquals(1 to 2_400, within(2_400, 2, 100_000))
    }

    @Test
    fun a_turn_of_the_screen_is_told_in_degrees() {
        val turns = listOf(Surface.ROTATION_0, Surface.ROTATION_90, Surface.ROTATION_180, Surface.ROTATION_270, null)
        assertEquals(listOf(0, 90, 180, 270, 0), turns.map(::degrees))
    }
}
