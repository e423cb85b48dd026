package org.kist.wallet.language

// The plural forms of each language for whole numbers, by the names and rules of Unicode CLDR.

/** The form of which a sentence about [count] things is. */
internal fun pluralForm(language: Language, count: Long): String = when (language) {
    Language.ENGLISH -> if (count == 1L) "one" else "other"
    Language.WELSH -> when (count) {
        0L -> "zero"
        1L -> "one"
        2L -> "two"
        3L -> "few"
        6L -> "many"
        else -> "other"
    }
    Language.ARABIC -> when {
        count in 0L..2L -> listOf("zero", "one", "two")[count.toInt()]
        count % 100 in 3L..10L -> "few"
        count % 100 in 11L..99L -> "many"
        else -> "other"
    }
}
