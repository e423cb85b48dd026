package org.kist.wallet.backup

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import org.kist.ExportReport
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.Icons
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.Screen
import org.kist.wallet.design.Space
import org.kist.wallet.design.TickRow
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.state.Loadable

/** Leaving with everything: one file, in the clear. */
object ExportDestination : Destination("export") {
    @Composable
    override fun Content(stay: Stay) {
        val words = LocalWords.current
        val model = stay.model { scope -> ExportModel(stay.person, stay.ports.files, scope) }
        val state by model.state.collectAsState()
        ExportScreen(state, stay.wayBack, model::seal) { model.export(words) }
    }
}

@Composable
fun ExportScreen(state: ExportState, onBack: (() -> Unit)?, onSeal: (Boolean) -> Unit, onExport: () -> Unit) {
    val words = LocalWords.current
    val working = state.work is Loadable.Loading
    Screen(
        words("backup.export"),
        onBack,
        acts = { PrimaryButton(words("backup.export.go"), onExport, Modifier.fillMaxWidth(), Icons.Save, enabled = !working) },
    ) {
        Text(words("backup.export.what"), style = MaterialTheme.typography.bodyLarge)
        Banner(BannerKind.WARNING, words("backup.export.clear"), text = words("backup.export.clear.text"))
        TickRow(words("backup.export.sealed"), state.sealed, onSeal, detail = words("backup.export.sealed.text"), enabled = !working)
        state.work?.let { work ->
            Loaded(work, loading = words("backup.export.working")) { Exported(it, state, words) }
        }
    }
}

@Composable
private fun Exported(report: ExportReport, state: ExportState, words: Words) {
    Banner(
        BannerKind.SUCCESS,
        words("backup.export.done", "count" to report.records.toLong()),
        text = words("backup.export.done.file", "file" to state.archive?.fileName.toString()),
    )
    if (report.missingFiles.isNotEmpty()) {
        Banner(BannerKind.WARNING, words("backup.export.missing", "count" to report.missingFiles.size))
    }
    report.code?.let { code ->
        Card {
            Text(words("backup.export.code"), style = MaterialTheme.typography.titleSmall)
            FlowRow(horizontalArrangement = Arrangement.spacedBy(Space.medium)) {
                code.split('-').forEach { Text(it, style = MaterialTheme.typography.headlineSmall) }
            }
            Text(words("backup.export.code.text"), style = MaterialTheme.typography.bodySmall)
        }
    }
}
