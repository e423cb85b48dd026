package org.kist.wallet.app

import org.kist.wallet.backup.BackupDestination
import org.kist.wallet.backup.ExportDestination
import org.kist.wallet.connections.ConnectionDestination
import org.kist.wallet.connections.ConnectionsDestination
import org.kist.wallet.connections.ContactDestination
import org.kist.wallet.connections.DirectoryDestination
import org.kist.wallet.connections.IntroduceDestination
import org.kist.wallet.connections.InviteDestination
import org.kist.wallet.connections.PersonDestination
import org.kist.wallet.connections.ShareDestination
import org.kist.wallet.consents.ConsentDestination
import org.kist.wallet.consents.ConsentsDestination
import org.kist.wallet.consents.NarrowDestination
import org.kist.wallet.create.CreateDestination
import org.kist.wallet.create.KitDestination
import org.kist.wallet.devices.DevicesDestination
import org.kist.wallet.edit.AddDestination
import org.kist.wallet.edit.CorrectDestination
import org.kist.wallet.edit.KindsDestination
import org.kist.wallet.history.HistoryDestination
import org.kist.wallet.home.HomeDestination
import org.kist.wallet.imports.ImportDestination
import org.kist.wallet.inbox.InboxDestination
import org.kist.wallet.practice.PracticeDestination
import org.kist.wallet.receipt.ReceiptDestination
import org.kist.wallet.record.ConflictsDestination
import org.kist.wallet.record.RecordDestination
import org.kist.wallet.record.SettleDestination
import org.kist.wallet.record.VersionsDestination
import org.kist.wallet.request.ClusterDestination
import org.kist.wallet.request.RequestDestination
import org.kist.wallet.restore.DamagedDestination
import org.kist.wallet.restore.RestoreDestination
import org.kist.wallet.rights.AskRightDestination
import org.kist.wallet.rights.ReportDestination
import org.kist.wallet.rights.ReportMadeDestination
import org.kist.wallet.rights.ReportRequestDestination
import org.kist.wallet.rights.RightsDestination
import org.kist.wallet.scan.ScanDestination
import org.kist.wallet.search.SearchDestination
import org.kist.wallet.settings.FrameworksDestination
import org.kist.wallet.settings.PassphraseDestination
import org.kist.wallet.settings.RelayDestination
import org.kist.wallet.settings.RulesDestination
import org.kist.wallet.settings.SettingsDestination
import org.kist.wallet.trash.TrashDestination
import org.kist.wallet.welcome.WelcomeDestination

/** Every place of the app, by name. A room adds its line here, and nothing else anywhere. */
object Destinations {
    val all: List<Destination> = listOf(
        AddDestination,
        AskRightDestination,
        BackupDestination,
        ClusterDestination,
        ConflictsDestination,
        ConnectionDestination,
        ConnectionsDestination,
        ConsentDestination,
        ConsentsDestination,
        ContactDestination,
        CorrectDestination,
        CreateDestination,
        DamagedDestination,
        DevicesDestination,
        DirectoryDestination,
        ExportDestination,
        FrameworksDestination,
        HistoryDestination,
        HomeDestination,
        ImportDestination,
        InboxDestination,
        IntroduceDestination,
        InviteDestination,
        KindsDestination,
        KitDestination,
        NarrowDestination,
        PassphraseDestination,
        PersonDestination,
        PracticeDestination,
        ReceiptDestination,
        RecordDestination,
        RelayDestination,
        ReportDestination,
        ReportMadeDestination,
        ReportRequestDestination,
        RequestDestination,
        RestoreDestination,
        RightsDestination,
        RulesDestination,
        ScanDestination,
        SearchDestination,
        SettingsDestination,
        SettleDestination,
        ShareDestination,
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
