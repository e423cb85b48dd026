package org.kist.wallet.shots

import org.kist.ArchiveReport
import org.kist.ArchiveReview
import org.kist.ImportColumn
import org.kist.ImportDateOrder
import org.kist.ImportFormat
import org.kist.ImportHow
import org.kist.ImportPlan
import org.kist.ImportRemark
import org.kist.ImportReport
import org.kist.Parameter
import org.kist.PlannedRecord
import org.kist.wallet.imports.ArchiveActs
import org.kist.wallet.imports.ArchiveScreen
import org.kist.wallet.imports.ArchiveState
import org.kist.wallet.imports.ImportActs
import org.kist.wallet.imports.ImportScreen
import org.kist.wallet.imports.ImportStage
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem
import org.kist.wallet.state.Progress

private const val CONTACT = "urn:kist:schema:contact:1"

private fun planned(title: String, schema: String = CONTACT, already: String? = null, similar: String? = null, files: List<String> = emptyList()) =
    PlannedRecord(null, 1u, schema, title, "{}", files, emptyList(), already, similar)

private fun remark(field: String, reason: String, line: Int) = ImportRemark(null, line.toULong(), 1u, null, field, reason)

private val cards = ImportPlan(
    ImportFormat.V_CARD,
    listOf(
        planned("Morfydd Bevan", files = listOf("photo.jpg")),
        planned("Owain Parry", already = "1"),
        planned("Nia Rees", similar = "2"),
        planned("Harbour Council"),
    ),
    listOf(remark("X-SHOE-SIZE", "NoPlace", 12), remark("BDAY", "Malformed", 31)),
    listOf(remark("ANNIVERSARY", "DatePartial", 44)),
    0u,
    emptyList(),
)

private val table = ImportPlan(
    ImportFormat.CSV,
    listOf(planned("Influenza", "urn:kist:schema:vaccination:1"), planned("Tetanus", "urn:kist:schema:vaccination:1")),
    listOf(remark("Batch", "ColumnNotMapped", 1)),
    emptyList(),
    0u,
    listOf(ImportColumn("Vaccine", "vaccine"), ImportColumn("Given on", "date"), ImportColumn("Batch", null)),
)

private val acts = ImportActs(onBack = {}, onSearch = {})

private fun shot(name: String, stage: ImportStage, height: Int = Shot.PHONE_HEIGHT) = Shot(name, height = height) { ImportScreen(stage, acts) }

private val choose = shot("import", ImportStage.Choose())
private val look = shot("import-look", ImportStage.Look("contacts.vcf", cards, ImportHow(), without = setOf(3)), height = 1480)

private val review = ArchiveReview(Samples.NOW - 86_400, 148u, 12u, 6u, 4u, 310u, true, emptyList(), 0u)

private val wrongCode = Problem("RecoveryCodeMistyped", mapOf("group" to Parameter.Number(1)))

val importShots = listOf(
    choose,
    choose.tablet(),
    shot("import-error", ImportStage.Choose(Problem("NotFound"))),
    shot("import-reading", ImportStage.Reading("contacts.vcf") {}),
    look,
    look.tablet(1180),
    shot(
        "import-columns",
        ImportStage.Look("jabs.csv", table, ImportHow(dates = ImportDateOrder.DAY_FIRST), kind = "urn:kist:schema:vaccination:1"),
        height = 1480,
    ),
    shot("import-taking", ImportStage.Taking(Loadable.Loading(Progress(420, 1_000)) {})),
    shot("import-full-disk", ImportStage.Taking(Loadable.Failed(Problem("StorageFull", retry = true)) {})),
    shot("import-done", ImportStage.Done(ImportReport(listOf("1", "2"), 1u, cards.leftOut, cards.warnings, 0u))),
    Shot("import-archive") { ArchiveScreen(ArchiveState("kist.zip", Loadable.Ready(review)), ArchiveActs()) },
    Shot("import-archive-wrong-code") {
        ArchiveScreen(ArchiveState("kist.zip", Loadable.Ready(review), "KX4MT", wrongCode), ArchiveActs())
    },
    Shot("import-archive-done") {
        ArchiveScreen(
            ArchiveState("kist.zip", Loadable.Ready(review), taking = Loadable.Ready(ArchiveReport(140u, 8u, 0u, 12u, 0u, 3u, false, false, emptyList()))),
            ArchiveActs(),
        )
    },
)
