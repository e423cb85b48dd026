package org.kist.wallet.create

import org.kist.wallet.language.Words
import org.kist.wallet.ports.PrintedBlock
import org.kist.wallet.ports.PrintedPage

/** The recovery kit for paper: what it is, the code, its QR, where the backup is, and where to keep the sheet. */
internal fun kitPage(kit: KitState.Shown, words: Words) = PrintedPage(
    words("create.paper.title"),
    listOf(
        PrintedBlock.Paragraph(words("create.paper.what")),
        PrintedBlock.Heading(words("create.paper.code")),
        PrintedBlock.Code(kit.groups),
        PrintedBlock.Qr(kit.qr),
        PrintedBlock.Paragraph(words("create.paper.relay", "relay" to kit.relay)),
        PrintedBlock.Heading(words("create.paper.how")),
        PrintedBlock.Paragraph(words("create.paper.steps")),
        PrintedBlock.Paragraph(words("create.paper.keep")),
        PrintedBlock.Line(words("create.paper.date")),
    ),
    words.language.rightToLeft,
)
