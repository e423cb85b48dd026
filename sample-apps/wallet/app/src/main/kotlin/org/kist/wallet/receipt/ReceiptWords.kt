package org.kist.wallet.receipt

import org.kist.wallet.consents.afterWithdrawal
import org.kist.wallet.consents.allowed
import org.kist.wallet.consents.isConsent
import org.kist.wallet.consents.isWithdrawn
import org.kist.wallet.consents.stands
import org.kist.wallet.language.Words
import org.kist.wallet.language.chosen
import org.kist.wallet.language.fieldName
import org.kist.wallet.language.period
import org.kist.wallet.ports.PrintedBlock
import org.kist.wallet.ports.PrintedPage
import org.kist.wallet.request.legalBasis
import org.kist.wallet.request.mayRead

/** How it stands, in plain words. */
internal fun Words.standing(agreed: Agreed): String =
    this("receipt.state.${agreed.state.name}", "organisation" to agreed.organisation)

/** The field's name out of what the agreement calls it: `home:["locality"]`. */
internal fun nameOf(field: String): String =
    org.kist.wallet.request.lastName(field.substringAfter(':', "").ifEmpty { null })

/** What was given, as people call it: by kind of record. */
internal fun Words.given(agreed: Agreed): List<Pair<String, String>> =
    agreed.given.groupBy { it.schema }.map { (schema, fields) ->
        schema?.let(::kind).orEmpty() to list(fields.map { if (it.name.isEmpty()) this("receipt.all") else fieldName(it.name) })
    }

/** What the organisation may do, one sentence each. */
internal fun Words.mayDo(agreed: Agreed): List<String> = listOfNotNull(
    mayRead(agreed.isOnce).takeIf { agreed.rights.read },
    this("request.right.deliver").takeIf { agreed.rights.deliver },
    this("request.right.update").takeIf { agreed.rights.update },
)

/** How long it holds. */
internal fun Words.until(agreed: Agreed): String =
    agreed.endsAt?.let { this("request.holds.until", "when" to day(it)) } ?: this("request.holds.standing")

/** By what right; a yes that doesn't hold any more is said to be over. */
internal fun Words.basis(agreed: Agreed): String =
    if (!agreed.state.stands && isConsent(agreed.legalBasis)) this("receipt.basis.had") else legalBasis(agreed.legalBasis)

/** What is kept of an agreement that doesn't stand any more. */
internal fun Words.keptAfter(agreed: Agreed): String =
    if (agreed.state.isWithdrawn) afterWithdrawal(agreed.keptAfterWithdrawal)
    else this("request.retention", "time" to period(agreed.retention))

/** What was agreed on a sheet of paper, in plain words. */
internal fun receiptPage(agreed: Agreed, words: Words): PrintedPage {
    val blocks = buildList {
        paragraph(words("receipt.agreed_on", "organisation" to agreed.organisation, "when" to words.moment(agreed.agreedAt)))
        paragraph(words.standing(agreed))
        heading(words("receipt.why"))
        paragraph(words.chosen(agreed.purpose))
        paragraph(words.basis(agreed))
        val stands = agreed.state.stands
        heading(words(if (stands) "receipt.gave" else "receipt.had"))
        words.given(agreed).forEach { (kind, fields) -> paragraph(words("receipt.line", "kind" to kind, "fields" to fields)) }
        heading(words(if (stands) "receipt.may" else "receipt.might"))
        if (stands) {
            words.mayDo(agreed).forEach(::paragraph)
            paragraph(words.until(agreed))
            paragraph(words("request.retention", "time" to words.period(agreed.retention)))
            agreed.keptAfterWithdrawal.forEach { paragraph(words("request.kept", "what" to words.chosen(it))) }
        } else {
            paragraph(words.list(words.allowed(agreed.rights, agreed.isOnce)))
            paragraph(words.keptAfter(agreed))
        }
        heading(words("receipt.signed"))
        paragraph(words("receipt.signed.you"))
        if (agreed.countersigned) paragraph(words("receipt.signed.them", "organisation" to agreed.organisation))
        paragraph(words("receipt.number", "number" to agreed.id))
    }
    return PrintedPage(words("receipt.title"), blocks, words.language.rightToLeft)
}

private fun MutableList<PrintedBlock>.heading(text: String) = add(PrintedBlock.Heading(text))

private fun MutableList<PrintedBlock>.paragraph(text: String) = add(PrintedBlock.Paragraph(text))
