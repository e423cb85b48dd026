package org.kist.wallet.shots

import org.kist.ConnectionState
import org.kist.ConnectionSummary
import org.kist.Contact
import org.kist.ContactUse
import org.kist.Introduction
import org.kist.KnownPerson
import org.kist.PersonState
import org.kist.QrModules
import org.kist.Schemas
import org.kist.Share
import org.kist.ShareState
import org.kist.wallet.connections.ConnectionActs
import org.kist.wallet.connections.ConnectionContent
import org.kist.wallet.connections.ConnectionScreen
import org.kist.wallet.connections.ConnectionsActs
import org.kist.wallet.connections.ConnectionsContent
import org.kist.wallet.connections.ConnectionsScreen
import org.kist.wallet.connections.ConnectionsState
import org.kist.wallet.connections.ContactScreen
import org.kist.wallet.connections.ContactState
import org.kist.wallet.connections.DirectoryActs
import org.kist.wallet.connections.DirectoryContent
import org.kist.wallet.connections.DirectoryScreen
import org.kist.wallet.connections.DirectoryState
import org.kist.wallet.connections.Handed
import org.kist.wallet.connections.IntroduceActs
import org.kist.wallet.connections.IntroduceScreen
import org.kist.wallet.connections.IntroduceState
import org.kist.wallet.connections.InviteScreen
import org.kist.wallet.connections.InviteState
import org.kist.wallet.connections.Listed
import org.kist.wallet.connections.OneConnectionState
import org.kist.wallet.connections.OnePersonState
import org.kist.wallet.connections.PersonActs
import org.kist.wallet.connections.PersonContent
import org.kist.wallet.connections.PersonScreen
import org.kist.wallet.connections.ShareFormState
import org.kist.wallet.connections.ShareScreen
import org.kist.wallet.state.Doing
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem

private const val SINCE = Samples.NOW - 40 * 86_400L

/** A pattern in a QR's place: a real one would be somebody's. */
private val pattern = QrModules(33u, ByteArray(33 * 33) { if ((it / 33 * 5 + it % 33 * 3) % 7 < 3) 1 else 0 })

private val clinic = ConnectionSummary(
    "1", "Riverside Clinic", "NTRGB-1234", "Health Framework", SINCE, false, ConnectionState.OPEN, listOf(SampleConsents.clinic),
)
private val council = clinic.copy(
    id = "2", organisation = "Harbour Council", organisationId = "NTRGB-2001", openedHere = true,
    state = ConnectionState.WAITING, consents = emptyList(),
)
private val lender = clinic.copy(
    id = "3", organisation = "Quick Loans Ltd", organisationId = "NTRGB-4001", state = ConnectionState.PAUSED,
    consents = listOf(SampleConsents.silent),
)
private val library = Contact(
    "4", "Island Library", "NTRGB-6001", "GB", "Health Framework",
    listOf(ContactUse("card", mapOf("en" to "To give you a library card"))), false, Samples.NOW + 60 * 86_400L,
)
private val bob = KnownPerson("5", "Bob", true, "3917 4402 8815", SINCE, PersonState.CONNECTED)
private val morfydd = KnownPerson("6", "Morfydd", false, "7720 1186 0934", SINCE, PersonState.CONNECTED)
private val invited = KnownPerson("7", "Iain", false, null, SINCE, PersonState.INVITED)
private val number = Share(
    "8", "5", "Bob", true, false, "So that you can call me", listOf("phone:[\"phone_number\"]"), listOf("9"), ShareState.IN_FORCE,
    null, null,
)

private val content = ConnectionsContent(listOf(clinic, council, lender), listOf(bob, morfydd, invited), setOf("NTRGB-4001"))
private val nothing = ConnectionsContent(emptyList(), emptyList(), emptySet())
private val lead = ConnectionsActs(onConnection = { {} }, onPerson = { {} }, onDirectory = {}, onIntroduce = {}, onInvite = {})
private val offline = Doing(problem = Problem("Unreachable", retry = true, offline = true), again = {})

private val theatre = library.copy(id = "11", organisation = "Shore Theatre", organisationId = "NTRGB-6002")
private val listed = DirectoryContent(
    listOf(Listed(library.copy(id = "12", organisation = "Harbour Council", organisationId = "NTRGB-2001"), "2"), Listed(library), Listed(theatre)),
    believesOne = true,
)

private fun directory(name: String, state: DirectoryState) =
    Shot(name) { DirectoryScreen(state, DirectoryActs(onContact = { {} }, onConnection = { {} }, onFrameworks = {})) }

private fun all(name: String, state: ConnectionsState, height: Int = Shot.PHONE_HEIGHT) =
    Shot(name, height = height) { ConnectionsScreen(state, lead) }

private fun one(name: String, connection: ConnectionSummary, blocked: Boolean = false, asking: Boolean = false) = Shot(name) {
    ConnectionScreen(
        OneConnectionState(Loadable.Ready(ConnectionContent(connection, blocked)), asking),
        ConnectionActs(onConsent = { {} }, onInbox = {}),
    )
}

private fun introduce(name: String, state: IntroduceState) = Shot(name) { IntroduceScreen(state, IntroduceActs()) }

private fun person(name: String, state: OnePersonState) = Shot(name) { PersonScreen(state, PersonActs(onShare = {})) }

private fun known(known: KnownPerson, vararg shares: Share) = OnePersonState(Loadable.Ready(PersonContent(known, shares.toList())))

private fun share(name: String, state: ShareFormState) = Shot(name) { ShareScreen(state, {}, { _, _ -> }, {}, {}, {}) }

private val mine = listOf(
    Samples.record("+44 7700 900123", Schemas.PHONE, "contacts"),
    Samples.record("7 Larch Lane, Stromness", Schemas.ADDRESS, "home"),
)

val connectionsShots = listOf(
    all("connections", ConnectionsState(Loadable.Ready(content)), height = 1240),
    all("connections-empty", ConnectionsState(Loadable.Ready(nothing))),
    all("connections-loading", ConnectionsState()),
    all("connections-error", ConnectionsState(Loadable.Failed(Problem("Storage", retry = true)) {})),
    one("connection", clinic),
    one("connection-waiting", council),
    one("connection-blocked", lender, blocked = true),
    one("connection-end", clinic, asking = true),
    Shot("connection-contact") { ContactScreen(ContactState(library), {}, {}) },
    Shot("connection-contact-gone") { ContactScreen(ContactState(gone = true), {}, {}) },
    directory("directory", DirectoryState(Loadable.Ready(listed))),
    directory("directory-sought", DirectoryState(Loadable.Ready(listed), sought = "museum")),
    directory("directory-fetched", DirectoryState(Loadable.Ready(listed), fetched = 2)),
    directory("directory-nobody", DirectoryState(Loadable.Ready(listed), fetched = 0)),
    directory("directory-add", DirectoryState(Loadable.Ready(listed), adding = true, address = "https://framework.example/directory.json")),
    directory("directory-empty", DirectoryState(Loadable.Ready(listed.copy(listed = emptyList())))),
    directory("directory-nobody-yet", DirectoryState(Loadable.Ready(listed.copy(listed = emptyList(), named = true)))),
    directory("directory-no-framework", DirectoryState(Loadable.Ready(DirectoryContent(emptyList(), believesOne = false)))),
    directory("directory-loading", DirectoryState(doing = Doing(busy = true))),
    directory("directory-fetching", DirectoryState(Loadable.Ready(listed.copy(listed = emptyList())), doing = Doing(busy = true))),
    directory("directory-error", DirectoryState(Loadable.Failed(Problem("Storage", retry = true)) {})),
    directory(
        "directory-offline",
        DirectoryState(Loadable.Ready(listed), doing = Doing(problem = Problem.own("DirectoryUnreachable").copy(retry = true, offline = true), again = {})),
    ),
    directory("directory", DirectoryState(Loadable.Ready(listed))).enlarged(),
    introduce("introduce", IntroduceState(link = "https://clinic.example/kist#invite")),
    introduce("introduce-letter", IntroduceState(handed = Handed.LETTER, code = "7K3Q9-", relay = "https://relay.example")),
    introduce("introduce-empty", IntroduceState(doing = Doing(problem = Problem.own("LinkEmpty")))),
    introduce("introduce-not-trusted", IntroduceState(link = "https://x.example", doing = Doing(problem = Problem("OrganisationNotTrusted")))),
    introduce("introduce-found", IntroduceState(found = Introduction.Contacts(listOf(library)))),
    introduce("introduce-person", IntroduceState(found = Introduction.Person("kist:"), name = "Alice")),
    introduce("introduce-offline", IntroduceState(found = Introduction.Contacts(listOf(library)), doing = offline)),
    Shot("person-invite") { InviteScreen(InviteState("Bob"), {}, {}, {}, {}, {}) },
    Shot("person-invited", height = 1000) {
        InviteScreen(InviteState("Bob", "kist:", pattern, "5", copied = true), {}, {}, {}, {}, {})
    },
    person("person-compare", known(morfydd)),
    person("person", known(bob, number, number.copy(id = "10", received = true, purpose = "In case of emergency"))),
    person("person-waiting", known(invited)),
    person("person-differs", known(morfydd).copy(askingToEnd = true)),
    share("person-share", ShareFormState(Loadable.Ready(mine), setOf(mine[0].id), "So that you can call me")),
    share("person-share-nothing", ShareFormState(Loadable.Ready(mine), doing = Doing(problem = Problem.own("NothingChosen")))),
)
