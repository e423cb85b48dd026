package org.kist.wallet

import androidx.compose.ui.ExperimentalComposeUiApi
import androidx.compose.ui.input.key.Key
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.SemanticsConfiguration
import androidx.compose.ui.semantics.SemanticsNode
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.test.ComposeUiTest
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SemanticsMatcher
import androidx.compose.ui.test.isRoot
import androidx.compose.ui.test.performKeyInput
import androidx.compose.ui.test.pressKey
import androidx.compose.ui.test.runDesktopComposeUiTest
import androidx.compose.ui.text.TextLayoutResult
import androidx.compose.ui.unit.dp
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.TestFactory
import org.kist.wallet.app.Destinations
import org.kist.wallet.language.Language
import org.kist.wallet.shots.Shot
import org.kist.wallet.shots.allShots

/**
 * What a person needs who doesn't see the screen, or doesn't use a pointer, or reads large: of every screen of docs/wallet.
 * `-Dkist.shots.only=home` takes those alone whose name begins so.
 */
@OptIn(ExperimentalTestApi::class, ExperimentalComposeUiApi::class)
class AccessibilityTest {
    private val everything = SemanticsMatcher("anything") { true }
    private val only = System.getProperty("kist.shots.only").orEmpty()
    private val screens = allShots.filter { it.textScale == 1f && it.width == Shot.PHONE_WIDTH && it.name.startsWith(only) }

    private fun each(what: String, look: ComposeUiTest.(Shot) -> Unit): List<DynamicTest> =
        screens.map { shot -> dynamicTest("$what: ${shot.name}") { onShot(shot) { look(shot) } } }

    private fun onShot(shot: Shot, textScale: Float = shot.textScale, look: ComposeUiTest.() -> Unit) =
        runDesktopComposeUiTest(shot.width, shot.height) {
            setContent { shot.Shown(textScale = textScale) }
            look()
        }

    private fun ComposeUiTest.nodes(): List<SemanticsNode> = onAllNodes(everything).fetchSemanticsNodes()

    /** Everything, or what is in the dialog where one is open: behind it nothing is to be reached. */
    private fun ComposeUiTest.inFront(): List<SemanticsNode> =
        nodes().lastOrNull { SemanticsProperties.IsDialog in it.config }?.withAll() ?: nodes()

    private fun SemanticsNode.withAll(): List<SemanticsNode> = listOf(this) + children.flatMap { it.withAll() }

    private val SemanticsNode.acts get() = SemanticsActions.OnClick in config || SemanticsActions.SetText in config

    private fun SemanticsConfiguration.name(): String =
        (getOrNull(SemanticsProperties.ContentDescription).orEmpty() + getOrNull(SemanticsProperties.Text).orEmpty().map { it.text })
            .joinToString(" ")

    @TestFactory
    fun `u2 everything that acts has a name and a role`() = each("name and role") {
        for (node in nodes().filter { it.acts }) {
            assertTrue(node.config.name().isNotBlank(), "something that acts has no name: ${node.config}")
            val known = SemanticsProperties.Role in node.config || SemanticsActions.SetText in node.config
            assertTrue(known, "“${node.config.name()}” has no role")
        }
    }

    @TestFactory
    fun `u2 everything that acts is 48 dp high and wide`() = each("48 dp") { shot ->
        for (node in nodes().filter { it.acts }) {
            val least = with(node.layoutInfo.density) { 48.dp.toPx() } - 0.5f
            val (width, height) = node.touchBoundsInRoot.let { it.width to it.height }
            // What is scrolled half out of sight is larger than it shows.
            if (node.boundsInRoot.bottom >= shot.height - 1 || node.boundsInRoot.height < node.size.height) continue
            assertTrue(width >= least && height >= least, "“${node.config.name()}” is $width × $height")
        }
    }

    @TestFactory
    fun `u2 every screen has a title that is marked as its heading`() = each("heading") {
        assertTrue(nodes().any { SemanticsProperties.Heading in it.config && it.config.name().isNotBlank() })
    }

    @TestFactory
    fun `u2 everything that acts is reached by the tabulator`() = each("keyboard") {
        val acting = inFront().filter { it.acts && SemanticsProperties.Disabled !in it.config }.map { it.id }.toSet()
        val reached = mutableSetOf<Int>()
        // A long list has more to go through than what is laid out at first.
        repeat(3 * (acting.size + 2)) {
            onAllNodes(isRoot())[0].performKeyInput { pressKey(Key.Tab) }
            nodes().filter { it.config.getOrNull(SemanticsProperties.Focused) == true }.forEach { reached.add(it.id) }
        }
        val missed = nodes().filter { it.id in acting - reached }.map { it.config.name() }
        assertEquals(emptyList<String>(), missed)
    }

    @TestFactory
    fun `u2 texts of twice the size lose nothing`(): List<DynamicTest> = screens.map { shot ->
        dynamicTest("twice the size: ${shot.name}") {
            onShot(shot, textScale = 2f) {
                for (node in nodes()) {
                    val layouts = mutableListOf<TextLayoutResult>()
                    node.config.getOrNull(SemanticsActions.GetTextLayoutResult)?.action?.invoke(layouts)
                    val cut = layouts.any(::isCut)
                    assertTrue(!cut || SemanticsActions.SetText in node.config, "“${node.config.name()}” is cut")
                    assertTrue(node.boundsInRoot.right <= shot.width + 1, "“${node.config.name()}” leaves the screen")
                }
            }
        }
    }

    @TestFactory
    fun `u2 the name of a tab stays whole in texts of twice the size`(): List<DynamicTest> = Language.entries.map { language ->
        dynamicTest(language.ownName) {
            onShot(Shot("tabs", language = language, tab = Destinations.tabs.first().name) {}, textScale = 2f) {
                val tabs = nodes().filter { it.config.getOrNull(SemanticsProperties.Role) == Role.Tab }
                assertEquals(Destinations.tabs.size, tabs.size)
                for (tab in tabs) {
                    val layouts = mutableListOf<TextLayoutResult>()
                    tab.config[SemanticsActions.GetTextLayoutResult].action?.invoke(layouts)
                    assertEquals(1, layouts.single().lineCount, tab.config.name())
                }
            }
        }
    }

    /** By more than what rounding to pixels takes. */
    private fun isCut(text: TextLayoutResult): Boolean {
        val wide = (0 until text.lineCount).maxOf { text.getLineRight(it) - text.getLineLeft(it) }
        return text.multiParagraph.didExceedMaxLines || text.isLineEllipsized(text.lineCount - 1) ||
            text.multiParagraph.height > text.size.height + ROUNDING || wide > text.size.width + ROUNDING
    }

    private companion object {
        const val ROUNDING = 1.5f
    }
}
