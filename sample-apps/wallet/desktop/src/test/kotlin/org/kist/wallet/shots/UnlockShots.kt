package org.kist.wallet.shots

import org.kist.wallet.state.Problem
import org.kist.wallet.unlock.UnlockScreen
import org.kist.wallet.unlock.UnlockState

val unlockShots = listOf(
    Shot("unlock") { UnlockScreen(UnlockState(deviceOffered = true, byIdleness = true), {}, {}, {}) },
    Shot("unlock-wrong") { UnlockScreen(UnlockState(problem = Problem("KeyMismatch")), {}, {}, {}) },
    Shot("unlock-wrong-ten-times") {
        UnlockScreen(UnlockState(problem = Problem.own("ManyWrongTries", "count" to 10)), {}, {}, {})
    },
)
