package org.kist.wallet.connections

import java.time.Clock
import java.time.Duration
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.kist.Kist
import org.kist.KnownPerson
import org.kist.Person
import org.kist.QrModules
import org.kist.RecordSummary
import org.kist.Share
import org.kist.ShareSpec
import org.kist.wallet.ports.Clipboard
import org.kist.wallet.state.Acts
import org.kist.wallet.state.Doing
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem
import org.kist.wallet.state.load
import org.kist.wallet.state.lookAgain

/** An invitation for one person. */
data class InviteState(
    val name: String = "",
    /** What the other person scans; null before it was made. It serves once. */
    val link: String? = null,
    val code: QrModules? = null,
    /** The connection that it will be. */
    val id: String? = null,
    val copied: Boolean = false,
    val doing: Doing = Doing(),
)

/** Makes an invitation for another person. */
class InviteModel(private val person: Person, private val clipboard: Clipboard, scope: CoroutineScope) {
    private val states = MutableStateFlow(InviteState())
    val state: StateFlow<InviteState> = states.asStateFlow()
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }

    fun typeName(name: String) = states.update { it.copy(name = name, doing = Doing()) }

    /** Makes the invitation. */
    fun invite() {
        val name = states.value.name.trim()
        if (name.isEmpty()) {
            states.update { it.copy(doing = Doing(problem = Problem.own("NameEmpty"))) }
            return
        }
        acts.run {
            val invited = person.people.invite(name)
            states.update { it.copy(link = invited.link, code = Kist.drawQr(invited.link), id = invited.id) }
        }
    }

    /** Puts the link on the clipboard. */
    fun copy() {
        states.value.link?.let { clipboard.copy(it, secret = true) }
        states.update { it.copy(copied = true) }
    }
}

/** Another person, and what goes between the two. */
data class PersonContent(val known: KnownPerson, val shares: List<Share>)

/** One person, and what this one does about them. */
data class OnePersonState(
    val content: Loadable<PersonContent> = Loadable.Loading(),
    /** The codes differ: the person is asked whether to end it. */
    val askingToEnd: Boolean = false,
    /** The share that the person is asked about. */
    val withdrawing: Share? = null,
    val doing: Doing = Doing(),
)

/** One person: compare keys, share, end. */
class PersonModel(private val person: Person, private val id: String, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(OnePersonState())
    val state: StateFlow<OnePersonState> = states.asStateFlow()
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }

    /** Looks at the store; called whenever the screen is shown. */
    fun look() {
        scope.lookAgain({ states.value.content }, { found -> states.update { it.copy(content = found) } }) { content() }
    }

    /** Fetches what the other's phone said. */
    fun refresh() = acting { person.inbox.refresh() }

    /** Both read the same code to each other. */
    fun same() = acting { person.people.setVerified(id, true) }

    /** It isn't sure any more that the codes were the same. */
    fun unsure() = acting { person.people.setVerified(id, false) }

    fun askToEnd(ask: Boolean) = states.update { it.copy(askingToEnd = ask) }

    /** Withdraws what is shared, and ends the connection. */
    fun end() {
        askToEnd(false)
        acting { person.people.end(id) }
    }

    /** Asks whether a share shall be withdrawn; null ends the question. */
    fun askToWithdraw(share: Share?) = states.update { it.copy(withdrawing = share) }

    /** Withdraws the share that was asked about. */
    fun withdraw() {
        val share = states.value.withdrawing ?: return
        askToWithdraw(null)
        acting { person.people.withdraw(share.id) }
    }

    private fun acting(call: suspend () -> Unit) = acts.run(call, ::content) { found ->
        states.update { it.copy(content = Loadable.Ready(found)) }
    }

    private suspend fun content() =
        PersonContent(person.people.list().first { it.id == id }, person.people.shares().filter { it.person == id })
}

/** How long something is shared with a person. */
enum class ShareEnd(internal val days: Long?) { DAY(1), MONTH(30), YEAR(365), OPEN(null) }

/** What shall be shared with somebody. */
data class ShareFormState(
    val records: Loadable<List<RecordSummary>> = Loadable.Loading(),
    val chosen: Set<String> = emptySet(),
    val purpose: String = "",
    val end: ShareEnd = ShareEnd.DAY,
    val done: Boolean = false,
    val doing: Doing = Doing(),
)

/** Shares records with another person. */
class ShareModel(
    private val person: Person,
    private val id: String,
    private val language: String,
    private val clock: Clock,
    scope: CoroutineScope,
) {
    private val states = MutableStateFlow(ShareFormState())
    val state: StateFlow<ShareFormState> = states.asStateFlow()
    private val acts = Acts(scope) { doing -> states.update { it.copy(doing = doing) } }

    init {
        scope.load({ found -> states.update { it.copy(records = found) } }) { person.records.list() }
    }

    fun choose(record: String, on: Boolean) =
        states.update { it.copy(chosen = if (on) it.chosen + record else it.chosen - record, doing = Doing()) }

    fun typePurpose(purpose: String) = states.update { it.copy(purpose = purpose, doing = Doing()) }

    fun endAfter(end: ShareEnd) = states.update { it.copy(end = end) }

    /** Shares. */
    fun share() {
        val now = states.value
        val missing = when {
            now.chosen.isEmpty() -> Problem.own("NothingChosen")
            now.purpose.isBlank() -> Problem.own("PurposeEmpty")
            else -> null
        }
        if (missing != null) {
            states.update { it.copy(doing = Doing(problem = missing)) }
            return
        }
        val until = now.end.days?.let { clock.instant().plus(Duration.ofDays(it)).epochSecond }
        acts.run {
            person.people.share(id, ShareSpec(now.chosen.toList(), now.purpose.trim(), language, until))
            states.update { it.copy(done = true) }
        }
    }
}
