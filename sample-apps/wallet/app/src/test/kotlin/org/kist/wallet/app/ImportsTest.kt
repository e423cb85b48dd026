package org.kist.wallet.app

import java.io.File
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** What the screens and models may import. */
class ImportsTest {
    private val files = File("src/main/kotlin").walk().filter { it.extension == "kt" }.toList()

    private fun imported(file: File): List<String> =
        file.readLines().filter { it.startsWith("import ") }.map { it.removePrefix("import ") }

    private fun offending(files: List<File>, vararg beginnings: String): List<String> = files.flatMap { file ->
        imported(file).filter { name -> beginnings.any(name::startsWith) }.map { "${file.name}: $it" }
    }

    @Test
    fun `o3 nothing beneath the public sdk is used`() {
        assertTrue(files.size > 20)
        assertEquals(emptyList<String>(), offending(files, "org.kist.generated", "com.sun.jna"))
    }

    @Test
    fun `no screen and no model imports a platform`() {
        val platforms = arrayOf("java.awt", "javax.", "android.", "org.jetbrains.skia", "org.jetbrains.skiko", "sun.")
        assertEquals(emptyList<String>(), offending(files, *platforms))
    }

    @Test
    fun `models know nothing of compose`() {
        assertEquals(emptyList<String>(), offending(files.filter { it.name.endsWith("Model.kt") }, "androidx.compose"))
    }
}
