package org.kist.wallet.shots

/** The screens of docs/wallet; each room has its own in a file `ROOMShots.kt`, and a line here. */
val allShots: List<Shot> = listOf(
    backupShots,
    clusterShots,
    connectionsShots,
    consentsShots,
    createShots,
    devicesShots,
    editShots,
    historyShots,
    homeShots,
    importShots,
    inboxShots,
    practiceShots,
    receiptShots,
    recordShots,
    requestShots,
    restoreShots,
    rightsShots,
    scanShots,
    searchShots,
    settingsShots,
    unlockShots,
    welcomeShots,
).flatten()
