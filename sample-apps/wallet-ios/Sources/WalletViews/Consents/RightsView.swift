// Requests of rights, each with its deadline.

#if canImport(SwiftUI)
import Kist
import SwiftUI
import WalletModels

struct RightsView: View {
    @State private var model: RightsModel
    @Environment(\.words) private var words
    private let store: OpenStore

    init(_ store: OpenStore) {
        self.store = store
        _model = State(initialValue: RightsModel(store))
    }

    var body: some View {
        List {
            Loaded(model.content) { content in
                if content.isEmpty { Empty(words("rights.empty.title"), words("rights.empty.text")) }
                ForEach(content.requests, id: \.id) { request in
                    Way(
                        .right(request.id), "\(request.organisation): \(words.right(request.right))", detail: due(request))
                }
            }
        }
        .navigationTitle(words("rights.title"))
        .task { await store.looking { await model.load() } }
    }

    private func due(_ request: RightsSummary) -> String? {
        if let answered = request.answerDate { return words("rights.stage.answered", ["day": .day(answered)]) }
        guard let due = request.dueDate else { return words("rights.stage.waiting") }
        if let days = model.daysLeft(request), days < 0 { return words("rights.stage.overdue", ["day": .day(due)]) }
        return words("rights.stage.sent", ["day": .day(due)])
    }
}

struct RightView: View {
    @State private var model: RightModel
    @State private var note = ""
    @Environment(\.words) private var words
    private let store: OpenStore

    init(_ store: OpenStore, _ id: String) {
        self.store = store
        _model = State(initialValue: RightModel(store, id: id))
    }

    var body: some View {
        List {
            if let problem = model.act.problem { ProblemRow(problem) }
            Loaded(model.detail) { detail in
                Text(detail.summary.organisation).font(.title2).accessibilityAddTraits(.isHeader)
                Text(words.right(detail.summary.right))
                if let due = detail.summary.dueDate { Text(words("rights.stage.sent", ["day": .day(due)])) }
                if let answer = detail.answer { Text(words.choose(answer.text)) }
                ForEach(detail.records, id: \.self) { Way(.record($0), words("rights.came")) }
                ActButton(words("consents.remind")) { await model.remind() }
                Section(words("consents.report")) {
                    TextField(words("rights.report.note"), text: $note, axis: .vertical)
                    ActButton(words("rights.report.make")) { await model.report(note: note) }
                    if let page = model.page { ShareLink(item: page, preview: SharePreview(words("consents.report"))) }
                }
            }
        }
        .navigationTitle(words("rights.title"))
        .task { await store.looking { await model.load() } }
    }
}

struct AskRightView: View {
    @State private var model: AskRightModel
    @Environment(WalletModel.self) private var wallet
    @Environment(\.words) private var words

    init(_ store: OpenStore, _ consent: String) {
        _model = State(initialValue: AskRightModel(store, consent: consent))
    }

    var body: some View {
        Form {
            Loaded(model.consent) { consent in
                Picker(words("consents.rights"), selection: $model.right) {
                    ForEach(AskRightModel.all, id: \.self) { Text(words.right($0)).tag($0) }
                }
                .pickerStyle(.inline)
                if model.right != .rectification {
                    Section(words("consents.term.what")) {
                        ForEach(consent.summary.given, id: \.field) { field in
                            Toggle(words.field(field.field), isOn: chosen(field.field))
                        }
                    }
                }
                TextField(words("rights.reason"), text: $model.reason, axis: .vertical)
                MainButton(words("rights.send"), model.act) { await model.ask() }
            }
        }
        .navigationTitle(words("consents.rights"))
        .onChange(of: model.asked?.id) { _, asked in if let asked { wallet.replace(with: .right(asked)) } }
        .task { await model.load() }
    }

    private func chosen(_ field: String) -> Binding<Bool> {
        Binding(get: { model.fields.contains(field) }, set: { model.setChosen($0, field) })
    }
}

extension Words {
    /// What a right is called.
    fileprivate func right(_ right: DataRight) -> String { self("rights.right.\("\(right)".uppercased())") }
}
#endif
