package org.kist.wallet.design

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class IconTest {
    @Test
    fun `the icon of the shells is the one that the app draws`() {
        val svg = checkNotNull(AppIcon::class.java.getResource("/org/kist/wallet/icon.svg")).readText()
        val drawn = Regex("""fill="#(\w+)" d="([^"]+)"""").findAll(svg)
            .map { ("FF" + it.groupValues[1]).toLong(16) to it.groupValues[2] }.toList()
        assertEquals(appIconParts, drawn)
    }
}
