package org.kist.wallet.consents

import androidx.compose.ui.graphics.vector.ImageVector
import org.kist.ConsentState
import org.kist.ConsentSummary
import org.kist.Rights
import org.kist.WithdrawalState
import org.kist.wallet.design.Icons
import org.kist.wallet.design.Palette
import org.kist.wallet.design.Tone
import org.kist.wallet.language.Words
import org.kist.wallet.language.fieldName
import org.kist.wallet.language.thing
import org.kist.wallet.receipt.standing

/** How a consent stands, in a word and an icon. */
internal class Standing(val icon: ImageVector, val word: String, val tone: (Palette) -> Tone)

internal fun ConsentSummary.standing(words: Words): Standing = when (state) {
    ConsentState.AWAITING_SEND -> Standing(Icons.Clock, words("consents.state.awaiting_send"), Palette::info)
    ConsentState.AWAITING_RECEIPT -> Standing(Icons.Clock, words("consents.state.awaiting_receipt"), Palette::info)
    ConsentState.IN_FORCE ->
        if (expiresSoon) Standing(Icons.Clock, words("consents.state.ends_soon"), Palette::warning)
        else Standing(Icons.Success, words("consents.state.in_force"), Palette::success)
    ConsentState.PAUSED -> Standing(Icons.Pause, words("consents.state.paused"), Palette::warning)
    ConsentState.EXPIRED -> Standing(Icons.History, words("consents.state.expired"), Palette::soft)
    ConsentState.REPLACED -> Standing(Icons.History, words("consents.state.replaced"), Palette::soft)
    ConsentState.WITHDRAWN ->
        if (isSilent) Standing(Icons.Warning, words("consents.state.silent"), Palette::warning)
        else Standing(Icons.Clock, words("consents.state.withdrawn"), Palette::info)
    ConsentState.WITHDRAWAL_ACKNOWLEDGED -> Standing(Icons.Close, words("consents.state.acknowledged"), Palette::soft)
}

/** The organisation owes the word that it knows of the withdrawal. */
internal val ConsentSummary.isSilent: Boolean
    get() = withdrawal?.state == WithdrawalState.SILENT || withdrawal?.state == WithdrawalState.NOT_TAKEN

/** When it ends, in words. */
internal fun ConsentSummary.end(words: Words): String {
    val ends = expiresAt
    return when {
        isOver -> words("consents.end.over")
        ends == null -> words("consents.end.open")
        else -> words("consents.end.at", "day" to words.day(ends))
    }
}

/** How it stands and until when, where that is still to come. */
internal fun ConsentSummary.standsUntil(words: Words): String {
    val word = standing(words).word
    return if (stands) words("consents.standing", "state" to word, "end" to end(words)) else word
}

/** What an organisation may do, to be said in one sentence. What it may read [once] alone is never told again. */
internal fun Words.allowed(rights: Rights, once: Boolean): List<String> = listOfNotNull(
    this("consents.may.read").takeIf { rights.read },
    this("consents.may.hear").takeIf { rights.read && !once },
    this("consents.may.deliver").takeIf { rights.deliver },
    this("consents.may.update").takeIf { rights.update },
)

/** Whether a term of DPV says that nothing but the person's yes allows it. */
internal fun isConsent(legalBasis: String): Boolean = legalBasis.substringAfterLast(':') in setOf("A6-1-a", "A9-2-a")

/** The kinds of things that are given, each once. */
internal fun ConsentSummary.things(words: Words): String = words.list(given.map { words.thing(it.schema) }.distinct())

/** The fields of one kind that are given. */
internal fun ConsentSummary.fieldsOf(schema: String?, words: Words): String =
    words.list(given.filter { it.schema == schema }.map { words.fieldName(it.field) })

/** A group's heading. */
internal fun ConsentGroup.name(view: ConsentView, words: Words): String = when (view) {
    ConsentView.ORGANISATION -> consents.first().organisation
    ConsentView.THING -> words.thing(key)
    ConsentView.AREA -> words.area(key.orEmpty())
}

/** Whether the group itself has to do with what is sought, or who is in it. */
internal fun ConsentGroup.fits(view: ConsentView, sought: String, words: Words): Boolean {
    val fields = if (view == ConsentView.THING) consents.map { it.fieldsOf(key, words) } else emptyList()
    return (fields + name(view, words) + consents.map { it.organisation }).any { it.contains(sought.trim(), ignoreCase = true) }
}

/** Whether a consent has to do with what is sought. */
internal fun ConsentSummary.fits(sought: String, words: Words): Boolean {
    val names = listOf(organisation) + given.flatMap { listOf(words.thing(it.schema), words.fieldName(it.field)) } + areas.map(words::area)
    return names.any { it.contains(sought.trim(), ignoreCase = true) }
}
