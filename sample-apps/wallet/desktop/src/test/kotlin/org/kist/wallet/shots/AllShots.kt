package org.kist.wallet.shots

/** The screens of docs/wallet; each room has its own in a file `ROOMShots.kt`, and a line here. */
val allShots: List<Shot> = listOf(
    createShots,
    homeShots,
    practiceShots,
    receiptShots,
    requestShots,
    scanShots,
    unlockShots,
    welcomeShots,
).flatten()
