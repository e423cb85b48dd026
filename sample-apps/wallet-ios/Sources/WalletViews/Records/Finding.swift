// Home, search, and the records of a part of life.

#if canImport(SwiftUI)
import Kist
import SwiftUI
import WalletModels

/// The parts of life, what is new, what ends, what waits.
struct HomeView: View {
    @State private var model: HomeModel
    @Environment(WalletModel.self) private var wallet
    @Environment(\.words) private var words

    init(_ store: OpenStore) { _model = State(initialValue: HomeModel(store)) }

    var body: some View {
        List {
            if let problem = model.refreshing.problem { ProblemRow(problem) { await model.refresh() } }
            DamageRow(model.content.act.problem)
            Loaded(model.content) { content in
                if content.isEmpty { Empty(words("home.empty.title"), words("home.empty.text")) }
                notices(content)
                waiting(content)
                coming(content)
                things(content)
            }
            rooms
        }
        .navigationTitle(words("home.title"))
        .toolbar {
            Button(words("scan.title"), systemImage: "qrcode.viewfinder") { wallet.go(to: .scan) }
            Button(words("home.add"), systemImage: "plus") { wallet.go(to: .kinds) }
            Button(words("home.lock"), systemImage: "lock") { Task { await wallet.lock() } }
        }
        .refreshable { await model.refresh() }
        .task {
            await model.load()
            await model.refresh()
        }
    }

    @ViewBuilder private func notices(_ content: HomeContent) -> some View {
        if let since = content.pausedSince {
            Way(
                .consents, words("consents.everything_paused"),
                detail: words("consents.everything_paused.text", ["when": .date(since)]), picture: "pause.circle")
        }
        if content.needsKit {
            Way(.kit, words("home.backup.none"), detail: words("home.backup.none.text"), picture: "exclamationmark.triangle")
        }
        ForEach(content.changes, id: \.organisationId) { change in
            let named: [String: Words.Value] = ["framework": .text(change.label), "organisation": .text(change.legalName)]
            Text(words("inbox.standing.\("\(change.to)".uppercased())", named))
            ActButton(words("inbox.standing.seen")) { await model.told() }
        }
    }

    @ViewBuilder private func waiting(_ content: HomeContent) -> some View {
        if !content.requests.isEmpty || !content.messages.isEmpty || content.conflicts > 0 {
            Section(words("home.waiting")) {
                ForEach(content.requests, id: \.id) { request in
                    Way(
                        .request(request.id),
                        words("home.request", ["organisation": .text(request.evaluation.asker.organisation.name)]),
                        detail: words("home.request.until", ["when": .date(request.expiryDate)]), picture: "questionmark.circle")
                }
                if !content.messages.isEmpty {
                    Way(.inbox, words("home.messages", ["count": .number(Int64(content.messages.count))]), picture: "tray")
                }
                if content.conflicts > 0 { Way(.conflicts, words("record.conflicts.title"), picture: "arrow.left.arrow.right") }
            }
        }
    }

    @ViewBuilder private func coming(_ content: HomeContent) -> some View {
        if !content.due.isEmpty || !content.ending.isEmpty {
            Section(words("home.due")) {
                ForEach(content.due, id: \.self) { due in Way(HomeModel.route(of: due), HomeModel.title(of: due)) }
                ForEach(content.ending, id: \.id) { consent in
                    Way(.consent(consent.id), consent.organisation, detail: words("consents.state.ends_soon"))
                }
            }
        }
    }

    @ViewBuilder private func things(_ content: HomeContent) -> some View {
        if !content.new.isEmpty {
            Section(words("home.newest")) {
                ForEach(content.new, id: \.id) { record in
                    Way(.record(record.id), record.title, detail: record.provenance.verifiedBy)
                }
            }
        }
        Section(words("home.areas")) {
            ForEach(content.areas, id: \.value) { area in
                Way(
                    .area(area.value), words.area(area.value),
                    detail: words("search.all", ["count": .number(Int64(clamping: area.records))]))
            }
        }
    }

    private var rooms: some View {
        Section {
            Way(.search, words("search.title"), picture: "magnifyingglass")
            Way(.consents, words("consents.title"), picture: "checkmark.seal")
            Way(.connections, words("consents.place.connections"), picture: "person.2")
            Way(.inbox, words("consents.place.inbox"), picture: "tray")
            Way(.rights, words("consents.place.rights"), picture: "building.columns")
            Way(.history, words("consents.place.history"), picture: "clock")
            Way(.backup, words("backup.title"), picture: "arrow.counterclockwise")
            Way(.settings, words("settings.title"), picture: "gear")
        }
    }
}

/// Search as one types.
struct SearchView: View {
    @State private var model: SearchModel
    @Environment(\.words) private var words

    init(_ store: OpenStore) { _model = State(initialValue: SearchModel(store)) }

    var body: some View {
        List {
            switch model.hits {
            case .loading: ProgressView { Text(words("search.loading")) }
            case .failed(let problem): ProblemRow(problem) { await model.type(model.text) }
            case .ready(let hits):
                if hits.isEmpty, !model.text.isEmpty { Empty(words("search.none.title"), words("search.none.text")) }
                ForEach(hits, id: \.record.id) { hit in
                    Way(.record(hit.record.id), hit.record.title, detail: words.kind(hit.record.schema))
                }
            }
        }
        .navigationTitle(words("search.title"))
        .searchable(text: text, prompt: words("search.field"))
    }

    private var text: Binding<String> {
        Binding(get: { model.text }, set: { typed in Task { await model.type(typed) } })
    }
}

/// The records of a part of life.
struct AreaView: View {
    @State private var model: AreaModel
    @Environment(\.words) private var words
    private let area: String

    init(_ store: OpenStore, _ area: String) {
        _model = State(initialValue: AreaModel(store, area: area))
        self.area = area
    }

    var body: some View {
        List {
            Loaded(model.first) { _ in
                if model.records.isEmpty { Empty(words("search.empty.title"), words("search.empty.text")) }
                ForEach(model.records, id: \.id) { record in
                    Way(
                        .record(record.id), record.title, detail: words.kind(record.schema),
                        picture: record.favourite ? "star.fill" : nil)
                }
                if model.hasMore { ActButton(words("record.conflicts.more")) { await model.loadMore() } }
            }
        }
        .navigationTitle(words.area(area))
        .task { await model.load() }
    }
}
#endif
