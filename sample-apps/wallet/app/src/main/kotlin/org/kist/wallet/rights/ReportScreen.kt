package org.kist.wallet.rights

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import org.kist.Report
import org.kist.ReportSubject
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Field
import org.kist.wallet.design.Icons
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Screen
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.Working
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words

/** A report about a consent, to be made. */
object ReportDestination : Destination("report") {
    @Composable
    override fun Content(stay: Stay) = Following(stay, ReportSubject.Consent(stay.route.id), null)
}

/** A report about a request that waits or was refused, to be made. */
object ReportRequestDestination : Destination("report-request") {
    @Composable
    override fun Content(stay: Stay) = Following(stay, ReportSubject.Request(stay.route.id), null)
}

/** A report that was made. */
object ReportMadeDestination : Destination("report-made") {
    @Composable
    override fun Content(stay: Stay) = Following(stay, null, stay.route.id)
}

@Composable
private fun Following(stay: Stay, subject: ReportSubject?, made: String?) {
    val words = LocalWords.current
    val model = stay.model { scope -> ReportModel(stay.person, stay.ports.files, subject, made, scope) }
    val state by model.state.collectAsState()
    ReportScreen(
        state,
        isNew = made == null,
        ReportActs(
            onBack = stay.wayBack,
            onNote = model::typeNote,
            onMake = model::make,
            onSavePage = { model.savePage(words("rights.report.save"), words.language.locale) },
            onSaveDocument = { model.saveDocument(words("rights.report.save_proof")) },
            onSentNote = model::typeSentNote,
            onSent = model::sent,
            onOpenLink = stay.ports.links::open,
        ),
    )
}

/** What can be done with a report. */
class ReportActs(
    val onBack: (() -> Unit)? = {},
    val onNote: (String) -> Unit = {},
    val onMake: () -> Unit = {},
    val onSavePage: () -> Unit = {},
    val onSaveDocument: () -> Unit = {},
    val onSentNote: (String) -> Unit = {},
    val onSent: () -> Unit = {},
    val onOpenLink: (String) -> Unit = {},
)

@Composable
fun ReportScreen(state: ReportState, isNew: Boolean, acts: ReportActs) {
    val words = LocalWords.current
    val report = state.report
    Screen(
        words("rights.report.title"),
        onBack = acts.onBack,
        acts = when {
            report != null -> ({
                PrimaryButton(words("rights.report.save"), acts.onSavePage, Modifier.fillMaxWidth(), Icons.Save, !state.doing.busy)
            })
            isNew -> ({
                PrimaryButton(words("rights.report.make"), acts.onMake, Modifier.fillMaxWidth(), enabled = !state.doing.busy)
            })
            else -> null
        },
    ) {
        state.doing.problem?.let { ProblemBanner(it, onRetry = state.doing.again) }
        when {
            report != null -> Made(report, state, words, acts)
            isNew -> {
                Text(words("rights.report.text"))
                Field(words("rights.report.note"), state.note, acts.onNote, hint = words("rights.report.note.hint"), lines = 4)
            }
            state.doing.busy -> Working(words("state.loading"))
        }
    }
}

@Composable
private fun Made(report: Report, state: ReportState, words: Words, acts: ReportActs) {
    val authority = report.authority
    val sent = report.sentAt
    Banner(
        BannerKind.INFO,
        words("rights.report.about", "organisation" to report.organisation),
        text = words("rights.report.stays"),
    )
    if (state.saved) Banner(BannerKind.SUCCESS, words("rights.report.saved"))
    if (authority != null) {
        SectionHeading(words("rights.report.for"))
        Text(authority.name)
        PlainButton(words("rights.report.open", "authority" to authority.name), { acts.onOpenLink(authority.uri) }, icon = Icons.Link)
    }
    PlainButton(words("rights.report.save_proof"), acts.onSaveDocument, icon = Icons.Shield, enabled = !state.doing.busy)
    SectionHeading(words("rights.report.sent"))
    if (sent != null) {
        Text(words("rights.report.sent_on", "day" to words.day(sent)))
        report.sentNote?.let { Text(it) }
    } else {
        Field(words("rights.report.sent.note"), state.sentNote, acts.onSentNote, hint = words("rights.report.sent.note.hint"))
        SecondaryButton(words("rights.report.sent.yes"), acts.onSent, enabled = !state.doing.busy)
    }
}
