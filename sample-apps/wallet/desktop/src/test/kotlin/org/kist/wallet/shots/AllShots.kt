package org.kist.wallet.shots

/** The screens of docs/wallet; each room has its own in a file `ROOMShots.kt`, and a line here. */
val allShots: List<Shot> = listOf(
    createShots,
    editShots,
    homeShots,
    importShots,
    practiceShots,
    receiptShots,
    recordShots,
    requestShots,
    scanShots,
    searchShots,
    unlockShots,
    welcomeShots,
).flatten()
