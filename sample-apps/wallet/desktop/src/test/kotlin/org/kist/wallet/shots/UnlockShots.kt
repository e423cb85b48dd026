package org.kist.wallet.shots

import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import org.kist.Parameter
import org.kist.wallet.state.Problem
import org.kist.wallet.unlock.UnlockScreen
import org.kist.wallet.unlock.UnlockState

private val damage = Problem("Corrupt", mapOf("part" to Parameter.Word("store")))

val unlockShots = listOf(
    Shot("unlock") { UnlockScreen(UnlockState(deviceOffered = true, byIdleness = true), {}, {}, {}) },
    Shot("unlock-wrong") { UnlockScreen(UnlockState(problem = Problem.own("PassphraseWrong")), {}, {}, {}) },
    Shot("unlock-damaged") { UnlockScreen(UnlockState(problem = damage), {}, {}, {}, {}) },
    Shot("unlock-wait") { UnlockScreen(UnlockState(problem = Problem.own("PassphraseWrong"), wait = 30.seconds), {}, {}, {}) },
    Shot("unlock-wait-device") { UnlockScreen(UnlockState(deviceOffered = true, wait = 5.minutes), {}, {}, {}) },
    Shot("unlock-wrong-ten-times") {
        UnlockScreen(UnlockState(problem = Problem.own("ManyWrongTries", "count" to 10), wait = 5.minutes), {}, {}, {})
    },
)
