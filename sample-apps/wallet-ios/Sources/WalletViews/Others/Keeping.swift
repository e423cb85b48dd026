// History, devices, backup.

#if canImport(SwiftUI)
import Kist
import SwiftUI
import WalletModels

struct HistoryView: View {
    @State private var model: HistoryModel
    @Environment(\.words) private var words

    init(_ store: OpenStore) { _model = State(initialValue: HistoryModel(store)) }

    var body: some View {
        List {
            if let verified = model.verified {
                Label(
                    words("history.whole.text", ["count": .number(Int64(clamping: verified.entries))]),
                    systemImage: "checkmark.seal")
            }
            MainButton(words("history.verify"), model.act) { await model.verify() }
            Loaded(model.entries) { _ in
                Picker(words("connections.organisations"), selection: $model.organisation) {
                    Text(words("history.topic.all")).tag(String?.none)
                    ForEach(model.organisations.sorted { $0.value < $1.value }, id: \.key) { Text($0.value).tag(Optional($0.key)) }
                }
                if model.shown.isEmpty { Empty(words("history.empty.title"), words("history.empty.text")) }
                ForEach(model.shown, id: \.sequence) { entry in
                    let number = Int64(clamping: entry.sequence)
                    Said(
                        words.happened(entry),
                        words("history.entry", ["when": .date(entry.date), "number": .number(number)]))
                }
            }
        }
        .navigationTitle(words("consents.place.history"))
        .task { await model.load() }
    }
}

struct DevicesView: View {
    @State private var model: DevicesModel
    @Environment(\.words) private var words

    init(_ store: OpenStore) { _model = State(initialValue: DevicesModel(store)) }

    var body: some View {
        List {
            Loaded(model.devices) { devices in
                ForEach(devices, id: \.id) { device in
                    Said(device.name, device.thisDevice ? words("devices.this") : nil)
                }
            }
        }
        .navigationTitle(words("devices.title"))
        .task { await model.load() }
    }
}

struct BackupView: View {
    @State private var model: BackupModel
    @Environment(\.words) private var words

    init(_ store: OpenStore) { _model = State(initialValue: BackupModel(store)) }

    var body: some View {
        List {
            Loaded(model.status) { status in
                if status.relay == nil {
                    Way(.kit, words("home.backup.set_up"), detail: words("home.backup.none.text"))
                } else {
                    Text(last(status))
                    if model.isKitUnchecked { Way(.kit, words("create.kit.title"), detail: words("create.check.why")) }
                    MainButton(words("backup.run"), model.act) { await model.run() }
                    ActButton(words("backup.test")) { await model.rehearse() }
                    if let found = model.rehearsal {
                        Label(
                            words(
                                "backup.tested",
                                ["count": .number(Int64(clamping: found.records)), "when": .date(found.backupDate)]),
                            systemImage: "checkmark.seal")
                    }
                    Way(.devices, words("devices.title"))
                }
            }
        }
        .navigationTitle(words("backup.title"))
        .task { await model.load() }
    }

    private func last(_ status: BackupStatus) -> String {
        status.lastBackupDate.map { words("home.backup.last", ["when": .date($0)]) } ?? words("home.backup.never")
    }
}
#endif
