// The screens before the wallet is open: welcome, practice, making, unlocking, restoring.

#if canImport(SwiftUI)
import SwiftUI
import WalletModels

/// What this is, and where it can begin.
struct WelcomeView: View {
    @Environment(WalletModel.self) private var wallet
    @Environment(\.words) private var words

    var body: some View {
        ScrollView {
            VStack(alignment: .leading, spacing: 20) {
                Text(words("welcome.title")).font(.largeTitle).accessibilityAddTraits(.isHeader)
                Text(words("welcome.what"))
                Label(words("welcome.yours"), systemImage: "lock")
                Label(words("welcome.consent"), systemImage: "checkmark.seal")
                Label(words("welcome.safe"), systemImage: "arrow.counterclockwise")
                Picker(words("welcome.language"), selection: language) {
                    ForEach(Language.allCases, id: \.self) { Text($0.ownName).tag($0) }
                }
                Button(words("welcome.create")) { wallet.begin(.create) }.buttonStyle(.borderedProminent)
                Button(words("welcome.practice")) { wallet.begin(.practice) }
                Button(words("welcome.restore")) { wallet.begin(.restore) }
            }
            .controlSize(.large)
            .padding()
        }
    }

    private var language: Binding<Language> {
        Binding(get: { words.language }, set: { chosen in wallet.set { $0.language = chosen } })
    }
}

/// A make-believe clinic.
struct PracticeView: View {
    @State private var model: PracticeModel
    @Environment(\.words) private var words
    private let end: @MainActor () -> Void

    init(_ words: Words, end: @escaping @MainActor () -> Void) {
        _model = State(initialValue: PracticeModel(words))
        self.end = end
    }

    var body: some View {
        List {
            Section {
                Text(words("practice.banner")).font(.headline)
                Text(words("practice.banner.text"))
            }
            switch model.step {
            case .start:
                Text(words("practice.what"))
                Text(words("practice.how"))
                ActButton(words("practice.desk.scan")) { await model.scan() }
            case .request:
                RequestParts(model.request)
                let count = Int64(model.request.chosen.count)
                MainButton(
                    words("request.share", ["count": .number(count)]), model.request.sending,
                    isEnabled: model.request.canAnswer
                ) { await model.answer() }
                ActButton(words("request.refuse")) { await model.refuse() }
            case .receipt:
                Text(words("practice.withdraw.text"))
                Button(words("practice.withdraw.yes")) { model.withdraw() }
            case .withdrawn:
                Text(words("practice.end.nothing"))
                Text(words("practice.end.text"))
            }
            Button(words("act.back"), action: end)
        }
        .navigationTitle(words("practice.title"))
    }
}

/// A passphrase, and whether the phone's own lock opens the wallet too.
struct CreateView: View {
    @State private var model: CreateModel
    @Environment(WalletModel.self) private var wallet
    @Environment(\.words) private var words

    init(_ wallet: WalletModel) { _model = State(initialValue: CreateModel(wallet)) }

    var body: some View {
        Form {
            Section {
                Text(words("create.why"))
                SecureField(words("passphrase"), text: $model.passphrase).textContentType(.newPassword)
                SecureField(words("create.again"), text: $model.again).textContentType(.newPassword)
            } footer: {
                Text(words("create.hint"))
            }
            if model.offersDevice {
                Section {
                    Toggle(words("create.device"), isOn: $model.unlocksWithDevice)
                } footer: {
                    Text(words("create.device.detail"))
                }
            }
            Text(words("create.forget"))
            MainButton(words("create.create"), model.act) { await model.create() }
            Button(words("act.back")) { wallet.begin(.welcome) }
        }
        .navigationTitle(words("create.title"))
    }
}

/// The locked wallet.
struct UnlockView: View {
    @State private var model: UnlockModel
    @Environment(\.words) private var words

    init(_ wallet: WalletModel) { _model = State(initialValue: UnlockModel(wallet)) }

    var body: some View {
        Form {
            Text(words("unlock.title")).font(.title).accessibilityAddTraits(.isHeader)
            SecureField(words("passphrase"), text: $model.passphrase)
                .textContentType(.password)
                .onSubmit { Task { await model.unlock() } }
            MainButton(words("unlock.open"), model.act) { await model.unlock() }
            DamageRow(model.act.problem)
            if model.offersDevice { ActButton(words("unlock.device")) { await model.unlockWithDevice() } }
        }
        .task { if model.offersDevice { await model.unlockWithDevice() } }
    }
}

/// What can be done about a store that is damaged.
struct DamagedView: View {
    @State private var model: DamagedModel
    @Environment(\.words) private var words

    init(_ wallet: WalletModel) { _model = State(initialValue: DamagedModel(wallet)) }

    var body: some View {
        Form {
            Text(words("restore.damaged.text"))
            Text(words("restore.damaged.aside"))
            Text(words("restore.damaged.no_code"))
            MainButton(words("restore.damaged.restore"), model.act) { await model.restore() }
            Button(words("act.back")) { model.leave() }
        }
        .navigationTitle(words("restore.damaged"))
    }
}

/// Bringing everything back.
struct RestoreView: View {
    @State private var model: RestoreModel
    @Environment(WalletModel.self) private var wallet
    @Environment(\.words) private var words

    init(_ wallet: WalletModel) { _model = State(initialValue: RestoreModel(wallet)) }

    var body: some View {
        Form {
            if let report = model.report {
                Text(words("restore.done")).font(.title2).accessibilityAddTraits(.isHeader)
                Text(words("restore.records", ["count": .number(Int64(clamping: report.records))]))
                Button(words("restore.go")) { model.finish() }.buttonStyle(.borderedProminent)
            } else if let found = model.found {
                Text(words("restore.found", ["device": .text(found.deviceName), "when": .date(found.madeAt)]))
                Text(words("restore.found.why"))
                MainButton(words("restore.confirm"), model.act) { await model.confirm() }
            } else {
                Section {
                    TextField(words("restore.code"), text: $model.code, axis: .vertical)
                        .autocorrectionDisabled().monospaced()
                    if let problem = model.codeProblem { ProblemRow(problem) }
                    #if canImport(UIKit)
                    PictureButton(words("restore.picture")) { model.scanned($0) }
                    #endif
                    TextField(words("create.where.relay"), text: $model.relay)
                }
                Section {
                    SecureField(words("passphrase"), text: $model.passphrase).textContentType(.newPassword)
                    SecureField(words("create.again"), text: $model.again).textContentType(.newPassword)
                } footer: {
                    Text(words("restore.passphrase.why"))
                }
                MainButton(words("restore.start"), model.act) { await model.restore() }
            }
            if model.report == nil { Button(words("act.back")) { wallet.begin(.welcome) } }
        }
        .navigationTitle(words("restore.title"))
    }
}
#endif
