// Organisations that ask together: what each asks, one decision about all of them, and how each stands after it.

import Foundation
import Kist
import Observation

/// The screen of a cluster.
@MainActor @Observable public final class ClusterModel {
    public let id: String
    public let cluster: Loader<ClusterView>
    /// The decision, and its sending.
    public let sending: Act
    /// What else is done: asking members, fetching, refusing, withdrawing.
    public let act: Act
    /// The request of each member whose request waits, by the member's id, with what is chosen of it.
    public private(set) var requests: [String: RequestModel] = [:]
    /// Why something couldn't be fetched.
    public private(set) var unreached: Problem?
    private let store: OpenStore
    private let wallet: WalletModel
    private var hasFetched = false

    public init(_ store: OpenStore, _ wallet: WalletModel, id: String) {
        (self.store, self.wallet, self.id) = (store, wallet, id)
        (sending, act) = (Act(store.words), Act(store.words))
        let person = store.person
        cluster = Loader(store.words) { try await person.clusters.get(id) }
    }

    /// Shows what is on the phone, with what was chosen before the app was killed. What is to come is fetched once by itself.
    public func load() async {
        await look()
        if cluster.value?.awaits == true, !hasFetched { await fetch() }
    }

    // MARK: What is shown

    /// Members whose request waits for the decision.
    public var open: [ClusterMemberView] { cluster.value?.members.filter { requests[$0.organisationId] != nil } ?? [] }

    /// Those of them that are to get something.
    public var taking: [ClusterMemberView] { open.filter { requests[$0.organisationId]?.isLeftOut == false } }

    /// Those of these that can't be answered with what is chosen.
    public var notReady: [ClusterMemberView] {
        taking.filter { member in
            guard let request = requests[member.organisationId] else { return true }
            return !request.canAnswer || request.decision.isEmpty
        }
    }

    /// How many things are given, to all together.
    public var count: Int { taking.reduce(0) { $0 + (requests[$1.organisationId]?.decision.count ?? 0) } }

    /// Whether there is one decision for all.
    public var canDecide: Bool { !taking.isEmpty && notReady.isEmpty && !sending.isRunning && !act.isRunning }

    // MARK: The decision

    /// Gives what is chosen, to all in one decision; who is left out is refused. Where the network fails, answers are kept and
    /// sent later.
    public func share() async {
        guard canDecide else { return }
        let decisions = taking.compactMap { member in
            requests[member.organisationId].map { (member.organisationId, $0.decision) }
        }
        let chosen = Dictionary(decisions) { first, _ in first }
        let (person, id, language) = (store.person, id, store.words.language.rawValue)
        await sending.run { try await person.clusters.decide(id, with: chosen, language: language) }
        // Of several, some may have been answered before one failed.
        await look()
    }

    /// Refuses what any of them asks. They are told nothing.
    public func refuse() async { await change { _ = try await $0.clusters.decide($1, with: [:]) } }

    /// Sends answers that were decided and still wait.
    public func sendNow() async {
        let person = store.person
        await sending.run { try await person.requests.resume() }
        await look()
    }

    // MARK: What else is done

    /// Asks each member that takes part and has nothing for its request.
    public func ask() async {
        await change { _ = try await $0.clusters.open($1) }
        if act.problem == nil { await fetch() }
    }

    /// Fetches what members sent.
    public func fetch() async {
        hasFetched = true
        let person = store.person
        guard let came = await act.run({ try await person.inbox.refresh() }) else { return }
        unreached = Problem(of: came, store.words)
        await look()
    }

    /// Withdraws what was agreed with one member, by its id, or with all of them. It holds at once.
    public func withdraw(from member: String? = nil) async {
        await change { _ = try await $0.clusters.withdraw($1, from: member) }
    }

    private func change(_ call: @escaping @Sendable (Person, String) async throws -> Void) async {
        let (person, id) = (store.person, id)
        await act.run { try await call(person, id) }
        await look()
    }

    private func look() async {
        await cluster.load()
        let members = cluster.value?.members ?? []
        for (member, model) in requests where !members.contains(where: { $0.request?.id == model.id }) {
            wallet.keep(nil, of: model.id)
            requests[member] = nil
        }
        for member in members {
            guard let request = member.request?.id else { continue }
            let model = requests[member.organisationId] ?? RequestModel(store, wallet, id: request)
            requests[member.organisationId] = model
            await model.look()
        }
    }
}

extension ClusterView {
    /// Members that have nothing and can be asked.
    public var toAsk: [ClusterMemberView] { members.filter { $0.standing == .notAsked || $0.standing == .over } }

    /// What was agreed and still stands.
    public var standing: [ConsentSummary] { consents.filter(\.state.isLive) }

    /// Every agreement, also with those that are no members any more.
    public var consents: [ConsentSummary] { members.compactMap(\.consent) + left }

    /// Whether an answer waits to be sent.
    public var waitsToBeSent: Bool { standing.contains { $0.state == .awaitingSend } }

    /// Whether something is to come from a member, its request or its signature, or to go to one.
    public var awaits: Bool {
        members.contains { $0.standing == .waiting } || waitsToBeSent
            || standing.contains { $0.state == .awaitingReceipt }
    }
}

extension ClusterMemberView {
    /// Its legal name, or its id where nothing says that.
    public var name: String { organisation ?? organisationId }
}
