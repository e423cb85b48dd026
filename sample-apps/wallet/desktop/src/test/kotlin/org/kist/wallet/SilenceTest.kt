package org.kist.wallet

import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.hasClickAction
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.runDesktopComposeUiTest
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.kist.BackupStatus
import org.kist.ConsentSummary
import org.kist.Due
import org.kist.wallet.consents.ConsentActs
import org.kist.wallet.consents.ConsentContent
import org.kist.wallet.consents.ConsentScreen
import org.kist.wallet.consents.OneConsentState
import org.kist.wallet.home.HomeActs
import org.kist.wallet.home.HomeContent
import org.kist.wallet.home.HomeScreen
import org.kist.wallet.home.HomeState
import org.kist.wallet.shots.SampleConsents
import org.kist.wallet.shots.Samples
import org.kist.wallet.shots.Shot
import org.kist.wallet.state.Loadable

/**
 * A withdrawal that isn't acknowledged for a week. That it counts as silent then is the core's, by its own clock
 * (`core/pds/tests/organisation/silence.rs`); here it is what the person sees of it, and can do.
 */
@OptIn(ExperimentalTestApi::class)
class SilenceTest {
    private fun home(due: Due) =
        HomeState(Loadable.Ready(HomeContent(emptyList(), emptyList(), listOf(due), emptyList(), emptyList(), BackupStatus(null, null, 0u, true))))

    private fun state(consent: ConsentSummary) =
        OneConsentState(Loadable.Ready(ConsentContent(SampleConsents.detail(consent), emptyList(), null)))

    @Test
    fun `k4 a withdrawal that is met with silence is said at home, and a reminder is one press away`() =
        runDesktopComposeUiTest(Shot.PHONE_WIDTH, Shot.PHONE_HEIGHT) {
            var consent by mutableStateOf(SampleConsents.silent)
            var opened by mutableStateOf<String?>(null)
            val progress = checkNotNull(consent.withdrawal)
            val due = Due.SilentWithdrawal(consent.id, consent.organisation, checkNotNull(progress.silentSince), null)
            setContent {
                Shot("silence") {
                    if (opened == null) {
                        HomeScreen(home(due), HomeActs(onConsent = { { opened = it } }))
                    } else {
                        val remind = { consent = consent.copy(withdrawal = progress.copy(remindedAt = Samples.NOW)) }
                        ConsentScreen(state(consent), ConsentActs(onRemind = remind, onReport = {}))
                    }
                }.Shown()
            }
            onNodeWithText("Silent since 28 November 2026", substring = true).assertExists()
            onNode(hasText("hasn't confirmed that you took it back", substring = true) and hasClickAction()).performScrollTo().performClick()
            assertEquals(SampleConsents.silent.id, opened)
            onNodeWithText("They haven't answered", substring = true).assertExists()
            onNodeWithText("Silent since 28 November 2026", substring = true).assertExists()
            onNodeWithText("Tell the authority").assertExists()
            onNodeWithText("Ask them again").performScrollTo().performClick()
            onNodeWithText("You asked again on 30 November 2026.").assertExists()
        }
}
