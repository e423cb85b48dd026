// Every consent in one place.

#if canImport(SwiftUI)
import Kist
import SwiftUI
import WalletModels

struct ConsentsView: View {
    @State private var model: ConsentsModel
    @State private var isChoosing = false
    @State private var isAsking = false
    @Environment(\.words) private var words
    private let store: OpenStore

    init(_ store: OpenStore) {
        self.store = store
        _model = State(initialValue: ConsentsModel(store))
    }

    var body: some View {
        List {
            if let problem = model.act.problem { ProblemRow(problem) }
            Loaded(model.content) { content in
                pause(content)
                Picker(words("consents.view"), selection: $model.grouping) {
                    ForEach(ConsentsModel.Grouping.allCases, id: \.self) { Text(words("consents.view.\($0.key)")).tag($0) }
                }
                if model.groups.isEmpty { Empty(words("consents.empty.title"), words("consents.empty.text")) }
                ForEach(model.groups) { group in
                    Section(group.title) {
                        if let cluster = group.cluster {
                            Way(.cluster(cluster), words("consents.cluster.go"), detail: words("consents.cluster.text"))
                        }
                        ForEach(group.consents, id: \.id) { row($0) }
                    }
                }
                outcomes
                Toggle(words("consents.ended"), isOn: $model.showsEnded)
            }
        }
        .navigationTitle(words("consents.title"))
        .toolbar {
            Button(words(isChoosing ? "consents.choose.end" : "consents.choose")) {
                isChoosing.toggle()
                model.selectNone()
            }
        }
        .safeAreaInset(edge: .bottom) { if isChoosing { bulk } }
        .confirmationDialog(
            words("consents.withdraw.several", ["count": .number(Int64(model.selected.count))]), isPresented: $isAsking,
            titleVisibility: .visible
        ) {
            Button(words("consents.withdraw"), role: .destructive) { Task { await model.change(.withdraw) } }
        } message: {
            Text(words("consents.withdraw.means"))
        }
        .task { await store.looking { await model.load() } }
    }

    @ViewBuilder private func pause(_ content: ConsentsModel.Content) -> some View {
        if let since = content.pausedSince {
            Said(
                words("consents.everything_paused"), words("consents.everything_paused.text", ["when": .date(since)]))
            ActButton(words("consents.everything_paused.undo")) { await model.setEverythingPaused(false) }
        } else if !content.consents.isEmpty {
            ActButton(words("consents.pause_everything")) { await model.setEverythingPaused(true) }
        }
    }

    @ViewBuilder private func row(_ consent: ConsentSummary) -> some View {
        if isChoosing {
            let isOn = Binding(
                get: { model.selected.contains(consent.id) }, set: { model.setSelected($0, consent.id) })
            Toggle(isOn: isOn) { Said(consent.organisation, words(consent.stateKey)) }
        } else {
            Way(.consent(consent.id), consent.organisation, detail: words(consent.stateKey))
        }
    }

    @ViewBuilder private var outcomes: some View {
        let failed = model.outcomes.filter { $0.error != nil }
        ForEach(failed, id: \.id) { outcome in
            let name = model.content.value?.consents.first { $0.id == outcome.id }?.organisation ?? ""
            Label(words("consents.done.failed", ["organisation": .text(name)]), systemImage: "exclamationmark.triangle")
        }
    }

    private var bulk: some View {
        HStack {
            Text(words("consents.chosen", ["count": .number(Int64(model.selected.count))]))
            Spacer()
            ActButton(words("consents.pause")) { await model.change(.pause) }
            Button(words("consents.withdraw"), role: .destructive) { isAsking = true }
        }
        .disabled(model.selected.isEmpty)
        .padding()
        .background(.bar)
    }
}

extension ConsentsModel.Grouping {
    /// Its name in the words.
    fileprivate var key: String {
        switch self {
        case .organisation: "ORGANISATION"
        case .area: "AREA"
        case .field: "THING"
        }
    }
}

extension ConsentSummary {
    /// The key of what to say of where it stands.
    var stateKey: String {
        switch state {
        case .withdrawalAcknowledged: "consents.state.acknowledged"
        case .withdrawn where withdrawal?.state == .silent: "consents.state.silent"
        case .inForce where expiresSoon: "consents.state.ends_soon"
        default: "consents.state.\(state.key)"
        }
    }
}

/// One consent.
struct ConsentView: View {
    @State private var model: ConsentModel
    @State private var isAsking = false
    @Environment(WalletModel.self) private var wallet
    @Environment(\.words) private var words
    private let store: OpenStore

    init(_ store: OpenStore, _ id: String) {
        self.store = store
        _model = State(initialValue: ConsentModel(store, id: id))
    }

    var body: some View {
        List {
            if let problem = model.act.problem { ProblemRow(problem) }
            Loaded(model.content) { content in
                let summary = content.consent.summary
                Text(summary.organisation).font(.title2).accessibilityAddTraits(.isHeader)
                Text(words(summary.stateKey))
                Section(words("consents.term.why")) { Text(words.choose(summary.purpose)) }
                given(summary)
                terms(content.consent)
                reads(content.reads)
                acts(summary)
            }
        }
        .navigationTitle(words("consents.one"))
        .confirmationDialog(
            words("consents.withdraw.one", ["organisation": .text(model.summary?.organisation ?? "")]),
            isPresented: $isAsking, titleVisibility: .visible
        ) {
            Button(words("consents.withdraw"), role: .destructive) { Task { await model.withdraw() } }
        } message: {
            Text(words("consents.withdraw.means"))
        }
        .task { await store.looking { await model.load() } }
    }

    /// What they have, each to be taken out where it may be.
    @ViewBuilder private func given(_ summary: ConsentSummary) -> some View {
        Section(words("consents.term.what")) {
            ForEach(summary.given, id: \.field) { field in
                if model.canTakeOut(field), summary.state.isLive {
                    Toggle(words.field(field.field), isOn: kept(field.field))
                } else {
                    Text(words.field(field.field))
                }
            }
            if !model.takenOut.isEmpty { MainButton(words("consents.narrow.do"), model.act) { await model.narrow() } }
        }
    }

    private func kept(_ field: String) -> Binding<Bool> {
        Binding(get: { !model.takenOut.contains(field) }, set: { model.setTakenOut(!$0, field) })
    }

    @ViewBuilder private func terms(_ consent: ConsentDetail) -> some View {
        Section {
            Said(words("consents.term.since"), words.moment(consent.summary.agreementDate))
            Said(words("consents.term.keep"), words.period(consent.retention))
            if let end = consent.summary.expiryDate { Text(words("consents.end.at", ["day": .day(end)])) }
            let kept = consent.keptAfterWithdrawal.map(words.choose)
            Said(
                words("consents.term.after"),
                kept.isEmpty ? words("consents.after.nothing") : words("consents.after", ["what": .text(words.list(kept))]))
        }
    }

    @ViewBuilder private func reads(_ reads: [ReadInfo]) -> some View {
        if !reads.isEmpty {
            Section(words("consents.reads")) {
                ForEach(reads, id: \.id) { read in
                    let what = read.fields.isEmpty ? words("consents.read.all") : words.list(read.fields.map(words.field))
                    Text(words("consents.read.asked", ["organisation": .text(read.organisation), "what": .text(what)]))
                }
            }
        }
    }

    @ViewBuilder private func acts(_ summary: ConsentSummary) -> some View {
        Section {
            if let renewal = model.renewal {
                Way(.request(renewal), words("consents.renew.look"))
            }
            Way(.receipt(consent: model.id), words("consents.receipt"))
            if summary.state == .paused, summary.paused?.by == .person {
                ActButton(words("consents.resume")) { await model.resume() }
            } else if summary.state == .inForce {
                ActButton(words("consents.pause")) { await model.pause() }
            }
            if summary.state.isLive {
                Button(words("consents.withdraw"), role: .destructive) { isAsking = true }
            } else if summary.withdrawal?.state == .silent {
                ActButton(words("consents.remind")) { await model.remind() }
            }
            Way(.askRight(consent: model.id), words("consents.rights"), detail: words("consents.rights.text"))
        }
    }
}
#endif
