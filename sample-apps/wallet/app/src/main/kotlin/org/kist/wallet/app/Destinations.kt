package org.kist.wallet.app

import org.kist.wallet.create.CreateDestination
import org.kist.wallet.create.KitDestination
import org.kist.wallet.edit.AddDestination
import org.kist.wallet.edit.CorrectDestination
import org.kist.wallet.edit.KindsDestination
import org.kist.wallet.home.HomeDestination
import org.kist.wallet.imports.ImportDestination
import org.kist.wallet.practice.PracticeDestination
import org.kist.wallet.receipt.ReceiptDestination
import org.kist.wallet.record.ConflictsDestination
import org.kist.wallet.record.RecordDestination
import org.kist.wallet.record.SettleDestination
import org.kist.wallet.record.VersionsDestination
import org.kist.wallet.request.RequestDestination
import org.kist.wallet.scan.ScanDestination
import org.kist.wallet.search.SearchDestination
import org.kist.wallet.trash.TrashDestination
import org.kist.wallet.welcome.WelcomeDestination

/** Every place of the app, by name. A room adds its line here, and nothing else anywhere. */
object Destinations {
    val all: List<Destination> = listOf(
        AddDestination,
        ConflictsDestination,
        CorrectDestination,
        CreateDestination,
        HomeDestination,
        ImportDestination,
        KindsDestination,
        KitDestination,
        PracticeDestination,
        ReceiptDestination,
        RecordDestination,
        RequestDestination,
        ScanDestination,
        SearchDestination,
        SettleDestination,
        TrashDestination,
        VersionsDestination,
        WelcomeDestination,
    )

    private val byName = all.associateBy { it.name }

    /** The places of the bar of navigation. */
    val tabs: List<Destination> = all.filter { it.tab != null }.sortedBy { it.tab?.order }

    fun named(name: String): Destination? = byName[name]

    /** Where the app begins. */
    fun start(state: SessionState): Route =
        if (state is SessionState.Nothing) WelcomeDestination.route() else HomeDestination.route()
}
