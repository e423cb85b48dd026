// Organisations that ask together: what each asks and the one decision, or how each stands.

#if canImport(SwiftUI)
import Kist
import SwiftUI
import WalletModels

struct ClusterScreen: View {
    @State private var model: ClusterModel
    @State private var isRefusing = false
    @State private var withdrawing: Withdrawing?
    @Environment(\.words) private var words

    init(_ store: OpenStore, _ wallet: WalletModel, _ id: String) {
        _model = State(initialValue: ClusterModel(store, wallet, id: id))
    }

    var body: some View {
        List {
            if let problem = model.act.problem ?? model.unreached { ProblemRow(problem) { await model.fetch() } }
            if model.act.isRunning { Working(model.act) }
            Loaded(model.cluster) { cluster in
                Text(words("request.cluster.lead", ["lead": .text(cluster.lead)]))
                if model.open.isEmpty { standing(cluster) } else { asking(cluster) }
            }
        }
        .navigationTitle(title)
        .refreshable { await model.fetch() }
        .task { await model.load() }
        .confirmationDialog(words("request.refuse.title"), isPresented: $isRefusing, titleVisibility: .visible) {
            Button(words("request.refuse.yes"), role: .destructive) { Task { await model.refuse() } }
        } message: {
            Text(words("request.cluster.refuse"))
        }
        .confirmationDialog(
            words("consents.withdraw.one", ["organisation": .text(withdrawing?.from ?? "")]), isPresented: isWithdrawing,
            titleVisibility: .visible, presenting: withdrawing
        ) { asked in
            Button(words("consents.withdraw"), role: .destructive) { Task { await model.withdraw(from: asked.member) } }
        } message: { _ in
            Text(words("consents.withdraw.means"))
        }
    }

    private var title: String {
        let name = words.choose(model.cluster.value?.name ?? [:])
        return model.open.isEmpty ? name : words("request.title", ["organisation": .text(name)])
    }

    private var isWithdrawing: Binding<Bool> {
        Binding(get: { withdrawing != nil }, set: { if !$0 { withdrawing = nil } })
    }

    // MARK: What they ask

    @ViewBuilder private func asking(_ cluster: ClusterView) -> some View {
        Text(words("request.cluster.text"))
        ForEach(Array(model.open.enumerated()), id: \.element.organisationId) { place, member in
            if let request = model.requests[member.organisationId] {
                let number: [String: Words.Value] = [
                    "number": .number(Int64(place + 1)), "total": .number(Int64(model.open.count)),
                    "organisation": .text(member.name),
                ]
                Section(words("request.cluster.member", number)) { taking(member, request) }
                if !request.isLeftOut { RequestParts(request) }
            }
        }
        let others = cluster.members.filter { model.requests[$0.organisationId] == nil }
        if !others.isEmpty {
            Text(words("request.cluster.others")).font(.headline).accessibilityAddTraits(.isHeader)
            ForEach(others, id: \.organisationId) { MemberSection(member: $0, withdraw: ask) }
        }
        decision
    }

    @ViewBuilder private func taking(_ member: ClusterMemberView, _ request: RequestModel) -> some View {
        if member.isNew { Label(words("request.cluster.new"), systemImage: "info.circle") }
        Text(words("request.cluster.role", ["role": .text(words.choose(member.role))]))
        let isTaken = Binding(get: { !request.isLeftOut }, set: { request.setLeftOut(!$0) })
        Toggle(isOn: isTaken) {
            Said(
                words("request.cluster.take", ["organisation": .text(member.name)]),
                request.isLeftOut ? words("request.cluster.left_out") : nil)
        }
    }

    @ViewBuilder private var decision: some View {
        let shared = model.cluster.value?.standing.map(\.organisation) ?? []
        if model.sending.problem != nil, !shared.isEmpty {
            Text(words("request.cluster.partly", ["organisations": .text(words.list(shared))]))
        }
        if !model.notReady.isEmpty {
            Text(words("request.cluster.not_ready", ["organisations": .text(words.list(model.notReady.map(\.name)))]))
        } else if !model.taking.isEmpty {
            Text(words("request.cluster.with", ["organisations": .text(words.list(model.taking.map(\.name)))]))
        }
        let count = Int64(model.count)
        MainButton(
            count == 0 ? words("request.share.nothing") : words("request.share", ["count": .number(count)]), model.sending,
            isEnabled: model.canDecide
        ) { await model.share() }
        Button(words("request.refuse"), role: .destructive) { isRefusing = true }
    }

    // MARK: How they stand

    @ViewBuilder private func standing(_ cluster: ClusterView) -> some View {
        news(cluster)
        ForEach(cluster.members, id: \.organisationId) { MemberSection(member: $0, withdraw: ask) }
        if !cluster.left.isEmpty {
            Text(words("request.cluster.former")).font(.headline).accessibilityAddTraits(.isHeader)
            ForEach(cluster.left, id: \.id) { consent in
                Section(consent.organisation) { ConsentRows(consent: consent, withdraw: ask) }
            }
        }
        if !cluster.toAsk.isEmpty {
            ActButton(words(cluster.standing.isEmpty ? "request.cluster.ask" : "request.cluster.ask.rest")) { await model.ask() }
        }
        if cluster.standing.count > 1 {
            Button(words("request.cluster.withdraw.all"), role: .destructive) {
                withdrawing = Withdrawing(member: nil, from: words.list(cluster.standing.map(\.organisation)))
            }
        }
    }

    /// What was decided last, and what comes next.
    @ViewBuilder private func news(_ cluster: ClusterView) -> some View {
        let name: [String: Words.Value] = ["organisation": .text(words.choose(cluster.name))]
        let sent = cluster.standing.filter { $0.state == .awaitingReceipt }.map(\.organisation)
        let new = cluster.toAsk.filter(\.isNew).map(\.name)
        if cluster.waitsToBeSent {
            Said(words("request.shared.waiting"), words("request.shared.waiting.text", name))
            MainButton(words("request.shared.waiting.now"), model.sending) { await model.sendNow() }
        }
        if !sent.isEmpty {
            Said(words("request.shared", ["organisation": .text(words.list(sent))]), words("request.shared.next"))
        }
        if cluster.members.contains(where: { $0.standing == .waiting }) {
            Said(words("request.cluster.waiting"), words("request.cluster.waiting.text"))
        } else if cluster.decidedVersion == nil {
            Said(words("request.cluster.nobody"), words("request.cluster.nobody.text"))
        } else if !new.isEmpty {
            Text(words("request.cluster.joined", ["organisations": .text(words.list(new))]))
        }
    }

    private func ask(_ consent: ConsentSummary) {
        withdrawing = Withdrawing(member: consent.organisationId, from: consent.organisation)
    }
}

/// Whom the person is asked about: one member by its id, or all where there is none.
private struct Withdrawing: Hashable {
    let member: String?
    let from: String
}

/// One member: what it does, how it stands, and what can be done about that.
private struct MemberSection: View {
    let member: ClusterMemberView
    let withdraw: @MainActor (ConsentSummary) -> Void
    @Environment(\.words) private var words

    var body: some View {
        Section(member.name) {
            Text(words("request.cluster.role", ["role": .text(words.choose(member.role))]))
            if member.isNew { Label(words("request.cluster.new"), systemImage: "info.circle") }
            if let consent = member.consent, member.standing == .agreed || member.standing == .over {
                ConsentRows(consent: consent, withdraw: withdraw)
            } else {
                Text(words("request.cluster.is.\(member.standing.key)"))
            }
        }
    }
}

/// What was agreed with a member, with its receipt.
private struct ConsentRows: View {
    let consent: ConsentSummary
    let withdraw: @MainActor (ConsentSummary) -> Void
    @Environment(\.words) private var words

    var body: some View {
        Text(words(consent.stateKey))
        Way(.receipt(consent: consent.id), words("request.shared.receipt"))
        Way(.consent(consent.id), words("request.cluster.consent"))
        if consent.state.isLive {
            Button(words("consents.withdraw"), role: .destructive) { withdraw(consent) }
                .accessibilityLabel(
                    words(
                        "request.cluster.act",
                        ["act": .text(words("consents.withdraw")), "organisation": .text(consent.organisation)]))
        }
    }
}

extension MemberStanding {
    /// Its name in the words.
    fileprivate var key: String {
        switch self {
        case .notReachable: "NOT_REACHABLE"
        case .notTakingPart: "NOT_TAKING_PART"
        case .notAsked: "NOT_ASKED"
        case .waiting, .ready: "WAITING"
        case .agreed: "AGREED"
        case .over: "OVER"
        }
    }
}
#endif
