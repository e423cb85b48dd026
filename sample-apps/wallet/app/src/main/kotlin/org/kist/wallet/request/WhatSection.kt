package org.kist.wallet.request

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.selection.selectableGroup
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.semantics
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.Chip
import org.kist.wallet.design.ChoiceRow
import org.kist.wallet.design.Icons
import org.kist.wallet.design.Line
import org.kist.wallet.design.LocalPalette
import org.kist.wallet.design.LocalTone
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.Space
import org.kist.wallet.design.TickRow
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.chosen

/** What is asked for: what is needed, what is the person's choice, and where one of several things does. */
@Composable
internal fun WhatSection(asking: Asking, choosing: Choosing, acts: RequestActs) {
    val words = LocalWords.current
    val ofAny = asking.alternatives.flatMap { it.options }.flatMap { it.fields }.toSet()
    SectionHeading(words("request.what"))
    Text(words("request.what.text"), style = MaterialTheme.typography.bodyMedium)
    asking.parts.forEach { part ->
        val alone = part.fields.filter { it.field == null || it.field !in ofAny }
        if (alone.isNotEmpty()) PartCard(asking, part, alone, choosing, acts)
    }
    asking.alternatives.forEachIndexed { place, alternative -> AlternativeCard(asking, place, alternative, choosing, acts) }
}

/** What one record is to answer. */
@Composable
private fun PartCard(asking: Asking, part: Part, fields: List<AskedField>, choosing: Choosing, acts: RequestActs) {
    val words = LocalWords.current
    val record = asking.record(part, choosing)
    // What is to be known of every field is said once.
    val shared = if (fields.size > 1) fields.map { notes(it) }.reduce { all, those -> all.filter(those::contains) } else emptyList()
    Card {
        FlowRow(
            horizontalArrangement = Arrangement.spacedBy(Space.small, Alignment.Start),
            verticalArrangement = Arrangement.spacedBy(Space.hair),
        ) {
            Text(words.kind(part.schema), Modifier.semantics { heading() }, style = MaterialTheme.typography.titleMedium)
            Need(fields)
        }
        fields.forEachIndexed { index, field ->
            if (index > 0) Line()
            FieldLines(asking, part, field, record, choosing, acts)
            OverAsking(field, words.kind(part.schema))
            notes(field).filterNot { it in shared }.forEach { Note(it.first, it.second) }
        }
        shared.forEach { Note(it.first, it.second) }
        if (record == null) Missing(part, acts) else Source(part, record, acts)
    }
}

/** Whether there is no answer without it, in words. */
@Composable
private fun Need(fields: List<AskedField>) {
    val words = LocalWords.current
    val palette = LocalPalette.current
    when {
        fields.all { it.required } -> Chip(words("request.needed"), icon = Icons.Lock, tone = palette.soft)
        fields.none { it.required } -> Chip(words("request.optional"), icon = Icons.Person, tone = palette.info)
        // Each says it for itself.
        else -> {}
    }
}

@Composable
private fun FieldLines(asking: Asking, part: Part, field: AskedField, record: Held?, choosing: Choosing, acts: RequestActs) {
    val words = LocalWords.current
    val name = words.apartFrom(field, part)
    val value = record?.values?.get(field.field ?: field.credential)?.let(words::value)
    val mixed = part.fields.any { it.required != field.required }
    val need = words(if (field.required) "request.needed" else "request.optional").takeIf { mixed }
    Column(verticalArrangement = Arrangement.spacedBy(Space.hair)) {
        if (value != null && field.field != null && !field.byDefault && asking.canGive(field)) {
            TickRow(
                words("request.give", "field" to name, "value" to value),
                field.field in choosing.ticked,
                { acts.onTick(field.field, it) },
                detail = need,
            )
        } else {
            Named(need?.let { words("request.name_need", "field" to name, "need" to it) } ?: name, value ?: words("request.none"))
        }
    }
}

/** That a field is asked for beyond what the organisation registered. */
@Composable
private fun OverAsking(field: AskedField, kind: String) {
    val words = LocalWords.current
    field.overAsking.forEach { code ->
        Banner(BannerKind.WARNING, words("request.over", "field" to kind), text = words("request.over.$code"))
    }
}

/** What else to know about a field before it is given. */
@Composable
private fun notes(field: AskedField): List<Pair<ImageVector, String>> {
    val words = LocalWords.current
    return listOfNotNull(
        (Icons.Lock to words("request.withheld")).takeIf { field.withheld },
        field.why?.let { Icons.Info to words("request.field_why", "why" to words.chosen(it)) },
        field.oneOf.takeIf { it.isNotEmpty() }?.let { Icons.Info to words("request.one_of", "values" to words.list(it)) },
        (Icons.Shield to words("request.sensitive")).takeIf { field.sensitive },
        field.linking?.let { Icons.Person to words("request.linking.$it") },
        field.sharedBeforeMs?.let { Icons.History to words("request.shared_before", "day" to words.day(it / MILLISECONDS)) },
    )
}

/** Where the values are from; where several records would do, which. */
@Composable
private fun Source(part: Part, record: Held, acts: RequestActs) {
    val words = LocalWords.current
    if (part.held.size == 1) return Note(Icons.File, source(record))
    Text(words("request.which"), style = MaterialTheme.typography.titleSmall)
    Column(Modifier.selectableGroup()) {
        part.held.forEach { held ->
            ChoiceRow(
                held.values.values.joinToString(words("list.between")) { words.value(it) },
                held == record,
                { acts.onRecord(part.credential, held.candidate) },
                detail = source(held),
            )
        }
    }
}

@Composable
private fun source(held: Held): String {
    val words = LocalWords.current
    val day = words.day(held.asOf)
    val from = held.signedBy?.let { words("request.source.signed", "organisation" to it, "day" to day) }
        ?: words("request.source.own", "day" to day)
    return if (held.expired && held.expiresAt != null) {
        words("request.source.over", "source" to from, "day" to words.day(held.expiresAt))
    } else {
        from
    }
}

/** The person hasn't got it: it can be added, and the request waits meanwhile. */
@Composable
private fun Missing(part: Part, acts: RequestActs) {
    val words = LocalWords.current
    Note(Icons.Info, words(if (part.fields.any { it.required }) "request.missing.needed" else "request.missing"))
    acts.onAdd?.let { add ->
        PlainButton(words("request.missing.add", "kind" to words.kind(part.schema)), { add(part.schema) }, icon = Icons.Plus)
    }
}

/** One of several things: what tells least stands chosen where one is needed. */
@Composable
private fun AlternativeCard(asking: Asking, place: Int, alternative: Alternative, choosing: Choosing, acts: RequestActs) {
    val words = LocalWords.current
    val taken = asking.option(place, choosing)
    Card {
        Text(words("request.either"), Modifier.semantics { heading() }, style = MaterialTheme.typography.titleMedium)
        Text(
            words(if (alternative.required) "request.either.needed" else "request.either.optional"),
            style = MaterialTheme.typography.bodyMedium,
            color = LocalTone.current.quiet,
        )
        Column(Modifier.selectableGroup()) {
            alternative.options.forEachIndexed { index, option ->
                ChoiceRow(
                    optionText(asking, option),
                    option == taken,
                    { acts.onOption(place, index) },
                    detail = optionDetail(option),
                    enabled = option.available,
                )
            }
            if (!alternative.required) ChoiceRow(words("request.either.none"), taken == null, { acts.onOption(place, null) })
        }
        val fields = optionFields(asking, alternative)
        fields.forEach { OverAsking(it, words.kind(asking.part(it).schema)) }
        fields.flatMap { notes(it) }.distinct().forEach { Note(it.first, it.second) }
    }
}

@Composable
private fun optionText(asking: Asking, option: Option): String {
    val words = LocalWords.current
    return words.list(
        asking.fields.filter { it.field in option.fields }.map { field ->
            val part = asking.part(field)
            val value = part.held.firstNotNullOfOrNull { it.values[field.field] }
            val name = words.field(field, part.schema)
            if (value == null) name else words("request.give", "field" to name, "value" to words.value(value))
        },
    )
}

@Composable
private fun optionDetail(option: Option): String? {
    val words = LocalWords.current
    return when {
        !option.available -> words("request.none")
        option.tellsMore -> words("request.tells_more")
        option.byDefault -> words("request.tells_least")
        else -> null
    }
}

private fun optionFields(asking: Asking, alternative: Alternative): List<AskedField> {
    val named = alternative.options.flatMap { it.fields }.toSet()
    return asking.fields.filter { it.field in named }
}

private const val MILLISECONDS = 1_000L
