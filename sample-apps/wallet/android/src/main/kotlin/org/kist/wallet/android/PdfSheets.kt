package org.kist.wallet.android

import android.content.res.AssetManager
import android.graphics.Canvas
import android.graphics.Paint
import android.graphics.Typeface
import android.graphics.pdf.PdfDocument
import android.text.Layout
import android.text.StaticLayout
import android.text.TextDirectionHeuristics
import android.text.TextPaint
import java.io.OutputStream
import org.kist.QrModules
import org.kist.isDark
import org.kist.wallet.design.Fonts
import org.kist.wallet.ports.PrintedBlock
import org.kist.wallet.ports.PrintedPage

private const val WIDTH = 595
private const val HEIGHT = 842
private const val MARGIN = 56
private const val INNER = WIDTH - 2 * MARGIN
private const val QR = 170f

/** Lays a page out on sheets of A4; lengths are points. The system sets the lines, also from right to left. */
internal class PdfSheets(private val page: PrintedPage, assets: AssetManager) {
    private val pdf = PdfDocument()
    private val fonts = Fonts.files(if (page.rightToLeft) Fonts.ARABIC else Fonts.LATIN).toList()
        .sortedBy { it.first.weight }.map { Typeface.createFromAsset(assets, it.second) }
    private var sheet: PdfDocument.Page? = null
    private var sheets = 0
    private var y = 0f

    /** Writes the whole document. */
    fun write(to: OutputStream) {
        try {
            beginSheet()
            text(page.title, 24f, bold = true, after = 14f)
            page.blocks.forEach(::block)
            pdf.finishPage(sheet)
            pdf.writeTo(to)
        } finally {
            pdf.close()
        }
    }

    private fun block(block: PrintedBlock) = when (block) {
        is PrintedBlock.Heading -> {
            y += 8f
            text(block.text, 15f, bold = true, after = 4f)
        }
        is PrintedBlock.Paragraph -> text(block.text, 12f, after = 10f)
        is PrintedBlock.Code -> text(block.groups.joinToString("   "), 20f, bold = true, after = 14f)
        is PrintedBlock.Qr -> qr(block.modules)
        is PrintedBlock.Line -> line(block.label)
    }

    /** A paragraph, which goes on on another sheet where this one ends. */
    private fun text(text: String, size: Float, bold: Boolean = false, after: Float) {
        val paint = TextPaint(Paint.ANTI_ALIAS_FLAG).apply {
            typeface = if (bold) fonts.last() else fonts.first()
            textSize = size
        }
        val direction = if (page.rightToLeft) TextDirectionHeuristics.FIRSTSTRONG_RTL else TextDirectionHeuristics.FIRSTSTRONG_LTR
        val layout = StaticLayout.Builder.obtain(text, 0, text.length, paint, INNER)
            .setLineSpacing(0f, 1.2f).setTextDirection(direction).setAlignment(Layout.Alignment.ALIGN_NORMAL).build()
        var first = 0
        while (first < layout.lineCount) {
            if (y + layout.getLineBottom(first) - layout.getLineTop(first) > HEIGHT - MARGIN) beginSheet()
            first = drawLines(layout, first)
        }
        y += after
    }

    /** Draws the lines that fit, from [first] on; gives the first that doesn't. */
    private fun drawLines(layout: Layout, first: Int): Int {
        val top = layout.getLineTop(first)
        val end = (first + 1 until layout.lineCount).firstOrNull { y + layout.getLineBottom(it) - top > HEIGHT - MARGIN }
            ?: layout.lineCount
        val height = layout.getLineBottom(end - 1) - top
        canvas().run {
            save()
            translate(MARGIN.toFloat(), y)
            clipRect(0, 0, INNER, height)
            translate(0f, -top.toFloat())
            layout.draw(this)
            restore()
        }
        y += height
        return end
    }

    private fun qr(code: QrModules) {
        room(QR + 24f)
        val (side, ink) = Pair(code.size.toInt(), Paint())
        val module = QR / side
        val (left, top) = Pair(if (page.rightToLeft) WIDTH - MARGIN - QR else MARGIN.toFloat(), y + 10f)
        for (row in 0 until side) {
            for (column in (0 until side).filter { code.isDark(it, row) }) {
                val (x, from) = Pair(left + column * module, top + row * module)
                canvas().drawRect(x, from, x + module, from + module, ink)
            }
        }
        y = top + QR + 14f
    }

    private fun line(label: String) {
        room(60f)
        y += 24f
        canvas().drawLine(MARGIN.toFloat(), y, (WIDTH - MARGIN).toFloat(), y, Paint().apply { strokeWidth = 0.5f })
        y += 4f
        text(label, 10f, after = 10f)
    }

    /** Begins a new sheet where this one hasn't the room. */
    private fun room(height: Float) {
        if (y + height > HEIGHT - MARGIN) beginSheet()
    }

    private fun beginSheet() {
        sheet?.let(pdf::finishPage)
        sheets++
        sheet = pdf.startPage(PdfDocument.PageInfo.Builder(WIDTH, HEIGHT, sheets).create())
        y = MARGIN.toFloat()
    }

    private fun canvas(): Canvas = checkNotNull(sheet).canvas
}
