package org.kist.wallet.imports

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import java.nio.file.Path
import org.kist.ImportHow
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Card
import org.kist.wallet.design.Icons
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.Working
import org.kist.wallet.language.LocalWords

/** Bringing in what other programs wrote. */
object ImportDestination : Destination("import") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> ImportModel(stay.person, stay.ports.files, scope) }
        var archive by remember(model) { mutableStateOf<Path?>(null) }
        val state by model.state.collectAsState()
        val words = LocalWords.current
        // An archive of Kist's own is known when it is looked into; any other zip file is taken as it is.
        val read = { path: Path -> if (isZip(path)) archive = path else model.read(path) }
        LaunchedEffect(model) { stay.ports.files.dropped.collect { files -> files.firstOrNull()?.let(read) } }
        val opened = archive
        if (opened != null) {
            val other = {
                archive = null
                model.read(opened)
            }
            ArchiveContent(stay, opened, other) { archive = null }
        } else {
            ImportScreen(
                state,
                ImportActs(
                    onBack = stay.wayBack,
                    onFile = { model.chooseFile(words("imports.choose.file"), read) },
                    onFolder = { model.chooseFolder(words("imports.choose.folder")) },
                    onReadAs = { model.readAs(it) },
                    onMap = model::map,
                    onKind = model::kind,
                    onSelect = model::select,
                    onSelectAll = model::selectAll,
                    onTake = model::take,
                    onAgain = model::again,
                    onSearch = stay.wayTo("search"),
                ),
            )
        }
    }

    private fun isZip(path: Path): Boolean = path.toString().endsWith(".zip", ignoreCase = true)
}

/** What can be done on the way of an import. */
class ImportActs(
    val onBack: (() -> Unit)? = null,
    val onFile: () -> Unit = {},
    val onFolder: () -> Unit = {},
    val onReadAs: (ImportHow) -> Unit = {},
    val onMap: (String, String?) -> Unit = { _, _ -> },
    val onKind: (String) -> Unit = {},
    val onSelect: (Int, Boolean) -> Unit = { _, _ -> },
    val onSelectAll: (Boolean) -> Unit = {},
    val onTake: () -> Unit = {},
    val onAgain: () -> Unit = {},
    val onSearch: (() -> Unit)? = null,
)

@Composable
fun ImportScreen(stage: ImportStage, acts: ImportActs) {
    val words = LocalWords.current
    when (stage) {
        is ImportStage.Choose -> ChooseScreen(stage, acts)
        is ImportStage.Reading -> Screen(words("imports.title"), acts.onBack) {
            Working(words("imports.reading", "file" to stage.name), onCancel = stage.cancel)
        }
        is ImportStage.Look -> LookScreen(stage, acts)
        is ImportStage.Taking -> Screen(words("imports.title"), acts.onBack) {
            Loaded(stage.work, loading = words("imports.taking")) {}
        }
        is ImportStage.Done -> ReportScreen(stage.report, acts)
    }
}

@Composable
private fun ChooseScreen(stage: ImportStage.Choose, acts: ImportActs) {
    val words = LocalWords.current
    Screen(
        words("imports.title"),
        acts.onBack,
        acts = {
            PrimaryButton(words("imports.file"), acts.onFile, Modifier.fillMaxWidth(), Icons.File)
            SecondaryButton(words("imports.folder"), acts.onFolder, Modifier.fillMaxWidth())
        },
    ) {
        stage.problem?.let { ProblemBanner(it) }
        Text(words("imports.why"), style = MaterialTheme.typography.bodyLarge)
        SectionHeading(words("imports.what"))
        Card {
            ListRow(words("imports.what.vcard"), detail = words("imports.what.vcard.detail"), icon = Icons.Person)
            ListRow(words("imports.what.icalendar"), detail = words("imports.what.icalendar.detail"), icon = Icons.Clock)
            ListRow(words("imports.what.csv"), detail = words("imports.what.csv.detail"), icon = Icons.Copy)
            ListRow(words("imports.what.fhir"), detail = words("imports.what.fhir.detail"), icon = Icons.Shield)
            ListRow(words("imports.what.archive"), detail = words("imports.what.archive.detail"), icon = Icons.Chest)
            ListRow(words("imports.what.other"), detail = words("imports.what.other.detail"), icon = Icons.File)
        }
    }
}
