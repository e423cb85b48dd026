package org.kist.wallet.desktop

import org.jetbrains.skia.Data
import org.jetbrains.skia.Font
import org.jetbrains.skia.FontMgr
import org.jetbrains.skia.TextLine
import org.jetbrains.skia.shaper.Shaper
import org.jetbrains.skia.shaper.ShapingOptions

/** A typeface of the app as a PDF carries it: shaped by Skia, so that Arabic joins up, and embedded whole. */
internal class PdfFont(resource: String) {
    private val bytes = checkNotNull(javaClass.classLoader.getResourceAsStream(resource)) { resource }.use { it.readBytes() }
    private val typeface = checkNotNull(FontMgr.default.makeFromData(Data.makeFromBytes(bytes))) { resource }
    private val thousand = Font(typeface, UNITS)

    /** What was drawn of it: glyphs with the character that each stands for, where it stands for one. */
    private val used = sortedMapOf<Int, Int>()

    private val widths = mutableMapOf<String, Float>()

    fun width(text: String, size: Float): Float =
        widths.getOrPut(text) { shape(text, thousand).width } * size / UNITS

    /** The glyphs of a line with their places, from left to right. */
    fun glyphs(text: String, size: Float): List<Pair<Int, Float>> {
        for (character in text.codePoints()) {
            val glyph = thousand.getUTF32Glyph(character).toInt() and 0xFFFF
            if (glyph != 0) used.putIfAbsent(glyph, character)
        }
        val line = shape(text, Font(typeface, size))
        val places = line.positions
        return line.glyphs.mapIndexed { index, glyph ->
            val id = glyph.toInt() and 0xFFFF
            used.putIfAbsent(id, 0)
            id to places[2 * index]
        }
    }

    /** The first letter that has a direction gives it to the line: where a full stop stands hangs on that. */
    private fun shape(text: String, font: Font): TextLine {
        val first = text.codePoints().mapToObj { Character.getDirectionality(it) }.filter { it in STRONG }.findFirst()
        val leftToRight = first.map { it == Character.DIRECTIONALITY_LEFT_TO_RIGHT }.orElse(true)
        return Shaper.make().use { it.shapeLine(text, font, ShapingOptions.DEFAULT.withLeftToRight(leftToRight)) }
    }

    /** Writes the font into the file; gives the number of its object. */
    fun write(pdf: PdfFile, name: String): Int {
        val file = pdf.stream(bytes, "/Length1 ${bytes.size}")
        val metrics = thousand.metrics
        val descriptor = pdf.add(
            "<< /Type /FontDescriptor /FontName /$name /Flags 4 /FontBBox [-1000 -400 2000 1200] /ItalicAngle 0 " +
                "/Ascent ${-metrics.ascent.toInt()} /Descent ${-metrics.descent.toInt()} /CapHeight ${metrics.capHeight.toInt()} " +
                "/StemV 80 /FontFile2 $file 0 R >>",
        )
        val ids = used.keys.toList()
        val advances = thousand.getWidths(ids.map { it.toShort() }.toShortArray())
        val each = ids.mapIndexed { index, id -> "$id [${advances[index].toInt()}]" }.joinToString(" ")
        val descendant = pdf.add(
            "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /$name /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) " +
                "/Supplement 0 >> /FontDescriptor $descriptor 0 R /CIDToGIDMap /Identity /W [$each] >>",
        )
        val unicode = pdf.stream(toUnicode().toByteArray())
        return pdf.add(
            "<< /Type /Font /Subtype /Type0 /BaseFont /$name /Encoding /Identity-H " +
                "/DescendantFonts [$descendant 0 R] /ToUnicode $unicode 0 R >>",
        )
    }

    /** By which text can be found, copied and read aloud. */
    private fun toUnicode(): String {
        val known = used.filterValues { it in 1..0xFFFF }
        val lines = known.entries.chunked(BLOCK).joinToString("\n") { block ->
            "${block.size} beginbfchar\n" +
                block.joinToString("\n") { (glyph, character) -> "<%04X> <%04X>".format(glyph, character) } + "\nendbfchar"
        }
        return "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Adobe-Identity-UCS def\n" +
            "/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n$lines\nendcmap\n" +
            "CMapName currentdict /CMap defineresource pop\nend\nend"
    }

    private companion object {
        val STRONG = setOf(
            Character.DIRECTIONALITY_LEFT_TO_RIGHT,
            Character.DIRECTIONALITY_RIGHT_TO_LEFT,
            Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC,
        )

        /** Units of an em, in which a PDF gives widths. */
        const val UNITS = 1_000f

        /** The most that one block of a map holds. */
        const val BLOCK = 100
    }
}
