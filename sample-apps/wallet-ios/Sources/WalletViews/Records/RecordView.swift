// One record, and things to settle.

#if canImport(SwiftUI)
import Kist
import SwiftUI
import WalletModels

struct RecordView: View {
    @State private var model: RecordModel
    @State private var note = ""
    @State private var isAsking = false
    @Environment(WalletModel.self) private var wallet
    @Environment(\.words) private var words

    init(_ store: OpenStore, _ id: String) { _model = State(initialValue: RecordModel(store, id: id)) }

    var body: some View {
        List {
            if let problem = model.act.problem { ProblemRow(problem) }
            Loaded(model.content) { content in
                if !content.conflicts.isEmpty {
                    Way(.conflicts, words("record.conflict.differing"), detail: words("record.conflict.text"))
                }
                Section { ForEach(content.fields, id: \.member) { FieldRow($0, model) } }
                Section {
                    Said(words("record.area"), words.area(content.record.area))
                    if !content.record.tags.isEmpty { Said(words("record.labels"), words.list(content.record.tags)) }
                }
                files(content)
                Section(words("record.note")) {
                    TextField(words("record.note.hint"), text: $note, axis: .vertical)
                    ActButton(words("record.note.keep")) { await model.setNote(note) }
                }
                Section(words("record.versions")) {
                    ForEach(content.changes, id: \.revision.revision) { change in
                        Said(
                            words("record.version", ["number": .number(Int64(change.revision.revision))]),
                            words.moment(change.revision.modificationDate))
                    }
                }
            }
            Section {
                Button(words("record.correct")) { wallet.go(to: .edit(model.id)) }
                ActButton(words("record.confirm.all")) { await model.confirm() }
                Button(words("record.trash"), role: .destructive) { isAsking = true }
            }
        }
        .navigationTitle(model.content.value.map { words.kind($0.record.schema) } ?? words("record.title"))
        .toolbar { favourite }
        .confirmationDialog(words("record.trash.detail"), isPresented: $isAsking, titleVisibility: .visible) {
            Button(words("record.trash"), role: .destructive) { Task { await model.trash() } }
        }
        .onChange(of: model.isGone) { _, isGone in if isGone { wallet.back() } }
        .task {
            await model.load()
            note = model.content.value?.marks.note ?? ""
        }
    }

    @ViewBuilder private var favourite: some View {
        let isOne = model.content.value?.marks.favourite ?? false
        Toggle(
            words("record.favourite"), systemImage: isOne ? "star.fill" : "star",
            isOn: Binding(get: { isOne }, set: { on in Task { await model.setFavourite(on) } }))
    }

    @ViewBuilder private func files(_ content: RecordContent) -> some View {
        if !content.record.files.isEmpty {
            Section(words("record.files")) {
                ForEach(content.record.files, id: \.id) { file in
                    Said(
                        file.name,
                        words("record.file.about", ["type": .text(file.mediaType), "size": .text(words.bytes(file.size))]))
                    ActButton(words("record.file.see")) { await model.look(at: file) }
                }
                #if canImport(UIKit)
                if let bytes = model.preview?.bytes, let image = UIImage(data: bytes) {
                    Image(uiImage: image).resizable().scaledToFit()
                        .accessibilityLabel(words("record.file.picture", ["file": .text(model.preview?.file.name ?? "")]))
                    Button(words("record.file.close")) { model.closePreview() }
                }
                #endif
            }
        }
    }
}

/// A field with its value, where it came from, and how fresh it is.
private struct FieldRow: View {
    let field: FieldDetail
    let model: RecordModel
    @Environment(\.words) private var words

    init(_ field: FieldDetail, _ model: RecordModel) { (self.field, self.model) = (field, model) }

    var body: some View {
        VStack(alignment: .leading, spacing: 4) {
            Text(words.field(field.member)).font(.subheadline).foregroundStyle(.secondary)
            Text(JSONValue.plain(field.value)).textSelection(.enabled)
            Label(source, systemImage: field.provenance.verifiedBy == nil ? "person" : "checkmark.seal")
                .font(.footnote)
            switch field.freshness {
            case .fresh: EmptyView()
            case .stale(let since):
                Label(words("record.stale", ["day": .text(since)]), systemImage: "hourglass").font(.footnote)
                ActButton(words("record.confirm")) { await model.confirm(field.member) }
            case .expired(let on):
                Label(words("record.expired", ["day": .text(on)]), systemImage: "calendar.badge.exclamationmark")
                    .font(.footnote)
            }
        }
        .accessibilityElement(children: .combine)
    }

    private var source: String {
        switch field.provenance.source {
        case .selfAsserted: words("record.source.self")
        case .imported: words("record.source.imported", ["from": .text(field.provenance.from ?? "")])
        case .delivered: words("record.source.delivered", ["organisation": .text(field.provenance.verifiedBy ?? "")])
        }
    }
}

/// Things to settle, side by side.
struct ConflictsView: View {
    @State private var model: ConflictsModel
    @Environment(\.words) private var words

    init(_ store: OpenStore) { _model = State(initialValue: ConflictsModel(store)) }

    var body: some View {
        List {
            if let problem = model.act.problem { ProblemRow(problem) }
            Loaded(model.conflicts) { conflicts in
                if conflicts.isEmpty { Empty(words("record.settle.none"), words("record.settle.none.text")) }
                ForEach(conflicts, id: \.self) { conflict in
                    Section(words.kind(conflict.schema)) {
                        ForEach(Array(conflict.sides.enumerated()), id: \.element.id) { place, side in
                            Said(side.title, differences(conflict, place))
                            ActButton(words("record.settle.keep")) {
                                await model.settle(conflict, as: .take(side: side.id))
                            }
                        }
                        ActButton(words("record.settle.all")) { await model.settle(conflict, as: .allRight) }
                    }
                }
            }
        }
        .navigationTitle(words("record.conflicts.title"))
        .task { await model.load() }
    }

    /// What one side says where they differ.
    private func differences(_ conflict: Conflict, _ place: Int) -> String {
        conflict.members.filter { !$0.same }.map { member in
            let value = member.fields[place].map { JSONValue.plain($0.value) } ?? words("record.settle.missing")
            return words("record.part", ["member": .text(words.field(member.member)), "value": .text(value)])
        }.joined(separator: "\n")
    }
}
#endif
