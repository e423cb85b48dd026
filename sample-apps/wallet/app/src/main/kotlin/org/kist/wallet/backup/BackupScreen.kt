package org.kist.wallet.backup

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import org.kist.BackupStatus
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.Empty
import org.kist.wallet.design.Icons
import org.kist.wallet.design.ListRow
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.state.valueOrNull

/** The backup at the relay. */
object BackupDestination : Destination("backup") {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> BackupModel(stay.person, scope) }
        LaunchedEffect(model) { model.look() }
        val state by model.state.collectAsState()
        BackupScreen(
            state,
            BackupActs(stay.wayBack, model::run, model::rehearse, stay.wayTo("kit"), stay.wayTo("devices"), stay.wayTo("export")),
        )
    }
}

/** What can be done about the backup; what is null leads nowhere in this build. */
class BackupActs(
    val onBack: (() -> Unit)? = null,
    val onRun: () -> Unit = {},
    val onRehearse: () -> Unit = {},
    val onSetUp: (() -> Unit)? = null,
    val onDevices: (() -> Unit)? = null,
    val onExport: (() -> Unit)? = null,
)

@Composable
fun BackupScreen(state: BackupState, acts: BackupActs) {
    val words = LocalWords.current
    val isSetUp = state.status.valueOrNull?.relay != null
    Screen(
        words("backup.title"),
        acts.onBack,
        acts = if (!isSetUp) {
            null
        } else {
            { PrimaryButton(words("backup.run"), acts.onRun, Modifier.fillMaxWidth(), Icons.Backup, enabled = !state.busy) }
        },
    ) {
        Loaded(state.status) { status ->
            if (status.relay == null) {
                Empty(Icons.Backup, words("backup.none.title"), words("backup.none.text")) {
                    acts.onSetUp?.let { PrimaryButton(words("backup.set_up"), it) }
                }
            } else {
                Standing(status, words)
                state.backup?.let { work ->
                    Loaded(work, loading = words("backup.running")) { report ->
                        val sent = words.bytes(report.bytesSent.toLong())
                        Banner(BannerKind.SUCCESS, words("backup.done"), text = words("backup.done.sent", "size" to sent))
                    }
                }
                Rehearsal(state, words, acts)
            }
        }
        SectionHeading(words("backup.more"))
        Card {
            acts.onDevices?.let { ListRow(words("backup.devices"), detail = words("backup.devices.text"), icon = Icons.Phone, onClick = it) }
            acts.onExport?.let { ListRow(words("backup.export"), detail = words("backup.export.text"), icon = Icons.Save, onClick = it) }
        }
    }
}

@Composable
private fun Standing(status: BackupStatus, words: Words) {
    val last = status.lastBackupAt
    when {
        last == null -> Banner(BannerKind.WARNING, words("backup.never"))
        status.pendingChanges -> Banner(
            BannerKind.INFO,
            words("backup.last", "when" to words.moment(last)),
            text = words("backup.pending"),
        )
        else -> Banner(BannerKind.SUCCESS, words("backup.last", "when" to words.moment(last)), text = words("backup.whole"))
    }
    Text(words("backup.where", "relay" to status.relay.orEmpty()), style = MaterialTheme.typography.bodyMedium)
}

@Composable
private fun Rehearsal(state: BackupState, words: Words, acts: BackupActs) {
    SectionHeading(words("backup.rehearsal"))
    Text(words("backup.rehearsal.text"), style = MaterialTheme.typography.bodyLarge)
    state.rehearsal?.let { work ->
        Loaded(work, loading = words("backup.rehearsal.working")) { report ->
            Banner(
                BannerKind.SUCCESS,
                words("backup.rehearsal.done", "count" to report.records.toLong()),
                text = words("backup.rehearsal.of", "when" to words.moment(report.madeAt)),
            )
        }
    }
    SecondaryButton(words("backup.rehearse"), acts.onRehearse, Modifier.fillMaxWidth(), Icons.Refresh, enabled = !state.busy)
}
