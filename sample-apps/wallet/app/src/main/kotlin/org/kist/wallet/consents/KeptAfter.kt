package org.kist.wallet.consents

import org.kist.ConsentDetail
import org.kist.Person
import org.kist.wallet.language.Words
import org.kist.wallet.language.chosen

/** What an organisation says that it keeps after a withdrawal, and by what right it has what was given. Texts are by language. */
data class KeptBy(val organisation: String, val kept: List<Map<String, String>>, val legalBasis: String)

internal fun ConsentDetail.keptBy() = KeptBy(summary.organisation, keptAfterWithdrawal, legalBasis)

/** What is kept after these agreements are withdrawn. */
internal suspend fun Person.keptAfterWithdrawal(agreements: Collection<String>): List<KeptBy> =
    agreements.map { consents.get(it).keptBy() }

/** What an organisation says that it keeps after a withdrawal. */
internal fun Words.afterWithdrawal(kept: List<Map<String, String>>): String =
    if (kept.isEmpty()) this("consents.after.nothing") else this("consents.after", "what" to list(kept.map(::chosen)))

/** What it means to withdraw: what is so of all, and what each one keeps that keeps anything. */
internal fun Words.withdrawalMeans(kept: List<KeptBy>): String {
    val keeping = kept.filter { it.kept.isNotEmpty() }
    val after = keeping.map { one ->
        if (kept.size == 1) afterWithdrawal(one.kept)
        else this("consents.after.of", "organisation" to one.organisation, "what" to list(one.kept.map(::chosen)))
    }
    val means = this(if (kept.all { isConsent(it.legalBasis) }) "consents.withdraw.means" else "consents.withdraw.means.law")
    return (listOf(means) + after.ifEmpty { listOf(this("consents.after.nothing")) }).joinToString("\n\n")
}
