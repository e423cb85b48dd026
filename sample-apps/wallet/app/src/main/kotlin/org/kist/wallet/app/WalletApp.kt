package org.kist.wallet.app

import androidx.compose.foundation.layout.BoxWithConstraints
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.key
import androidx.compose.runtime.remember
import androidx.compose.ui.Modifier
import androidx.compose.ui.input.key.Key
import androidx.compose.ui.input.key.KeyEventType
import androidx.compose.ui.input.key.key
import androidx.compose.ui.input.key.onKeyEvent
import androidx.compose.ui.input.key.onPreviewKeyEvent
import androidx.compose.ui.input.key.type
import androidx.compose.ui.input.pointer.PointerEvent
import androidx.compose.ui.input.pointer.PointerEventPass
import androidx.compose.ui.input.pointer.PointerEventType
import androidx.compose.ui.input.pointer.pointerInput
import androidx.compose.ui.input.pointer.positionChanged
import androidx.compose.ui.platform.LocalDensity
import org.kist.wallet.design.Fonts
import org.kist.wallet.design.LocalWidth
import org.kist.wallet.design.Look
import org.kist.wallet.design.NavigationFrame
import org.kist.wallet.design.NavigationItem
import org.kist.wallet.design.WalletTheme
import org.kist.wallet.design.Width
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.unlock.UnlockDestination

/** The whole app: the theme and language that the person chose, the bar of navigation, and the place where they are. */
@Composable
fun WalletApp(wallet: Wallet, fonts: Fonts, systemDark: Boolean = false) {
    val preferences by wallet.preferences.state.collectAsState()
    val words = remember(preferences.language) { Words(preferences.language) }
    val look = Look(
        dark = when (preferences.appearance) {
            Appearance.SYSTEM -> systemDark
            Appearance.LIGHT -> false
            Appearance.DARK -> true
        },
        textScale = preferences.textScale,
        reducedMotion = preferences.reducedMotion,
    )
    WalletTheme(look, words, fonts) {
        BoxWithConstraints(Modifier.fillMaxSize().touching(wallet)) {
            val width = Width.of(maxWidth, LocalDensity.current.fontScale)
            CompositionLocalProvider(LocalWidth provides width) { Here(wallet) }
        }
    }
}

/** The place where the person is; while the store is shut, what opens it, and the place waits. */
@Composable
private fun Here(wallet: Wallet) {
    val session by wallet.session.state.collectAsState()
    val stack by wallet.navigator.stack.collectAsState()
    val visit = stack.last()
    val destination = checkNotNull(Destinations.named(visit.route.destination))
    val state = session
    when {
        state is SessionState.Open -> NavigationFrame(tabs(wallet, stack)) {
            key(visit) { destination.Content(Stay(visit.route, wallet, state.person, visit)) }
        }
        !destination.needsPerson -> NavigationFrame(emptyList()) {
            key(visit) { destination.Content(Stay(visit.route, wallet, null, visit)) }
        }
        state is SessionState.Locked -> NavigationFrame(emptyList()) {
            val door = remember(state) { Visit(UnlockDestination.route(), wallet.scope) }
            UnlockDestination.Content(Stay(door.route, wallet, null, door))
        }
        // The place was left by a store that is there no more.
        else -> LaunchedEffect(Unit) { wallet.navigator.reset(Destinations.start(state)) }
    }
}

/** The bar of navigation is there where one of its places is shown, and not within what is begun and ended. */
@Composable
private fun tabs(wallet: Wallet, stack: List<Visit>): List<NavigationItem> {
    val words = LocalWords.current
    val here = stack.last().route.destination
    if (Destinations.tabs.none { it.name == here }) return emptyList()
    return Destinations.tabs.map { destination ->
        val tab = checkNotNull(destination.tab)
        NavigationItem(words(tab.nameKey), tab.icon, destination.name == here) { wallet.navigator.reset(destination.route()) }
    }
}

/** Notes that the person does something, and takes Escape for the way back. */
private fun Modifier.touching(wallet: Wallet): Modifier = this
    .pointerInput(wallet) {
        awaitPointerEventScope {
            while (true) {
                if (awaitPointerEvent(PointerEventPass.Initial).isOfPerson()) wallet.session.touch()
            }
        }
    }
    .onPreviewKeyEvent {
        wallet.session.touch()
        false
    }
    .onKeyEvent { it.key == Key.Escape && it.type == KeyEventType.KeyDown && wallet.navigator.back() }

/** Compose itself moves a resting pointer when something is laid out anew: that is nobody's act. */
private fun PointerEvent.isOfPerson(): Boolean = when (type) {
    PointerEventType.Press, PointerEventType.Release, PointerEventType.Scroll -> true
    PointerEventType.Move -> changes.any { it.positionChanged() }
    else -> false
}
