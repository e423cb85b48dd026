// Settings and rules.

#if canImport(SwiftUI)
import Kist
import SwiftUI
import WalletModels

struct SettingsView: View {
    @State private var model: SettingsModel
    @State private var passphrase = ""
    @State private var again = ""
    @State private var relay = ""
    @State private var archive: URL?
    @State private var isChoosing = false
    @Environment(WalletModel.self) private var wallet
    @Environment(\.words) private var words

    init(_ store: OpenStore, _ wallet: WalletModel) { _model = State(initialValue: SettingsModel(store, wallet)) }

    var body: some View {
        Form {
            if let problem = model.act.problem { ProblemRow(problem) }
            looks
            lock
            Loaded(model.content) { content in
                Section(words("settings.relay")) {
                    TextField(words("create.where.relay"), text: $relay).autocorrectionDisabled()
                    ActButton(words("edit.save")) { await model.setRelay(relay) }
                }
                frameworks(content)
                Section {
                    Way(.rules, words("settings.rules"))
                    Way(.practice, words("practice.title"))
                    Toggle(
                        words("settings.developer"),
                        isOn: Binding(
                            get: { content.developerMode }, set: { on in Task { await model.setDeveloperMode(on) } }))
                } footer: {
                    Text(words("settings.developer.detail"))
                }
            }
            leaving
        }
        .navigationTitle(words("settings.title"))
        .fileImporter(isPresented: $isChoosing, allowedContentTypes: [.json]) { chosen in
            guard case .success(let file) = chosen, file.startAccessingSecurityScopedResource() else { return }
            defer { file.stopAccessingSecurityScopedResource() }
            guard let bundle = try? String(contentsOf: file, encoding: .utf8) else { return }
            Task { await model.believe(bundle) }
        }
        .task {
            await model.load()
            relay = model.content.value?.relay ?? ""
        }
    }

    private var looks: some View {
        Section {
            Picker(words("welcome.language"), selection: language) {
                Text(words("settings.language.phone")).tag(Language?.none)
                ForEach(Language.allCases, id: \.self) { Text($0.ownName).tag(Optional($0)) }
            }
        }
    }

    private var language: Binding<Language?> {
        Binding(get: { model.preferences.language }, set: { model.setLanguage($0) })
    }

    @ViewBuilder private var lock: some View {
        Section(words("settings.lock")) {
            Picker(
                words("settings.lock.after"),
                selection: Binding(
                    get: { model.preferences.lockAfterMinutes }, set: { model.setLockAfter(minutes: $0) })
            ) {
                ForEach([0, 1, 5, 15], id: \.self) { Text(words("time.minutes", ["count": .number(Int64($0))])).tag($0) }
            }
            if wallet.device.canUnlock {
                Toggle(
                    words("create.device"),
                    isOn: Binding(
                        get: { model.preferences.unlocksWithDevice },
                        set: { on in Task { await model.setUnlocksWithDevice(on) } }))
            }
            SecureField(words("settings.passphrase"), text: $passphrase).textContentType(.newPassword)
            SecureField(words("create.again"), text: $again).textContentType(.newPassword)
            ActButton(words("edit.save")) {
                await model.changePassphrase(to: passphrase, again: again)
                if model.act.problem == nil { (passphrase, again) = ("", "") }
            }
        }
    }

    @ViewBuilder private func frameworks(_ content: SettingsModel.Content) -> some View {
        Section(words("settings.frameworks")) {
            ForEach(content.frameworks, id: \.label) { framework in
                Said(framework.label, words.day(framework.nextUpdateDate))
                ActButton(words("settings.frameworks.refresh")) { await model.refresh(framework) }
                ActButton(words("settings.frameworks.remove"), role: .destructive) { await model.remove(framework) }
            }
            Button(words("settings.frameworks.add")) { isChoosing = true }
        }
    }

    /// Everything in one file, which the person takes where they like.
    @ViewBuilder private var leaving: some View {
        Section {
            MainButton(words("settings.export"), model.act) {
                let file = FileManager.default.temporaryDirectory.appending(path: "kist-\(UUID().uuidString).zip")
                await model.export(to: file)
                archive = model.exported == nil ? nil : file
            }
            if let archive, let code = model.exported?.code {
                Said(words("settings.export.code"), code)
                ShareLink(words("settings.export.share"), item: archive)
            }
        } footer: {
            Text(words("settings.export.detail"))
        }
    }
}

/// What the person decided beforehand.
struct RulesView: View {
    @State private var model: RulesModel
    @Environment(\.words) private var words

    init(_ store: OpenStore) { _model = State(initialValue: RulesModel(store)) }

    var body: some View {
        List {
            if let problem = model.act.problem { ProblemRow(problem) }
            Loaded(model.rules) { rules in
                if rules.isEmpty { Empty(words("settings.rules.empty"), words("settings.rules.empty.text")) }
                ForEach(rules, id: \.id) { rule in
                    Text(words.rule(rule.rule))
                        .swipeActions { ActButton(words("settings.rules.remove"), role: .destructive) { await model.remove(rule) } }
                }
            }
            Section {
                ActButton(words("settings.rules.ask")) { await model.add(.alwaysAsk(organisation: nil)) }
                ActButton(words("settings.rules.quiet")) { await model.add(.quietHours(from: 22 * 60, until: 7 * 60)) }
            }
        }
        .navigationTitle(words("settings.rules"))
        .task { await model.load() }
    }
}

extension Words {
    /// What a rule says.
    fileprivate func rule(_ rule: Rule?) -> String {
        switch rule {
        case .alwaysAsk: self("settings.rules.ask")
        case .never(_, let what): self("settings.rules.never", ["what": .text(name(of: what))])
        case .quietHours: self("settings.rules.quiet")
        case .profile(let name, let fields):
            self("settings.rules.profile", ["name": .text(name), "what": .text(list(fields.map(self.name(of:))))])
        case .remember(_, _, let until):
            self("settings.rules.remember", ["day": .day(Date(timeIntervalSince1970: TimeInterval(until)))])
        case nil: self("settings.rules.unknown")
        }
    }

    private func name(of what: FieldPattern) -> String {
        what.path.map(field) ?? what.schema.map(kind) ?? self("settings.rules.everything")
    }
}
#endif
