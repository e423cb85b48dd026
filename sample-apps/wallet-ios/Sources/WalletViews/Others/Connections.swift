// Whom the person stands in contact with.

#if canImport(SwiftUI)
import Kist
import SwiftUI
import WalletModels

struct ConnectionsView: View {
    @State private var model: ConnectionsModel
    @State private var name = ""
    @Environment(WalletModel.self) private var wallet
    @Environment(\.words) private var words
    private let store: OpenStore

    init(_ store: OpenStore) {
        self.store = store
        _model = State(initialValue: ConnectionsModel(store))
    }

    var body: some View {
        List {
            if let problem = model.act.problem { ProblemRow(problem) }
            Loaded(model.content) { content in
                if content.isEmpty { Empty(words("connections.empty.title"), words("connections.empty.text")) }
                ForEach(content.clusters, id: \.id) { cluster in
                    let lead = words("request.cluster.lead", ["lead": .text(cluster.lead)])
                    Way(.cluster(cluster.id), words.choose(cluster.name), detail: lead, picture: "person.3")
                }
                organisations(content)
                people(content)
            }
            Way(.directory, words("connections.find"), picture: "magnifyingglass")
            Section(words("connections.introduce.text")) {
                TextField(words("scan.link"), text: $model.given, axis: .vertical).autocorrectionDisabled()
                TextField(words("connections.relay"), text: $model.letterRelay).autocorrectionDisabled()
                MainButton(words("connections.introduce.look"), model.act, isEnabled: !model.given.isEmpty) {
                    await model.introduce()
                }
            }
            invitation
        }
        .navigationTitle(words("consents.place.connections"))
        .onChange(of: model.cluster) { _, cluster in if let cluster { wallet.go(to: .cluster(cluster)) } }
        .task { await store.looking { await model.load() } }
    }

    @ViewBuilder private func organisations(_ content: ConnectionsContent) -> some View {
        ForEach(model.found, id: \.id) { contact in
            Section(contact.organisation) {
                ForEach(contact.uses, id: \.id) { use in
                    ActButton(words.choose(use.purpose)) { await model.contact(contact, for: use) }
                }
            }
        }
        ForEach(content.organisations, id: \.id) { connection in
            Section(connection.organisation) {
                Text(words("connections.state.\("\(connection.state)".uppercased())"))
                ForEach(connection.consents, id: \.id) { Way(.consent($0.id), words.choose($0.purpose)) }
                if connection.state == .open {
                    ActButton(words("consents.pause")) { await model.change(connection, .pause) }
                }
                if connection.state == .paused {
                    ActButton(words("consents.resume")) { await model.change(connection, .resume) }
                }
                if connection.state != .ended {
                    ActButton(words("connections.end"), role: .destructive) { await model.change(connection, .end) }
                }
            }
        }
    }

    @ViewBuilder private func people(_ content: ConnectionsContent) -> some View {
        ForEach(content.people, id: \.id) { person in
            Section(person.name) {
                if let code = person.checkCode {
                    Said(words("connections.compare"), words("connections.compare.text", ["name": .text(person.name)]))
                    Text(code).font(.title3.monospaced())
                    Toggle(
                        words("connections.compare.same"),
                        isOn: Binding(
                            get: { person.verified }, set: { on in Task { await model.setVerified(on, person) } }))
                }
                ForEach(content.shares.filter { $0.person == person.id }, id: \.id) { share in
                    Said(share.purpose, words(share.received ? "connections.shares.received" : "connections.shares.given"))
                    if !share.received {
                        ActButton(words("consents.withdraw"), role: .destructive) { await model.withdraw(share) }
                    }
                }
                ActButton(words("connections.end"), role: .destructive) { await model.end(person) }
            }
        }
    }

    @ViewBuilder private var invitation: some View {
        Section(words("connections.people")) {
            TextField(words("connections.name"), text: $name)
            if model.personsLink == nil {
                ActButton(words("connections.invite.make")) { await model.invite(name) }
            } else {
                ActButton(words("connections.accept")) { await model.accept(as: name) }
            }
            if let link = model.invitation {
                ShareLink(words("connections.invite.code", ["name": .text(name)]), item: link.link)
                Button(words("record.file.close")) { model.closeInvitation() }
            }
        }
    }
}
#endif
