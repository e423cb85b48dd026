package org.kist

import java.nio.file.Path
import kotlinx.coroutines.flow.Flow
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonObject
import org.kist.generated.checkRecoveryCode as coreCheckRecoveryCode
import org.kist.generated.drawQr as coreDrawQr
import org.kist.generated.errorCodes as coreErrorCodes
import org.kist.generated.readQr as coreReadQr
import org.kist.generated.readRequestQr as coreReadRequestQr
import org.kist.generated.reviewArchive as coreReviewArchive
import org.kist.generated.softwareSecureArea as coreSoftwareSecureArea
import org.kist.generated.verifyEvidence as coreVerifyEvidence
import org.kist.generated.verifyReceipt as coreVerifyReceipt
import org.kist.generated.verifyReceiptParts as coreVerifyReceiptParts

/** Where everything begins: a folder and a platform make a store, whoever's it is. */
object Kist {
    /** A person's store in [folder], which may not be there yet. */
    fun person(folder: Path, platform: Platform) = PersonStore(folder, platform)

    /** An organisation's store in [folder], which may not be there yet. */
    fun organisation(folder: Path, platform: Platform) = OrganisationStore(folder, platform)

    /** The store of a framework's operator in [folder], which may not be there yet. */
    fun framework(folder: Path, platform: Platform) = FrameworkStore(folder, platform)

    /** Draws a text as a QR code of [QrModules.size] modules a side; leave four light modules around it. */
    fun drawQr(text: String): QrModules = translating { coreDrawQr(text) }

    /** The texts of all codes in a picture: [luma] has a byte a pixel, row by row, 0 is black. */
    fun readQr(luma: ByteArray, width: Int, height: Int): List<String> =
        translating { coreReadQr(luma, width.toUInt(), height.toUInt()) }

    /** The one link in a picture that an organisation's request lies behind; see [readQr]. `NotARequest` without one. */
    fun readRequestQr(luma: ByteArray, width: Int, height: Int): String =
        translating { coreReadRequestQr(luma, width.toUInt(), height.toUInt()) }

    /** Looks through an archive: what it says of itself, and what of it is damaged. `Corrupt`, `DowngradeRefused`. */
    fun reviewArchive(archive: Path): Flow<Work<ArchiveReview>> =
        work { listener, handle -> coreReviewArchive(archive.toString(), listener, handle) }

    /** Names a mistyped group of a recovery code, before anything is fetched: `RecoveryCodeMistyped`. */
    fun checkRecoveryCode(code: String): Unit = translating { coreCheckRecoveryCode(code) }

    /** A [SecureArea] in software, for tests and for desktops without a key store: who has its 32 bytes has its keys. */
    fun softwareSecureArea(secret: ByteArray): SecureArea =
        translating { CoreArea(coreSoftwareSecureArea(secret)) }

    /** Every code that a [KistException] can carry. */
    val errorCodes: List<ErrorCode> by lazy { translating { coreErrorCodes() } }

    /**
     * Verifies a receipt with public keys alone: [proof] is what [Consents.proof] gave. With a [key], a JWK, the
     * organisation's signatures have to be that key's. Gives what was proven. `UntrustedKey`, `SignatureInvalid` …
     */
    fun verifyReceipt(proof: ByteArray, key: ByteArray? = null): JsonObject =
        Json.parseToJsonElement(translating { coreVerifyReceipt(proof, key) }).jsonObject

    /**
     * Verifies a receipt from its parts, each a compact JWS, with the organisation's public [key], a JWK. Gives what was proven.
     * `SignatureInvalid` for another key, `Malformed` for what isn't the part that it should be …
     */
    fun verifyReceipt(receipt: String, acceptance: String, offer: String, key: ByteArray): JsonObject =
        Json.parseToJsonElement(translating { coreVerifyReceiptParts(receipt, acceptance, offer, key) }).jsonObject

    /** Verifies what [History.evidence] gave, with nothing else. `HistoryBroken`, `SignatureInvalid` … */
    fun verifyEvidence(evidence: ByteArray): JsonObject =
        Json.parseToJsonElement(translating { coreVerifyEvidence(evidence) }).jsonObject
}
