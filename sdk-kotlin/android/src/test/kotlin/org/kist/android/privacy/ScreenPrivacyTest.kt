package org.kist.android.privacy

import android.os.Build
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** What other apps and the list of recent apps see. */
class ScreenPrivacyTest {
    private val versions = Build.VERSION_CODES.R..Build.VERSION_CODES.UPSIDE_DOWN_CAKE

    @Test
    fun s5_nothing_is_shown_in_the_list_of_recent_apps_whatever_the_person_allows() {
        for (sdk in versions) {
            for (allowed in listOf(false, true)) {
                val screening = screening(sdk, allowed)
                assertFalse(screening.inRecents)
                val hidden = screening.secure || sdk >= Build.VERSION_CODES.TIRAMISU
                assertTrue(hidden, "Android $sdk, screenshots allowed: $allowed")
            }
        }
    }

    @Test
    fun s5_screenshots_are_allowed_by_the_person_alone_and_where_the_list_stays_empty() {
        assertTrue(versions.all { screening(it, allowScreenshots = false).secure })
        val allowing = versions.filterNot { screening(it, allowScreenshots = true).secure }
        assertEquals((Build.VERSION_CODES.TIRAMISU..Build.VERSION_CODES.UPSIDE_DOWN_CAKE).toList(), allowing)
    }

    @Test
    fun a31_no_window_of_another_app_lies_over_a_decision_where_android_can_help_it() {
        assertEquals(versions.filter { it >= Build.VERSION_CODES.S }, versions.filter { screening(it, false).uncovered })
    }
}
