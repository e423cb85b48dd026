package org.kist

import org.kist.generated.Introduction as CoreIntroduction
import org.kist.generated.Person as CorePerson

/** Other people: connections without a framework, by keys that both compare, and what is shared in them. */
class People internal constructor(private val core: CorePerson) {
    /** Makes an invitation for one person, whom this one will call [name]. It serves once, and is shown to nobody else. */
    suspend fun invite(name: String): PersonLink = cancellable { core.invitePerson(name, it) }

    /** Answers somebody's invitation, whom this person will call [name]. `WrongPurpose`, `AlreadyExists`. */
    suspend fun accept(link: String, name: String): KnownPerson = cancellable { core.acceptPerson(link, name, it) }

    /** Everybody who is known or invited, by name. */
    suspend fun list(): List<KnownPerson> = cancellable { core.people(it) }

    /** Notes whether both read the same [KnownPerson.checkCode] to each other. */
    suspend fun setVerified(id: String, verified: Boolean): KnownPerson =
        cancellable { core.setPersonVerified(id, verified, it) }

    /** Calls somebody by another name. Only this person sees it. */
    suspend fun rename(id: String, name: String): KnownPerson = cancellable { core.renamePerson(id, name, it) }

    /** Ends a connection: withdraws what this person shares in it, and reads nothing more once that was acknowledged. */
    suspend fun end(id: String): KnownPerson = cancellable { core.endPerson(id, it) }

    /** Shares records with somebody; they are given when the other's phone has answered, as they are then. */
    suspend fun share(id: String, what: ShareSpec): Share = cancellable { core.shareWithPerson(id, what, it) }

    /** Everything that is shared, either way. */
    suspend fun shares(): List<Share> = cancellable { core.shares(it) }

    /** Withdraws what this person shares. The other's phone lets go of it and says so. `ConsentWithdrawn`. */
    suspend fun withdraw(share: String): Share = cancellable { core.withdrawShare(share, it) }
}

/** Organisations that a person can contact, and those that they stand in contact with. */
class Connections internal constructor(private val core: CorePerson) {
    /**
     * Takes a link, an invitation or a directory, as text, and says what it was; or a letter's code with the [relay] that
     * stands beside it. Nobody is contacted by it. `LetterCodeMistyped`, `OrganisationNotTrusted`, `WrongPurpose` …
     */
    suspend fun introduce(given: String, relay: String? = null): Introduction =
        cancellable { core.introduce(given, relay, it) }.toIntroduction()

    /** The organisations that can be contacted now, by name. */
    suspend fun contacts(): List<Contact> = cancellable { core.contacts(it) }

    /**
     * Fetches a directory of organisations, and remembers where it lies. What isn't believed is passed over; its
     * clusters are taken too. `AddressRefused`, `Unreachable`, `NotFound`, `Malformed`.
     */
    suspend fun fetchDirectory(url: String): List<Contact> = cancellable { core.fetchDirectory(url, it) }

    /**
     * Fetches the directories that the lists of the frameworks name now, and those that were fetched before. Fails as
     * [fetchDirectory] where one of them can't be had; the others are fetched all the same.
     */
    suspend fun refreshDirectories() = cancellable { core.refreshDirectories(it) }

    /**
     * Asks an organisation for its request for one intended use. It learns an address and a key of this relationship alone.
     * Its request comes with a later refresh of the inbox: [InboxEvent.RequestCame].
     */
    suspend fun open(contact: String, intendedUse: String): ConnectionSummary =
        cancellable { core.openConnection(contact, intendedUse, it) }

    /** Every connection, the newest first. */
    suspend fun list(): List<ConnectionSummary> = cancellable { core.connections(it) }

    /** Pauses a connection, goes on with it, or ends it. */
    suspend fun change(id: String, act: ConnectionAct): ConnectionSummary =
        cancellable { core.changeConnection(id, act, it) }
}

/** What a link, a file or a letter was found to be. */
sealed interface Introduction {
    /** Organisations that can be contacted now. */
    data class Contacts(val contacts: List<Contact>) : Introduction

    /** The statement of organisations that serve the same people together. */
    data class Cluster(val statement: String) : Introduction

    /** Another person's invitation, for [People.accept]. */
    class Person(val link: String) : Introduction
}

private fun CoreIntroduction.toIntroduction(): Introduction = when (this) {
    is CoreIntroduction.Contacts -> Introduction.Contacts(contacts)
    is CoreIntroduction.Cluster -> Introduction.Cluster(statement)
    is CoreIntroduction.Person -> Introduction.Person(link)
}
