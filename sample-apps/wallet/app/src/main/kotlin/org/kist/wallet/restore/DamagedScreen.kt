package org.kist.wallet.restore

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import org.kist.wallet.app.Destination
import org.kist.wallet.app.Stay
import org.kist.wallet.app.Wallet
import org.kist.wallet.design.Icons
import org.kist.wallet.design.PrimaryButton
import org.kist.wallet.design.ProblemBanner
import org.kist.wallet.design.Screen
import org.kist.wallet.language.LocalWords
import org.kist.wallet.state.Acts
import org.kist.wallet.state.Doing

/** What can be done about a store that is damaged. It is reached from the door, and from within where it opens all the same. */
object DamagedDestination : Destination("damaged", needsPerson = false) {
    @Composable
    override fun Content(stay: Stay) {
        val model = stay.model { scope -> DamagedModel(stay.wallet, scope) }
        val doing by model.state.collectAsState()
        DamagedScreen(doing, stay.wayBack, model::restore)
    }
}

/** Makes room for a store that is restored. */
class DamagedModel(private val wallet: Wallet, scope: CoroutineScope) {
    private val states = MutableStateFlow(Doing())
    private val acts = Acts(scope) { states.value = it }
    val state: StateFlow<Doing> = states.asStateFlow()

    /** Puts the damaged store aside, and goes to where it is restored. */
    fun restore() = acts.run { wallet.setAside() }
}

@Composable
fun DamagedScreen(doing: Doing, onBack: (() -> Unit)?, onRestore: () -> Unit) {
    val words = LocalWords.current
    Screen(
        words("restore.damaged"),
        onBack,
        acts = {
            PrimaryButton(words("restore.damaged.restore"), onRestore, Modifier.fillMaxWidth(), Icons.Backup, enabled = !doing.busy)
        },
    ) {
        doing.problem?.let { ProblemBanner(it, onRetry = doing.again) }
        Text(words("restore.damaged.text"), style = MaterialTheme.typography.bodyLarge)
        Text(words("restore.damaged.aside"), style = MaterialTheme.typography.bodyLarge)
        Text(words("restore.damaged.no_code"), style = MaterialTheme.typography.bodyLarge)
    }
}
