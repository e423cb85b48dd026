// Whom a person can contact.

#if canImport(SwiftUI)
import Kist
import SwiftUI
import WalletModels

struct DirectoryView: View {
    @State private var model: DirectoryModel
    @Environment(\.words) private var words

    init(_ store: OpenStore) { _model = State(initialValue: DirectoryModel(store)) }

    var body: some View {
        List {
            Loaded(model.content) { content in
                if content.believesOne {
                    address(isFirst: content.listed.isEmpty)
                    listed(content)
                } else {
                    Empty(
                        words("connections.directory.no_framework"), words("connections.directory.no_framework.text"),
                        picture: "shield")
                    Way(.settings, words("connections.directory.frameworks"))
                }
            }
        }
        .navigationTitle(words("connections.find"))
        .searchable(text: $model.sought, prompt: words("connections.directory.find"))
        .refreshable { await model.refresh() }
        .task {
            await model.load()
            await model.refresh()
        }
    }

    @ViewBuilder private func address(isFirst: Bool) -> some View {
        Section {
            if isFirst { Text(words("connections.directory.empty")) }
            TextField(words("connections.directory.address"), text: $model.address).autocorrectionDisabled()
            MainButton(words("connections.directory.fetch"), model.act) { await model.fetch() }
            if let count = model.fetched {
                if count == 0 {
                    Said(words("connections.directory.nobody"), words("connections.directory.nobody.text"))
                } else {
                    Text(words("connections.directory.fetched", ["count": .number(Int64(count))]))
                }
            }
        } footer: {
            Text(words("connections.directory.address.hint"))
        }
    }

    @ViewBuilder private func listed(_ content: DirectoryContent) -> some View {
        if !content.listed.isEmpty {
            Text(words("connections.directory.text"))
            if model.shown.isEmpty { Text(words("connections.directory.none_found")) }
        }
        ForEach(model.shown) { listed in
            Section(listed.contact.organisation) {
                Text(words("connections.vouched", ["framework": .text(listed.contact.framework)]))
                if listed.isKnown {
                    Way(.connections, words("connections.directory.known"))
                } else {
                    ForEach(listed.contact.uses, id: \.id) { use in
                        ActButton(words.choose(use.purpose)) { await model.contact(listed.contact, for: use) }
                    }
                }
            }
        }
    }
}
#endif
