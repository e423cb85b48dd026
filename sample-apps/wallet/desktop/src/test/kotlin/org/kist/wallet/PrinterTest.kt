package org.kist.wallet

import java.nio.file.Path
import kotlin.io.path.readBytes
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.Kist
import org.kist.wallet.desktop.DesktopPrinter
import org.kist.wallet.ports.PrintedBlock
import org.kist.wallet.ports.PrintedPage

class PrinterTest {
    @TempDir
    lateinit var folder: Path

    private fun pdf(page: PrintedPage): String {
        val file = folder.resolve("page.pdf")
        runBlocking { DesktopPrinter().savePdf(page, file) }
        return String(file.readBytes(), Charsets.ISO_8859_1)
    }

    private fun kit(vararg more: PrintedBlock, rightToLeft: Boolean = false) = PrintedPage(
        "Pecyn adfer ŵŷ",
        listOf(
            PrintedBlock.Heading("Cod adfer"),
            PrintedBlock.Code(listOf("KX4MT", "9W2QP", "H7RBN")),
            PrintedBlock.Qr(Kist.drawQr("kist:recovery")),
            PrintedBlock.Line("Enw"),
        ) + more,
        rightToLeft,
    )

    @Test
    fun `a page is a pdf whose table of objects leads to each of them`() {
        val pdf = pdf(kit())
        assertTrue(pdf.startsWith("%PDF-1.7"))
        val table = pdf.substringAfterLast("startxref\n").substringBefore('\n').toInt()
        assertTrue(pdf.startsWith("xref", table))
        val places = Regex("""(\d{10}) 00000 n""").findAll(pdf.substring(table)).map { it.groupValues[1].toInt() }.toList()
        assertTrue(places.size > 8)
        places.forEachIndexed { index, place -> assertTrue(pdf.startsWith("${index + 1} 0 obj", place)) }
    }

    @Test
    fun `what doesn't fit one sheet goes on on the next`() {
        val long = PrintedBlock.Paragraph("A line of words that is there often enough to fill more than one sheet. ".repeat(45))
        assertTrue("/Count 1 " in pdf(kit()))
        assertTrue("/Count 2 " in pdf(kit(long)))
    }

    @Test
    fun `u1 a page in arabic has the arabic typeface`() {
        assertTrue("NotoSansArabic-0" in pdf(kit(PrintedBlock.Paragraph("رمز الاسترداد"), rightToLeft = true)))
        assertEquals(false, "NotoSansArabic" in pdf(kit()))
    }
}
