package org.kist.wallet.shots

import org.kist.wallet.language.Language
import org.kist.wallet.welcome.WelcomeScreen

private val welcome = Shot("welcome") { WelcomeScreen(Language.ENGLISH, {}, {}, {}, {}) }

val welcomeShots = listOf(
    welcome,
    welcome.tablet(),
    Shot("welcome-cy", language = Language.WELSH) { WelcomeScreen(Language.WELSH, {}, {}, {}, {}) },
    Shot("welcome-ar", language = Language.ARABIC) { WelcomeScreen(Language.ARABIC, {}, {}, {}, {}) },
)
