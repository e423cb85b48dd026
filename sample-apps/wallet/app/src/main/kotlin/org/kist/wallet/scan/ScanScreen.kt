package org.kist.wallet.scan

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.app.Tab
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
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
import org.kist.wallet.request.ClusterDestination
import org.kist.wallet.request.RequestDestination

/** Where a code or a link becomes a request. */
object ScanDestination : Destination("scan", tab = Tab(2, Icons.Scan, "scan.tab")) {
    @Composable
    override fun Content(stay: Stay) {
        val ports = stay.ports
        val model = stay.model { scope ->
            ScanModel(stay.person, ports.files, ports.pictures, ports.clipboard, ports.camera, scope) { scanned ->
                stay.navigator.go(
                    when (scanned) {
                        is Scanned.Request -> RequestDestination.route(scanned.id)
                        is Scanned.Cluster -> ClusterDestination.route(scanned.id)
                    },
                )
            }
        }
        val state by model.state.collectAsState()
        val handedOver by stay.wallet.handedOver.collectAsState()
        LaunchedEffect(handedOver) {
            handedOver?.let {
                stay.wallet.takeHandedOver()
                model.open(it)
            }
        }
        val words = LocalWords.current
        ScanScreen(
            state,
            ScanActs(
                onWatch = model::watch.takeIf { ports.camera != null },
                onStopWatching = model::stopWatching,
                onPicture = { model.choosePicture(words("scan.picture.title")) },
                onPaste = model::paste,
                onType = model::type,
                onOpen = model::openTyped,
                onCancel = model::cancel,
                onIntroduce = { link ->
                    stay.wayTo("introduce")?.let { go ->
                        {
                            stay.wallet.linkToIntroduce.value = link
                            go()
                        }
                    }
                },
            ),
        )
    }
}

/** The ways by which a code comes in. */
class ScanActs(
    /** Null where there is no camera. */
    val onWatch: (() -> Unit)? = null,
    val onStopWatching: () -> Unit = {},
    val onPicture: () -> Unit = {},
    val onPaste: () -> Unit = {},
    val onType: (String) -> Unit = {},
    val onOpen: () -> Unit = {},
    val onCancel: () -> Unit = {},
    /** Where a link belongs that begins a connection. */
    val onIntroduce: (link: String) -> (() -> Unit)? = { null },
)

@Composable
fun ScanScreen(state: ScanState, acts: ScanActs) {
    val words = LocalWords.current
    Screen(words("scan.title")) {
        Text(words("scan.text"), style = MaterialTheme.typography.bodyLarge)
        state.problem?.let { problem -> ProblemBanner(problem, onRetry = acts.onOpen.takeIf { problem.retry }) }
        state.connection?.let { Connection(it, acts) }
        when {
            state.work == ScanWork.READING_PICTURE -> Working(words("scan.reading"), onCancel = acts.onCancel)
            state.work == ScanWork.FETCHING -> Working(words("scan.fetching"), onCancel = acts.onCancel)
            state.cameraOn -> Watching(state, acts)
            else -> Ways(state, acts)
        }
    }
}

@Composable
private fun Ways(state: ScanState, acts: ScanActs) {
    val words = LocalWords.current
    acts.onWatch?.let { PrimaryButton(words("scan.camera"), it, Modifier.fillMaxWidth(), Icons.Scan) }
    if (acts.onWatch == null) {
        PrimaryButton(words("scan.picture"), acts.onPicture, Modifier.fillMaxWidth(), Icons.File)
        Text(words("scan.drop"), style = MaterialTheme.typography.bodyMedium)
    } else {
        SecondaryButton(words("scan.picture"), acts.onPicture, Modifier.fillMaxWidth(), Icons.File)
    }
    SecondaryButton(words("scan.paste"), acts.onPaste, Modifier.fillMaxWidth(), Icons.Copy)
    SectionHeading(words("scan.link.heading"))
    Card {
        Field(words("scan.link"), state.link, acts.onType, hint = words("scan.link.hint"), onDone = acts.onOpen)
        SecondaryButton(words("scan.link.open"), acts.onOpen, Modifier.fillMaxWidth())
    }
}

@Composable
private fun Watching(state: ScanState, acts: ScanActs) {
    val words = LocalWords.current
    state.seen?.let { Viewfinder(it, words("scan.camera.seen")) }
    Working(words("scan.camera.looking"))
    SecondaryButton(words("scan.camera.stop"), acts.onStopWatching, Modifier.fillMaxWidth())
}

/** A link that begins a connection is no mistake, and is led to its place. */
@Composable
private fun Connection(link: String, acts: ScanActs) {
    val words = LocalWords.current
    Banner(
        BannerKind.INFO,
        words("scan.connection"),
        text = words("scan.connection.text"),
        acts = acts.onIntroduce(link)?.let { { PlainButton(words("scan.connections"), it) } },
    )
}
