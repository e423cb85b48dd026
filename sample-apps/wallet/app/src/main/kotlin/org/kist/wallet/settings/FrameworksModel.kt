package org.kist.wallet.settings

import kotlin.io.path.fileSize
import kotlin.io.path.readText
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.withContext
import org.kist.AnchorInfo
import org.kist.Person
import org.kist.wallet.ports.FilePicker
import org.kist.wallet.state.Acts
import org.kist.wallet.state.Doing
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem
import org.kist.wallet.state.lookAgain

/** What the screen of the frameworks shows. */
data class FrameworksState(
    val anchors: Loadable<List<AnchorInfo>> = Loadable.Loading(),
    /** The framework that the person is asked about, before it is believed no longer. */
    val removing: String? = null,
    val added: String? = null,
    val problem: Problem? = null,
    val doing: Doing = Doing(),
)

/** Whom the person believes about organisations: frameworks are added from a file, refreshed, removed. */
class FrameworksModel(private val person: Person, private val files: FilePicker, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(FrameworksState())
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }
    val state: StateFlow<FrameworksState> = states.asStateFlow()

    fun look() {
        scope.lookAgain({ states.value.anchors }, { found -> states.update { it.copy(anchors = found) } }) { person.trust.anchors() }
    }

    /** Believes the framework in a file that the person chooses. */
    fun add(title: String) = run {
        val file = files.open(title, listOf("json")) ?: return@run
        val bundle = withContext(Dispatchers.IO) { if (file.fileSize() > LARGEST) null else file.readText() }
        if (bundle == null) {
            states.update { it.copy(problem = Problem.own("FrameworkFileTooLarge")) }
        } else {
            val added = person.trust.addAnchor(bundle)
            states.update { it.copy(added = added.label) }
        }
    }

    /** Fetches its newest list. */
    fun refresh(label: String) = run { person.trust.refresh(label) }

    fun askToRemove(label: String?) = states.update { it.copy(removing = label) }

    /** Believes it no longer. */
    fun remove() {
        val label = states.value.removing ?: return
        askToRemove(null)
        run { person.trust.removeAnchor(label) }
    }

    private fun run(act: suspend () -> Unit) {
        states.update { it.copy(problem = null, added = null) }
        acts.run {
            act()
            look()
        }
    }

    private companion object {
        /** Far more than any framework hands out, in bytes. */
        const val LARGEST = 8L shl 20
    }
}
