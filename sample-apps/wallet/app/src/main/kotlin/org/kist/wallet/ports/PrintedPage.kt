package org.kist.wallet.ports

import org.kist.QrModules

/** A page for paper, from top to bottom; a platform lays it out and gives it more sheets where one isn't enough. */
class PrintedPage(val title: String, val blocks: List<PrintedBlock>, val rightToLeft: Boolean = false)

/** A part of a page. */
sealed interface PrintedBlock {
    /** A heading. */
    data class Heading(val text: String) : PrintedBlock

    /** A paragraph. */
    data class Paragraph(val text: String) : PrintedBlock

    /** Something to be typed from the paper, large, each group apart. */
    data class Code(val groups: List<String>) : PrintedBlock

    /** A QR code. */
    class Qr(val modules: QrModules) : PrintedBlock

    /** A line to write on, with what belongs there. */
    data class Line(val label: String) : PrintedBlock
}
