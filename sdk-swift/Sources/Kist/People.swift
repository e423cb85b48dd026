// Whom a person stands in contact with: other people, and organisations that they contacted themselves.

import KistGenerated

/// Other people: connections without a framework, by keys that both compare, and what is shared in them.
public struct People: Sendable {
    let store: KistGenerated.Person

    /// Makes an invitation for one person, whom this one will call `name`. It serves once, and is shown to nobody else.
    ///
    /// Errors: `NoRelay`, `Malformed`, `Unreachable`, `RelayBusy`.
    public func invite(_ name: String) async throws(KistError) -> PersonLink {
        try await cancellable { try await store.invitePerson(name: name, cancel: $0) }
    }

    /// Answers somebody's invitation, whom this person will call `name`.
    ///
    /// Errors: `WrongPurpose` for another kind of link, `NotARequest`, `AddressRefused`, `AlreadyExists`, `Unreachable`.
    public func accept(_ link: String, as name: String) async throws(KistError) -> KnownPerson {
        try await cancellable { try await store.acceptPerson(link: link, name: name, cancel: $0) }
    }

    /// Everybody who is known or invited, by name.
    public func list() async throws(KistError) -> [KnownPerson] {
        try await cancellable { try await store.people(cancel: $0) }
    }

    /// Notes whether both read the same `checkCode` to each other.
    @discardableResult
    public func setVerified(_ verified: Bool, _ id: String) async throws(KistError) -> KnownPerson {
        try await cancellable { try await store.setPersonVerified(id: id, verified: verified, cancel: $0) }
    }

    /// Calls somebody by another name. Only this person sees it.
    @discardableResult
    public func rename(_ id: String, to name: String) async throws(KistError) -> KnownPerson {
        try await cancellable { try await store.renamePerson(id: id, name: name, cancel: $0) }
    }

    /// Ends a connection: withdraws what this person shares in it, and reads nothing more once that was acknowledged.
    @discardableResult
    public func end(_ id: String) async throws(KistError) -> KnownPerson {
        try await cancellable { try await store.endPerson(id: id, cancel: $0) }
    }

    /// Shares records with somebody; they are given when the other's phone has answered, as they are then.
    ///
    /// Errors: `NotFound` for a record or a person, or one who hasn't answered yet; `Malformed`, `TooLarge`.
    @discardableResult
    public func share(_ what: ShareSpec, with id: String) async throws(KistError) -> Share {
        try await cancellable { try await store.shareWithPerson(id: id, spec: what, cancel: $0) }
    }

    /// Everything that is shared, either way.
    public func shares() async throws(KistError) -> [Share] {
        try await cancellable { try await store.shares(cancel: $0) }
    }

    /// Withdraws what this person shares. The other's phone lets go of it and says so. `ConsentWithdrawn`.
    @discardableResult
    public func withdraw(_ share: String) async throws(KistError) -> Share {
        try await cancellable { try await store.withdrawShare(id: share, cancel: $0) }
    }
}

/// Organisations that a person can contact, and those that they stand in contact with.
public struct Connections: Sendable {
    let store: KistGenerated.Person

    /// Takes a link, an invitation or a directory, as text, and says what it was; or a letter's code with the relay that
    /// stands beside it. Nobody is contacted by it.
    ///
    /// Errors: `WrongPurpose` for the link of a request; `NotARequest`, `Malformed`; `OrganisationNotTrusted`,
    /// `MixUpRefused`, `RequestExpired`; `LetterCodeMistyped` with the group; `NotFound` for a letter that was used …
    public func introduce(_ given: String, relay: String? = nil) async throws(KistError) -> Introduction {
        try await cancellable { try await store.introduce(given: given, relay: relay, cancel: $0) }
    }

    /// The organisations that can be contacted now, by name.
    public func contacts() async throws(KistError) -> [Contact] {
        try await cancellable { try await store.contacts(cancel: $0) }
    }

    /// Fetches a directory of organisations, and remembers where it lies. What isn't believed is passed over;
    /// its clusters are taken too.
    ///
    /// Errors: `AddressRefused`, `Unreachable`, `NotFound`, `Malformed`, `DowngradeRefused`, `TooLarge`.
    @discardableResult
    public func fetchDirectory(at url: String) async throws(KistError) -> [Contact] {
        try await cancellable { try await store.fetchDirectory(url: url, cancel: $0) }
    }

    /// Fetches the directories that the lists of the frameworks name now, and those that were fetched before.
    ///
    /// Errors: as ``fetchDirectory(at:)``, of one that can't be had; the others are fetched all the same.
    public func refreshDirectories() async throws(KistError) {
        try await cancellable { try await store.refreshDirectories(cancel: $0) }
    }

    /// Asks an organisation for its request for one intended use. It learns an address and a key of this relationship
    /// alone. Its request comes with a later refresh of the inbox: ``InboxEvent/requestCame(organisation:request:)``.
    ///
    /// Errors: `NotFound`, `Malformed` for a use that isn't offered, `OrganisationNotTrusted`, `RequestExpired`,
    /// `Unreachable` where no mailbox could be made.
    @discardableResult
    public func open(_ contact: String, for intendedUse: String) async throws(KistError) -> ConnectionSummary {
        try await cancellable {
            try await store.openConnection(contact: contact, intendedUse: intendedUse, cancel: $0)
        }
    }

    /// Every connection, the newest first.
    public func list() async throws(KistError) -> [ConnectionSummary] {
        try await cancellable { try await store.connections(cancel: $0) }
    }

    /// Pauses a connection, goes on with it, or ends it.
    @discardableResult
    public func change(_ id: String, _ act: ConnectionAct) async throws(KistError) -> ConnectionSummary {
        try await cancellable { try await store.changeConnection(id: id, act: act, cancel: $0) }
    }
}

/// Invitations to people who aren't known yet.
public struct OrgInvitations: Sendable {
    let store: KistGenerated.Organisation

    /// Makes an invitation for everybody: give it to the framework's directory, or publish it and link to it.
    ///
    /// Errors: as ``HostedRequests/create(_:)``.
    public func publish(_ spec: InvitationSpec) async throws(KistError) -> OrgInvitation {
        try await cancellable { try await store.publishInvitation(spec: spec, cancel: $0) }
    }

    /// Makes an invitation for one person, to whom the code goes on paper: that it reached them is what it proves.
    public func letter(_ spec: InvitationSpec) async throws(KistError) -> Letter {
        try await cancellable { try await store.writeLetter(spec: spec, cancel: $0) }
    }

    /// Every invitation that wasn't closed.
    public func list() async throws(KistError) -> [OrgInvitation] {
        try await cancellable { try await store.invitations(cancel: $0) }
    }

    /// The link to an invitation that lies at an address, for a QR or a page.
    public func link(_ id: String, at address: String) async throws(KistError) -> String {
        try await cancellable { try await store.invitationLink(id: id, address: address, cancel: $0) }
    }

    /// Takes an invitation back: nobody knocks by it any more. Connections that it led to stay.
    public func close(_ id: String) async throws(KistError) {
        try await cancellable { try await store.closeInvitation(id: id, cancel: $0) }
    }
}

extension Letter: CustomStringConvertible {
    /// Without the code.
    public var description: String { "Letter(\(id), …)" }
}

extension PersonLink: CustomStringConvertible {
    /// Without the link.
    public var description: String { "PersonLink(\(id), …)" }
}
