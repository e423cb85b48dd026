package org.kist.wallet.receipt

import java.util.Locale
import org.kist.ConsentDetail
import org.kist.ConsentState
import org.kist.InboxEvent
import org.kist.Kist
import org.kist.Person
import org.kist.Rights

/** What was agreed, as a receipt shows it. Texts are by language. */
data class Agreed(
    val id: String,
    val organisation: String,
    val purpose: Map<String, String>,
    /** A term of DPV. */
    val legalBasis: String,
    val given: List<Given>,
    val rights: Rights,
    /** ISO 8601. */
    val retention: String,
    val keptAfterWithdrawal: List<Map<String, String>>,
    val privacyNotice: String,
    /** Unix seconds. */
    val agreedAt: Long,
    /** When it ends by itself, Unix seconds; null where only a withdrawal ends it. */
    val endsAt: Long?,
    val state: ConsentState,
    /** The organisation has signed the receipt. */
    val countersigned: Boolean,
) {
    /** It was given once: such an agreement ends as it is made. */
    val isOnce: Boolean get() = endsAt == agreedAt
}

/** A field that was given. */
data class Given(
    /** The kind of record, a schema's URI; null where that isn't known any more. */
    val schema: String?,
    /** The last name of its path, as the catalogues have it; empty for a whole record. */
    val name: String,
)

/** Where receipts are kept: the person's store, or the make-believe clinic. */
interface ReceiptDesk {
    /** What was agreed. Throws KistException: `NotFound`. */
    suspend fun agreed(id: String): Agreed

    /** Fetches what organisations sent; gives the records that came under this agreement. Throws KistException. */
    suspend fun fetch(id: String): List<String>

    /** The receipt as a page of HTML. Throws KistException: `NotFound` while the organisation hasn't signed. */
    suspend fun page(id: String, locale: Locale): String

    /** The agreement with everything that was signed, for anyone to verify. */
    suspend fun proof(id: String): ByteArray

    /** Verifies all signatures. Throws KistException where one is wrong. */
    suspend fun verify(id: String)
}

/** The person's own store. */
class StoreReceipts(private val person: Person) : ReceiptDesk {
    override suspend fun agreed(id: String): Agreed = read(person.consents.get(id))

    override suspend fun fetch(id: String): List<String> =
        person.inbox.refresh().filterIsInstance<InboxEvent.Delivered>().filter { it.consent == id }.map { it.record }

    override suspend fun page(id: String, locale: Locale): String = person.consents.receiptPage(id, locale)

    override suspend fun proof(id: String): ByteArray = person.consents.proof(id)

    override suspend fun verify(id: String) {
        Kist.verifyReceipt(person.consents.proof(id))
    }

    private fun read(detail: ConsentDetail) = Agreed(
        id = detail.summary.id,
        organisation = detail.summary.organisation,
        purpose = detail.summary.purpose,
        legalBasis = detail.legalBasis,
        given = detail.summary.given.map { Given(it.schema, nameOf(it.field)) },
        rights = detail.rights,
        retention = detail.retention,
        keptAfterWithdrawal = detail.keptAfterWithdrawal,
        privacyNotice = detail.privacyNotice,
        agreedAt = detail.summary.agreedAt,
        endsAt = detail.summary.expiresAt,
        state = detail.summary.state,
        countersigned = detail.receipt != null,
    )
}
