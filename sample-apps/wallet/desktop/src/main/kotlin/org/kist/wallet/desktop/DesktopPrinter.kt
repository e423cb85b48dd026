package org.kist.wallet.desktop

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption
import java.util.Locale
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.kist.QrModules
import org.kist.isDark
import org.kist.wallet.design.Fonts
import org.kist.wallet.ports.PrintedBlock
import org.kist.wallet.ports.PrintedPage
import org.kist.wallet.ports.Printer

/** Writes pages as PDF, from where every desktop prints; it has no dialog of its own. */
class DesktopPrinter : Printer {
    override val canPrint = false

    override suspend fun savePdf(page: PrintedPage, to: Path) = withContext(Dispatchers.IO) {
        Files.write(to, PdfPages(page).bytes(), StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING)
        Unit
    }

    override suspend fun print(page: PrintedPage): Boolean = throw UnsupportedOperationException("it can't print")
}

/** Lays a page out on sheets of A4. Lengths are points; a PDF counts them from the foot of the sheet. */
internal class PdfPages(private val page: PrintedPage) {
    private val pdf = PdfFile()
    private val face = if (page.rightToLeft) Fonts.ARABIC else Fonts.LATIN
    private val fonts = Fonts.files(face).toList().sortedBy { it.first.weight }.map { PdfFont(it.second) }
    private val regular = fonts.first()
    private val bold = fonts.last()
    private val sheets = mutableListOf<StringBuilder>()
    private var y = 0f

    fun bytes(): ByteArray {
        beginSheet()
        text(page.title, bold, 24f, after = 14f)
        page.blocks.forEach(::block)
        val tree = pdf.reserve()
        val resources = fonts.mapIndexed { index, font -> "/F$index ${font.write(pdf, "$face-$index")} 0 R" }.joinToString(" ")
        val kids = sheets.map { sheet ->
            val content = pdf.stream(sheet.toString().toByteArray())
            pdf.add(
                "<< /Type /Page /Parent $tree 0 R /MediaBox [0 0 $WIDTH $HEIGHT] " +
                    "/Resources << /Font << $resources >> >> /Contents $content 0 R >>",
            )
        }
        pdf.put(tree, "<< /Type /Pages /Count ${kids.size} /Kids [${kids.joinToString(" ") { "$it 0 R" }}] >>")
        return pdf.bytes(pdf.add("<< /Type /Catalog /Pages $tree 0 R >>"))
    }

    private fun block(block: PrintedBlock) = when (block) {
        is PrintedBlock.Heading -> {
            y -= 8f
            text(block.text, bold, 15f, after = 4f)
        }
        is PrintedBlock.Paragraph -> text(block.text, regular, 12f, after = 10f)
        is PrintedBlock.Code -> text(block.groups.joinToString("   "), bold, 20f, after = 14f)
        is PrintedBlock.Qr -> qr(block.modules)
        is PrintedBlock.Line -> line(block.label)
    }

    /** A paragraph, broken where words end. */
    private fun text(text: String, font: PdfFont, size: Float, after: Float) {
        for (line in lines(text, font, size)) {
            room(size * LINE)
            y -= size * LINE
            val left = if (page.rightToLeft) WIDTH - MARGIN - font.width(line, size) else MARGIN
            val glyphs = font.glyphs(line, size).joinToString(" ") { (glyph, at) ->
                "1 0 0 1 %s %s Tm <%04X> Tj".format(Locale.ROOT, point(left + at), point(y), glyph)
            }
            sheets.last().append("BT /F${fonts.indexOf(font)} ${point(size)} Tf $glyphs ET\n")
        }
        y -= after
    }

    private fun lines(text: String, font: PdfFont, size: Float): List<String> {
        val lines = mutableListOf("")
        var width = 0f
        for (word in text.split(Regex("(?<= )"))) {
            val wide = font.width(word, size)
            if (lines.last().isEmpty() || width + wide <= WIDTH - 2 * MARGIN) {
                lines[lines.lastIndex] += word
                width += wide
            } else {
                lines.add(word)
                width = wide
            }
        }
        return lines.map(String::trimEnd)
    }

    private fun qr(code: QrModules) {
        val side = code.size.toInt()
        val module = QR / side
        room(QR + 20f)
        val left = if (page.rightToLeft) WIDTH - MARGIN - QR else MARGIN
        val top = y - 10f
        for (row in 0 until side) {
            for (column in 0 until side) {
                if (!code.isDark(column, row)) continue
                val (x, foot) = left + column * module to top - (row + 1) * module
                sheets.last().append("${point(x)} ${point(foot)} ${point(module)} ${point(module)} re\n")
            }
        }
        sheets.last().append("f\n")
        y = top - QR - 14f
    }

    private fun line(label: String) {
        y -= 24f
        room(40f)
        sheets.last().append("0.5 w ${point(MARGIN)} ${point(y)} m ${point(WIDTH - MARGIN)} ${point(y)} l S\n")
        text(label, regular, 10f, after = 10f)
    }

    /** Begins a new sheet where this one hasn't the room. */
    private fun room(height: Float) {
        if (y - height < MARGIN) beginSheet()
    }

    private fun beginSheet() {
        sheets.add(StringBuilder())
        y = HEIGHT - MARGIN
    }

    private fun point(length: Float): String = "%.2f".format(Locale.ROOT, length)

    private companion object {
        const val WIDTH = 595f
        const val HEIGHT = 842f
        const val MARGIN = 56f
        const val LINE = 1.4f
        const val QR = 170f
    }
}
