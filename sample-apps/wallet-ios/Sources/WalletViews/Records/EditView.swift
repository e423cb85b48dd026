// Adding and editing by forms, choosing a kind, importing.

#if canImport(SwiftUI)
import Kist
import SwiftUI
import UniformTypeIdentifiers
import WalletModels

/// The form of a record.
struct EditView: View {
    @State private var model: EditModel
    @State private var isChoosing = false
    @Environment(WalletModel.self) private var wallet
    @Environment(\.words) private var words

    init(_ store: OpenStore, _ subject: EditModel.Subject) { _model = State(initialValue: EditModel(store, subject)) }

    var body: some View {
        Form {
            Loaded(model.form) { form in
                ForEach(form.fields) { field in
                    Section {
                        input(field)
                        if let problem = model.problems[field.id] {
                            Label(problem.sentence, systemImage: "exclamationmark.triangle")
                        }
                    } header: {
                        Text(name(of: field))
                    }
                }
                labels
                files
                MainButton(words("edit.save"), model.saving) { await model.save() }
                if model.saving.problem?.code == "RecordInvalid" {
                    ActButton(words("edit.anyway")) { await model.save(anyway: true) }
                }
            }
        }
        .navigationTitle(words.kind(model.schema))
        .onChange(of: model.saved) { _, saved in if let saved { wallet.replace(with: .record(saved)) } }
        .task { await model.load() }
        .onDisappear { Task { await model.giveUp() } }
        .fileImporter(isPresented: $isChoosing, allowedContentTypes: [.item]) { chosen in
            guard case .success(let file) = chosen else { return }
            Task {
                let isOpen = file.startAccessingSecurityScopedResource()
                await model.attachments.add(file)
                if isOpen { file.stopAccessingSecurityScopedResource() }
            }
        }
    }

    /// What it is found by besides its content.
    private var labels: some View {
        Section {
            Picker(words("edit.area"), selection: $model.area) {
                ForEach(model.areas, id: \.self) { Text(words.area($0)).tag($0) }
            }
            TextField(words("edit.tags"), text: $model.labels).autocorrectionDisabled()
        } footer: {
            Text(words("edit.tags.hint"))
        }
    }

    @ViewBuilder private var files: some View {
        Section(words("edit.files")) {
            ForEach(model.attachments.files) { attached in
                Said(attached.file.name, words.bytes(attached.file.size))
                if model.sender == nil {
                    ActButton(words("edit.files.remove", ["file": .text(attached.file.name)]), role: .destructive) {
                        await model.attachments.remove(attached)
                    }
                }
            }
            if let sender = model.sender {
                Text(words("edit.files.sent", ["sender": .text(sender)]))
            } else if model.attachments.act.isRunning {
                Working(model.attachments.act)
            } else {
                Button(words("edit.files.add")) { isChoosing = true }
            }
            if let problem = model.attachments.act.problem { ProblemRow(problem) }
        }
    }

    private func name(of field: RecordForm.Field) -> String {
        let name = words.field(field.id)
        return field.required ? name : words("edit.optional", ["field": .text(name)])
    }

    @ViewBuilder private func input(_ field: RecordForm.Field) -> some View {
        let text = Binding(get: { model.typed[field.id] ?? "" }, set: { model.type($0, into: field) })
        switch field.kind {
        case .choice(let options):
            Picker(name(of: field), selection: text) {
                Text(words("edit.not_said")).tag("")
                ForEach(options, id: \.self) { Text($0).tag($0) }
            }
        case .yesOrNo:
            Picker(name(of: field), selection: text) {
                Text(words("edit.not_said")).tag("")
                Text(words("record.yes")).tag("true")
                Text(words("record.no")).tag("false")
            }
        case .longText, .list: TextField(name(of: field), text: text, axis: .vertical).lineLimit(3...)
        case .date: DayField(name(of: field), text)
        case .email: plain(name(of: field), text, .email)
        case .integer, .number: plain(name(of: field), text, .number)
        case .text, .time: plain(name(of: field), text, .any)
        }
    }

    private enum Keys { case any, email, number }

    @ViewBuilder private func plain(_ name: String, _ text: Binding<String>, _ keys: Keys) -> some View {
        #if os(iOS)
        TextField(name, text: text)
            .keyboardType(keys == .email ? .emailAddress : keys == .number ? .decimalPad : .default)
            .textInputAutocapitalization(keys == .email ? .never : .sentences)
        #else
        TextField(name, text: text)
        #endif
    }
}

/// A day, or none.
private struct DayField: View {
    let name: String
    @Binding var text: String
    @Environment(\.words) private var words

    private static let format = Date.ISO8601FormatStyle().year().month().day()

    init(_ name: String, _ text: Binding<String>) { (self.name, _text) = (name, text) }

    var body: some View {
        if let day = try? Self.format.parse(text) {
            DatePicker(
                name, selection: Binding(get: { day }, set: { text = $0.formatted(Self.format) }),
                displayedComponents: .date)
            Button(words("edit.remove", ["field": .text(name)])) { text = "" }
        } else {
            TextField(name, text: $text)
            Button(words("edit.add", ["field": .text(name)])) { text = Date().formatted(Self.format) }
        }
    }
}

/// Which kind of record to add.
struct KindsView: View {
    @State private var model: KindsModel
    @Environment(\.words) private var words

    init(_ store: OpenStore) { _model = State(initialValue: KindsModel(store)) }

    var body: some View {
        List {
            Way(.imports, words("edit.import"), picture: "square.and.arrow.down")
            Loaded(model.areas) { areas in
                ForEach(areas) { area in
                    Section(words.area(area.id)) {
                        ForEach(area.kinds, id: \.uri) { Way(.add(schema: $0.uri), words.kind($0.uri)) }
                    }
                }
            }
        }
        .navigationTitle(words("edit.kinds.title"))
        .task { await model.load() }
    }
}

/// An import: what will be taken is seen before it is.
struct ImportsView: View {
    @State private var model: ImportsModel
    @State private var isChoosing = false
    @Environment(\.words) private var words

    init(_ store: OpenStore) { _model = State(initialValue: ImportsModel(store)) }

    var body: some View {
        List {
            if let report = model.report {
                Text(words("imports.added", ["count": .number(Int64(report.added.count))])).font(.headline)
                Button(words("imports.another")) { model.startAgain() }
            } else if let plan = model.plan {
                Text(words("imports.nothing_yet"))
                ForEach(Array(plan.records.enumerated()), id: \.offset) { place, record in
                    Toggle(isOn: taken(place)) {
                        Said(record.title, record.already == nil ? words.kind(record.schema) : words("imports.record.already"))
                    }
                    .disabled(record.already != nil)
                }
                leftOut(plan)
                MainButton(
                    words("imports.take", ["count": .number(Int64(model.count))]), model.act, isEnabled: model.count > 0
                ) { await model.take() }
            } else {
                Text(words("imports.why"))
                Toggle(isOn: $model.mine) { Said(words("imports.mine"), words("imports.mine.detail")) }
                MainButton(words("imports.file"), model.act) { isChoosing = true }
            }
        }
        .navigationTitle(words("imports.title"))
        .fileImporter(isPresented: $isChoosing, allowedContentTypes: [.item, .folder]) { chosen in
            guard case .success(let file) = chosen else { return }
            Task {
                let isOpen = file.startAccessingSecurityScopedResource()
                await model.read(file)
                if isOpen { file.stopAccessingSecurityScopedResource() }
            }
        }
    }

    private func taken(_ place: Int) -> Binding<Bool> {
        Binding(get: { !model.without.contains(place) }, set: { model.setTaken($0, at: place) })
    }

    @ViewBuilder private func leftOut(_ plan: ImportPlan) -> some View {
        if !plan.leftOut.isEmpty {
            Section(words("imports.left_out")) {
                ForEach(Array(plan.leftOut.enumerated()), id: \.offset) { _, remark in
                    Said(remark.field, words("imports.reason.\(remark.reason)"))
                }
            }
        }
    }
}
#endif
