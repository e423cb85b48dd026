package org.kist.wallet.language

import java.util.Locale

/**
 * A language that the wallet speaks. [ARABIC] has the welcome and the rooms in which a person decides (request, receipt, consents); the
 * other rooms are English there.
 */
enum class Language(
    /** Its BCP 47 tag, which is the name of its folder of words. */
    val tag: String,
    /** What its speakers call it. */
    val ownName: String,
    /** It is written from right to left. */
    val rightToLeft: Boolean = false,
    /** Every room speaks it. */
    val saysAll: Boolean = true,
) {
    ENGLISH("en", "English"),
    WELSH("cy", "Cymraeg"),
    ARABIC("ar", "العربية", rightToLeft = true, saysAll = false),
    ;

    /** How dates and numbers are written: with the digits that codes and papers have, also in Arabic. */
    val locale: Locale = Locale.forLanguageTag(if (rightToLeft) "$tag-u-nu-latn" else "$tag-GB")

    companion object {
        /** The language with this tag; English where the wallet doesn't speak it. */
        fun of(tag: String?): Language = entries.firstOrNull { it.tag == tag?.substringBefore('-') } ?: ENGLISH
    }
}
