package org.kist.wallet.world

import androidx.compose.ui.input.key.Key
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.test.ComposeTimeoutException
import androidx.compose.ui.test.ComposeUiTest
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SemanticsMatcher
import androidx.compose.ui.test.SemanticsNodeInteraction
import androidx.compose.ui.test.hasAnyAncestor
import androidx.compose.ui.test.hasClickAction
import androidx.compose.ui.test.hasContentDescription
import androidx.compose.ui.test.hasSetTextAction
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.isDialog
import androidx.compose.ui.test.isEnabled
import androidx.compose.ui.test.isFocused
import androidx.compose.ui.test.isHeading
import androidx.compose.ui.test.isRoot
import androidx.compose.ui.test.onAllNodesWithText
import androidx.compose.ui.test.performKeyInput
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.performTextClearance
import androidx.compose.ui.test.performTextInput
import androidx.compose.ui.test.performTouchInput
import androidx.compose.ui.test.pressKey
import androidx.compose.ui.test.runDesktopComposeUiTest
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.runBlocking
import org.kist.RecordFilter
import org.kist.RecordPlace
import org.kist.wallet.app.SessionState
import org.kist.wallet.app.Wallet
import org.kist.wallet.app.WalletApp
import org.kist.wallet.desktop.desktopFonts
import org.kist.wallet.language.Language
import org.kist.wallet.state.DRAFT

private const val PATIENCE = 30_000L
private const val MOST_STEPS = 200

/**
 * Runs the app on a device, as a person has it before them: by names and roles, clicking and typing. When the test ends, the app is
 * shut as its window would be. Another on the same device finds what this one left.
 */
@OptIn(ExperimentalTestApi::class)
fun onWallet(
    device: TestDevice,
    width: Int = 412,
    height: Int = 892,
    act: WalletUi.() -> Unit,
) = runDesktopComposeUiTest(width, height) {
    val scope = CoroutineScope(Dispatchers.Default + SupervisorJob())
    val wallet = Wallet(device.ports, scope, Language.ENGLISH)
    try {
        setContent { WalletApp(wallet, desktopFonts()) }
        WalletUi(this, wallet).act()
    } finally {
        wallet.shut()
        scope.cancel()
    }
}

/** What a person does and sees. Each act waits until what it needs is there, and fails where it doesn't come. */
@OptIn(ExperimentalTestApi::class)
class WalletUi(val test: ComposeUiTest, val wallet: Wallet) {
    /** Presses a button, a row or a tab, by the words on it or its name. */
    fun press(name: String) {
        val button = role(Role.Button) or role(Role.Tab) or role(Role.Checkbox) or role(Role.RadioButton)
        reach(button and (hasText(name) or hasContentDescription(name)) and isEnabled()).tap()
    }

    /** Goes to a button, row or tab by the tabulator alone, and presses it by the enter key. */
    fun byKeyboard(name: String) {
        val wanted = (hasText(name) or hasContentDescription(name)) and hasClickAction() and isEnabled()
        reach(wanted)
        var steps = 0
        while (test.onAllNodes(wanted and isFocused()).fetchSemanticsNodes().isEmpty()) {
            check(steps++ < MOST_STEPS) { "the tabulator doesn't come to “$name”" }
            test.onAllNodes(isRoot())[0].performKeyInput { pressKey(Key.Tab) }
        }
        test.onAllNodes(isRoot())[0].performKeyInput { pressKey(Key.Enter) }
    }

    /** Types into the field of this name. */
    fun type(field: String, text: String) {
        val node = reach(hasSetTextAction() and hasContentDescription(field, substring = true) and isEnabled())
        node.performTextClearance()
        node.performTextInput(text)
    }

    /** Waits until a text is there. */
    fun sees(text: String) {
        await(hasText(text, substring = true) or hasContentDescription(text, substring = true), "“$text”")
    }

    /** Waits until a screen of this title is there. */
    fun isAt(title: String) {
        await(isHeading() and hasText(title), "the screen “$title”")
    }

    /** Whether a text is there now. */
    fun hasInSight(text: String): Boolean =
        test.onAllNodesWithText(text, substring = true).fetchSemanticsNodes().isNotEmpty()

    /** The name that a screen reader says of what has this in it. */
    fun nameOf(matcher: SemanticsMatcher): String {
        await(matcher, matcher.description)
        return test.onAllNodes(matcher)[0].fetchSemanticsNode().config[SemanticsProperties.ContentDescription].joinToString()
    }

    /** Waits until the one that fits is there, and scrolls to it. */
    fun reach(matcher: SemanticsMatcher): SemanticsNodeInteraction {
        await(matcher, matcher.description)
        val node = test.onAllNodes(matcher)[0]
        runCatching { node.performScrollTo() } // not everything stands in what scrolls
        return node
    }

    private fun await(matcher: SemanticsMatcher, what: String) = try {
        test.waitUntil("there is $what", PATIENCE) { test.onAllNodes(matcher).fetchSemanticsNodes().isNotEmpty() }
    } catch (late: ComposeTimeoutException) {
        throw AssertionError("$what isn't there, but: ${inSight()}", late)
    }

    /** Every text that is there. */
    private fun inSight(): String = test.onAllNodes(SemanticsMatcher("anything") { true }).fetchSemanticsNodes()
        .flatMap { node -> node.config.getOrElse(SemanticsProperties.Text) { emptyList() }.map { it.text } }
        .joinToString(" | ")

    private fun role(role: Role) = SemanticsMatcher.expectValue(SemanticsProperties.Role, role)
}

/** Presses and lets go at one moment: no frame comes between, in which it could move away. */
fun SemanticsNodeInteraction.tap() = performTouchInput {
    down(center)
    up()
}

/** Opens the store. */
fun WalletUi.unlock() {
    type("Passphrase", PASSPHRASE)
    press("Open")
    isAt("Your Kist")
}

/** Presses a button of the question that is asked. */
@OptIn(ExperimentalTestApi::class)
fun WalletUi.confirm(name: String) {
    reach(hasText(name) and hasAnyAncestor(isDialog()) and hasClickAction()).tap()
}

/** Waits until a text isn't there any more. */
@OptIn(ExperimentalTestApi::class)
fun WalletUi.gone(text: String) = test.waitUntil("“$text” is gone", GONE_IN) { !hasInSight(text) }

/** Does something of which a draft is kept, and waits until the store has it. */
@OptIn(ExperimentalTestApi::class)
fun WalletUi.untilDraftKept(act: WalletUi.() -> Unit) {
    val filter = RecordFilter(schemas = listOf(DRAFT), place = RecordPlace.TRASH)
    val person = (wallet.session.state.value as SessionState.Open).person
    val revision = { runBlocking { person.records.list(filter).firstOrNull()?.revision ?: 0u } }
    val before = revision()
    act()
    test.waitUntil("a draft is kept", PATIENCE) { revision() > before }
}

private const val GONE_IN = 30_000L
