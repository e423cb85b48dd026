package org.kist.wallet.shots

/** The screens of docs/wallet; each room has its own in a file `ROOMShots.kt`, and a line here. */
val allShots: List<Shot> = listOf(
    backupShots,
    createShots,
    devicesShots,
    editShots,
    homeShots,
    importShots,
    practiceShots,
    receiptShots,
    recordShots,
    requestShots,
    restoreShots,
    scanShots,
    searchShots,
    settingsShots,
    unlockShots,
    welcomeShots,
).flatten()
