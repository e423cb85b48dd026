// The receipt, and the inbox.

#if canImport(SwiftUI)
import Kist
import SwiftUI
import WalletModels

struct ReceiptView: View {
    @State private var model: ReceiptModel
    @Environment(\.words) private var words

    init(_ store: OpenStore, _ consent: String) { _model = State(initialValue: ReceiptModel(store, consent: consent)) }

    var body: some View {
        List {
            Loaded(model.consent) { consent in
                let summary = consent.summary
                let organisation: [String: Words.Value] = ["organisation": .text(summary.organisation)]
                Label(
                    words("receipt.state.\(summary.state.key.uppercased())", organisation),
                    systemImage: model.isSigned ? "checkmark.seal.fill" : "hourglass")
                Text(
                    words(
                        "receipt.agreed_on",
                        ["organisation": .text(summary.organisation), "when": .date(summary.agreementDate)]))
                Section(words("receipt.why")) { Text(words.choose(summary.purpose)) }
                Section(words("receipt.gave")) {
                    ForEach(summary.given, id: \.field) { Text(words.field($0.field)) }
                }
                MainButton(words("receipt.fetch"), model.refreshing) { await model.refresh() }
                ActButton(words("receipt.keep")) { await model.makePage() }
                if let page = model.page {
                    ShareLink(item: page, preview: SharePreview(words("receipt.title")))
                }
                Way(.consent(summary.id), words("receipt.change.go"), detail: words("receipt.change.text"))
            }
        }
        .navigationTitle(words("receipt.title"))
        .task {
            await model.load()
            await model.refresh()
        }
    }
}

struct InboxView: View {
    @State private var model: InboxModel
    @Environment(\.words) private var words

    init(_ store: OpenStore) { _model = State(initialValue: InboxModel(store)) }

    var body: some View {
        List {
            if let problem = model.refreshing.problem { ProblemRow(problem) { await model.refresh() } }
            Loaded(model.content) { content in
                if content.isEmpty { Empty(words("inbox.empty.title"), words("inbox.empty.text")) }
                ForEach(content.requests, id: \.id) { request in
                    Way(
                        .request(request.id),
                        words("home.request", ["organisation": .text(request.evaluation.asker.organisation.name)]),
                        detail: words("home.request.until", ["when": .date(request.expiryDate)]), picture: "questionmark.circle")
                }
                ForEach(content.messages, id: \.id) { message in
                    VStack(alignment: .leading, spacing: 4) {
                        Said(message.organisation, words.moment(message.arrivalDate))
                        if let text = message.text { Text(text) }
                        if message.outsideAgreement {
                            Label(words("inbox.outside"), systemImage: "exclamationmark.triangle").font(.footnote)
                        }
                    }
                    .accessibilityElement(children: .combine)
                    .swipeActions { ActButton(words("inbox.read"), role: .destructive) { await model.dismiss(message) } }
                }
            }
        }
        .navigationTitle(words("inbox.title"))
        .refreshable { await model.refresh() }
        .task {
            await model.load()
            await model.refresh()
        }
    }
}
#endif
