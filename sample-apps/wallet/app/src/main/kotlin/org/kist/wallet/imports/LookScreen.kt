package org.kist.wallet.imports

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.LazyListScope
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import org.kist.ImportColumn
import org.kist.ImportDateOrder
import org.kist.ImportFormat
import org.kist.ImportRemark
import org.kist.PlannedRecord
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.ChoiceRow
import org.kist.wallet.design.Line
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.ListScreen
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.Sheet
import org.kist.wallet.design.Space
import org.kist.wallet.design.TickRow
import org.kist.wallet.edit.Kind
import org.kist.wallet.edit.KindsList
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.record.memberAt

/** What would be taken and what not, before anything is written. */
@Composable
internal fun LookScreen(look: ImportStage.Look, acts: ImportActs) {
    val words = LocalWords.current
    ListScreen(
        words("imports.look.title"),
        acts.onBack,
        acts = {
            PrimaryButton(words("imports.take", "count" to look.taken), acts.onTake, Modifier.fillMaxWidth(), enabled = look.taken > 0)
            SecondaryButton(words("imports.another"), acts.onAgain, Modifier.fillMaxWidth())
        },
    ) {
        LazyColumn(Modifier.fillMaxSize(), verticalArrangement = Arrangement.spacedBy(Space.small)) {
            item("summary") { Summary(look) }
            item("how") { How(look, acts) }
            if (look.plan.columns.isNotEmpty()) item("columns") { Columns(look, acts) }
            records(look, acts, words)
            remarks(words("imports.left_out"), look.plan.leftOut, "left", words)
            remarks(words("imports.warnings"), look.plan.warnings, "warning", words)
            if (look.plan.moreRemarks > 0uL) item("more") { Text(words("imports.more_remarks", "count" to look.plan.moreRemarks.toLong())) }
        }
    }
}

@Composable
private fun Summary(look: ImportStage.Look) {
    val words = LocalWords.current
    val already = look.plan.records.count { it.already != null }
    Column(verticalArrangement = Arrangement.spacedBy(Space.small)) {
        Text(words("imports.from", "file" to look.name), style = MaterialTheme.typography.titleMedium)
        Text(words("imports.nothing_yet"), style = MaterialTheme.typography.bodyLarge)
        if (already > 0) Banner(BannerKind.INFO, words("imports.already", "count" to already))
        val left = look.plan.leftOut.size
        if (left > 0) Banner(BannerKind.WARNING, words("imports.left_out.count", "count" to left), text = words("imports.left_out.below"))
    }
}

/** How it is read, where there is a choice: whose cards, which day comes first, the file beside its records. */
@Composable
private fun How(look: ImportStage.Look, acts: ImportActs) {
    val words = LocalWords.current
    val how = look.how
    Card {
        if (look.plan.format == ImportFormat.V_CARD) {
            TickRow(words("imports.mine"), how.mine, { acts.onReadAs(how.copy(mine = it)) }, detail = words("imports.mine.detail"))
        }
        if (how.dates != null || look.plan.leftOut.any { it.reason == "DateOrderUnknown" }) {
            Text(words("imports.dates"), style = MaterialTheme.typography.titleSmall)
            ChoiceRow(words("imports.dates.day"), how.dates == ImportDateOrder.DAY_FIRST, { acts.onReadAs(how.copy(dates = ImportDateOrder.DAY_FIRST)) })
            ChoiceRow(words("imports.dates.month"), how.dates == ImportDateOrder.MONTH_FIRST, { acts.onReadAs(how.copy(dates = ImportDateOrder.MONTH_FIRST)) })
        }
        if (look.plan.format != ImportFormat.FILE && look.plan.format != ImportFormat.FOLDER) {
            TickRow(
                words("imports.original"),
                how.keepOriginal,
                { acts.onReadAs(how.copy(keepOriginal = it)) },
                detail = words("imports.original.detail"),
            )
        }
    }
}

/** What each column of a table becomes, and what its rows are. */
@Composable
private fun Columns(look: ImportStage.Look, acts: ImportActs) {
    val words = LocalWords.current
    var open by remember { mutableStateOf<ImportColumn?>(null) }
    var choosingKind by remember { mutableStateOf(false) }
    SectionHeading(words("imports.columns"))
    Card {
        ListRow(words("imports.kind"), detail = look.kind?.let(words::kind) ?: words("imports.kind.none"), onClick = { choosingKind = true })
        look.plan.columns.forEach { column ->
            Line()
            ListRow(
                column.header,
                detail = column.member?.let { words("imports.becomes", "member" to words.memberAt("/$it")) } ?: words("imports.column.out"),
                onClick = { open = column },
            )
        }
    }
    open?.let { column ->
        Sheet(column.header, { open = null }) {
            val choose = { member: String? ->
                open = null
                acts.onMap(column.header, member)
            }
            Column {
                ChoiceRow(words("imports.column.out"), column.member == null, { choose(null) })
                look.members.forEach { member -> ChoiceRow(words.memberAt("/$member"), column.member == member, { choose(member) }) }
            }
        }
    }
    if (choosingKind) {
        KindSheet(look.kinds, acts) { choosingKind = false }
    }
}

@Composable
private fun KindSheet(kinds: List<Kind>, acts: ImportActs, onClose: () -> Unit) = Sheet(LocalWords.current("imports.kind"), onClose) {
    KindsList(kinds) { kind ->
        onClose()
        acts.onKind(kind)
    }
}

private fun LazyListScope.records(look: ImportStage.Look, acts: ImportActs, words: Words) {
    val records = look.plan.records
    if (records.isEmpty()) return
    item("records") {
        SectionHeading(words("imports.records", "count" to records.size))
        if (records.size > 1) {
            val all = look.without.isEmpty()
            PlainButton(words(if (all) "imports.select.none" else "imports.select.all"), { acts.onSelectAll(!all) })
        }
    }
    items(records.size, { "record $it" }, { "record" }) { place ->
        val record = records[place]
        TickRow(
            record.title.ifEmpty { words.kind(record.schema) },
            record.already == null && place !in look.without,
            { acts.onSelect(place, it) },
            detail = words.planned(record),
            enabled = record.already == null,
        )
    }
}

private fun Words.planned(record: PlannedRecord): String = listOfNotNull(
    kind(record.schema),
    record.already?.let { this("imports.record.already") },
    record.similar?.takeIf { record.already == null }?.let { this("imports.record.similar") },
    record.files.takeIf { it.isNotEmpty() }?.let { this("imports.record.files", "files" to list(it)) },
    record.violations.takeIf { it.isNotEmpty() }?.let { this("imports.record.without", "members" to list(it.map(::memberAt))) },
).joinToString(this("imports.between"))

private fun LazyListScope.remarks(title: String, remarks: List<ImportRemark>, key: String, words: Words) {
    if (remarks.isEmpty()) return
    item(key) { SectionHeading(title) }
    items(remarks.size, { "$key $it" }, { "remark" }) { place ->
        val remark = remarks[place]
        ListRow(words.remarkTitle(remark), Modifier.padding(bottom = Space.hair), detail = words.remarkDetail(remark))
    }
}

/** What a remark is about. */
internal fun Words.remarkTitle(remark: ImportRemark): String =
    remark.field.ifEmpty { remark.pointer?.ifEmpty { null } ?: remark.file ?: this("imports.remark.whole") }

/** Why, and where in the file. */
internal fun Words.remarkDetail(remark: ImportRemark): String {
    val reason = "imports.reason.${remark.reason}".let { if (has(it)) this(it) else remark.reason }
    val line = remark.line
    val file = remark.file
    return when {
        line != null && file != null -> this("imports.remark.file_line", "reason" to reason, "file" to file, "line" to line.toLong())
        line != null -> this("imports.remark.line", "reason" to reason, "line" to line.toLong())
        file != null -> this("imports.remark.file", "reason" to reason, "file" to file)
        else -> reason
    }
}
