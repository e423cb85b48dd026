package org.kist.wallet.imports

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import org.kist.ImportRemark
import org.kist.ImportReport
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.language.LocalWords

/** What an import took, and what it didn't. */
@Composable
internal fun ReportScreen(report: ImportReport, acts: ImportActs) {
    val words = LocalWords.current
    Screen(
        words("imports.done"),
        acts.onBack,
        acts = {
            acts.onSearch?.let { PrimaryButton(words("imports.see"), it, Modifier.fillMaxWidth()) }
            SecondaryButton(words("imports.another"), acts.onAgain, Modifier.fillMaxWidth())
        },
    ) {
        Banner(BannerKind.SUCCESS, words("imports.added", "count" to report.added.size))
        if (report.alreadyThere > 0uL) Text(words("imports.already", "count" to report.alreadyThere.toLong()), style = MaterialTheme.typography.bodyLarge)
        Remarks(words("imports.left_out"), report.leftOut)
        Remarks(words("imports.warnings"), report.warnings)
        if (report.moreRemarks > 0uL) Text(words("imports.more_remarks", "count" to report.moreRemarks.toLong()))
    }
}

/** The first of them: the preview named each. */
@Composable
private fun Remarks(title: String, remarks: List<ImportRemark>) {
    if (remarks.isEmpty()) return
    val words = LocalWords.current
    SectionHeading(title)
    Card {
        remarks.take(NAMED).forEach { ListRow(words.remarkTitle(it), detail = words.remarkDetail(it)) }
        if (remarks.size > NAMED) Text(words("imports.more_remarks", "count" to remarks.size - NAMED))
    }
}

private const val NAMED = 50
