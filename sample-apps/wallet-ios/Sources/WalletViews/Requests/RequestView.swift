// A request: who asks, why, for what, and the decision.

#if canImport(SwiftUI)
import Kist
import SwiftUI
import WalletModels

struct RequestView: View {
    @State private var model: RequestModel
    @State private var isRefusing = false
    @Environment(WalletModel.self) private var wallet
    @Environment(\.words) private var words

    init(_ model: RequestModel) { _model = State(initialValue: model) }

    var body: some View {
        List {
            if model.outcome == nil {
                Loaded(model.request) { request in
                    if model.isExpired {
                        Empty(words("request.gone.title"), words("request.gone.text"), picture: "clock.badge.xmark")
                    } else {
                        joint
                        verdict(request.evaluation.verdict)
                        RequestParts(model)
                        if model.canRemember { remember }
                        Text(words("request.answer_by", ["when": .date(request.expiryDate)]))
                        decision(request)
                    }
                }
            } else {
                outcome
            }
        }
        .navigationTitle(words("request.title", ["organisation": .text(organisation)]))
        .task { if model.request.value == nil { await model.load() } }
        .confirmationDialog(words("request.refuse.title"), isPresented: $isRefusing, titleVisibility: .visible) {
            Button(words("request.refuse.yes"), role: .destructive) { Task { await model.refuse() } }
        } message: {
            Text(words("request.refuse.text", ["organisation": .text(organisation)]))
        }
    }

    private var organisation: String { model.evaluation?.asker.organisation.name ?? "" }

    /// That others ask together with this one.
    @ViewBuilder private var joint: some View {
        if let cluster = model.cluster {
            Said(words("request.joint", ["cluster": .text(words.choose(cluster.name))]), words("request.joint.text"))
            Way(.cluster(cluster.id), words("request.joint.go"))
        }
    }

    /// Whether the same answer may be given again, and how long.
    private var remember: some View {
        Section {
            let chosen = Binding(get: { model.remember }, set: { model.setRemember($0) })
            Picker(words("request.remember"), selection: chosen) {
                ForEach(Remember.allCases, id: \.self) { Text(words("request.remember.\($0.rawValue)")).tag($0) }
            }
        } footer: {
            Text(words("request.remember.text"))
        }
    }

    @ViewBuilder private func verdict(_ verdict: RequestVerdict) -> some View {
        switch verdict {
        case .ask: EmptyView()
        case .askLater(let until):
            let when = Date(timeIntervalSince1970: TimeInterval(until))
            Said(words("request.rules.quiet", ["when": .date(when)]), words("request.rules.quiet.text"))
        case .remembered(_, let fields):
            Said(
                words("request.rules.remembered"),
                words("request.rules.remembered.text", ["fields": .text(words.list(fields.map(words.field)))]))
            ActButton(words("request.rules.remembered.share")) { await model.answerRemembered() }
        case .refuse(_, let fields):
            Said(
                words("request.rules.kept_back", ["fields": .text(words.list(fields.map(words.field)))]),
                words("request.rules.kept_back.text"))
        case .paused: Way(.consents, words("request.rules.paused"), detail: words("request.rules.paused.text"))
        }
    }

    @ViewBuilder private func decision(_ request: OpenRequest) -> some View {
        if let session = request.session {
            Said(words("request.session"), words(session == .acrossDevices ? "request.session.there" : "request.session.here"))
        }
        let count = Int64(model.chosen.count)
        MainButton(
            count == 0 ? words("request.share.nothing") : words("request.share", ["count": .number(count)]), model.sending,
            isEnabled: model.canAnswer
        ) { await model.answer() }
        Button(words("request.refuse"), role: .destructive) { isRefusing = true }
    }

    @ViewBuilder private var outcome: some View {
        switch model.outcome {
        case .agreed(let consent):
            Text(words("request.shared.title")).font(.title2).accessibilityAddTraits(.isHeader)
            Text(words("request.shared", ["organisation": .text(organisation)]))
            if model.canRemember, model.remember != .no {
                Said(
                    words("request.remember.done"), words("request.remember.done.text", ["rules": .text(words("rules.title"))]))
            }
            code
            Button(words("request.shared.receipt")) { wallet.replace(with: .receipt(consent: consent)) }
        case .given:
            Text(words("request.shared.title")).font(.title2).accessibilityAddTraits(.isHeader)
            Text(words("request.shared.once"))
            code
            Button(words("request.done")) { wallet.start(at: .home) }
        case .refused:
            Text(words("request.refused.title")).font(.title2).accessibilityAddTraits(.isHeader)
            Text(words("request.refused", ["organisation": .text(organisation)]))
            Button(words("request.done")) { wallet.start(at: .home) }
        case nil: EmptyView()
        }
    }

    @ViewBuilder private var code: some View {
        switch model.sessionCode {
        case .type(let digits):
            Said(words("request.code.type"), words("request.code.nobody"))
            Text(digits).font(.largeTitle.monospaced())
                .accessibilityLabel(digits.map(String.init).joined(separator: " "))
        case .open(let uri):
            if let address = URL(string: uri) { Link(words("request.code.open.go"), destination: address) }
        case nil: EmptyView()
        }
    }
}

/// Who asks, why, for what, and what becomes of it: of a real request, and of one in practice.
struct RequestParts: View {
    let model: RequestModel
    @Environment(\.words) private var words

    init(_ model: RequestModel) { self.model = model }

    var body: some View {
        if let evaluation = model.evaluation {
            who(evaluation.asker)
            ForEach(evaluation.warnings, id: \.self) { warning in
                Label(words.sentence(for: warning), systemImage: "exclamationmark.triangle")
            }
            Section(words("request.why")) {
                ForEach(evaluation.purposes, id: \.self) { purpose in
                    Said(words.choose(purpose.text), words.basis(purpose.legalBasis))
                }
            }
            Section {
                ForEach(model.parts) { part in PartView(part, model) }
            } header: {
                Text(words("request.what"))
            } footer: {
                Text(words("request.what.text"))
            }
            ForEach(Array(evaluation.alternatives.enumerated()), id: \.offset) { place, alternatives in
                options(alternatives, place)
            }
            after(evaluation)
        }
    }

    @ViewBuilder private func who(_ asker: Asker) -> some View {
        Section {
            Text(asker.organisation.name).font(.title2).accessibilityAddTraits(.isHeader)
            if let client = asker.onBehalfOf {
                let names: [String: Words.Value] = [
                    "supplier": .text(asker.organisation.name), "organisation": .text(client.name),
                ]
                Text(words("request.who.supplier", names))
            }
            if asker.framework.isEmpty {
                Label(words("request.who.nobody"), systemImage: "exclamationmark.triangle")
            } else {
                let known: [String: Words.Value] = ["framework": .text(asker.framework), "day": .day(asker.activeSinceDate)]
                Label(words("request.who.framework", known), systemImage: "checkmark.seal")
            }
        }
    }

    @ViewBuilder private func options(_ alternatives: Alternatives, _ place: Int) -> some View {
        Section {
            ForEach(Array(alternatives.options.enumerated()), id: \.offset) { option, offered in
                ActButton(words.list(offered.fields.map(words.field))) { await model.take(option: option, at: place) }
                    .disabled(!offered.available)
                if offered.available, !offered.less.isEmpty {
                    Text(words("request.tells_more")).font(.footnote)
                } else if offered.available, offered.byDefault {
                    Text(words("request.tells_least")).font(.footnote)
                }
            }
        } header: {
            Text(words("request.either"))
        } footer: {
            Text(words(alternatives.required ? "request.either.needed" : "request.either.optional"))
        }
    }

    @ViewBuilder private func after(_ evaluation: Evaluation) -> some View {
        Section(words("request.after")) {
            if let terms = evaluation.agreement {
                if terms.rights.read { Text(words("request.right.read")) }
                if terms.rights.deliver { Text(words("request.right.deliver")) }
                if terms.rights.update { Text(words("request.right.update")) }
                if !terms.recipients.isEmpty {
                    let names = words.list(terms.recipients.map(\.name))
                    Text(words("request.recipients", ["organisations": .text(names)]))
                }
                if !terms.storage.isEmpty {
                    let countries = words.list(terms.storage.map(words.country))
                    Text(words("request.storage", ["countries": .text(countries)]))
                }
                switch terms.validity {
                case .once: Text(words("request.holds.once"))
                case .until(let at):
                    Text(words("request.holds.until", ["when": .day(Date(timeIntervalSince1970: TimeInterval(at)))]))
                case .standing: Text(words("request.holds.standing"))
                }
                Text(words("request.take_back"))
            } else {
                Text(words("request.once_only"))
            }
            ForEach(evaluation.purposes, id: \.self) { purpose in
                Text(words("request.retention", ["time": .text(words.period(purpose.retention))]))
                let kept = purpose.keptAfterWithdrawal.map { words.choose($0.text) }
                Text(kept.isEmpty ? words("request.kept.nothing") : words("request.kept", ["what": .text(words.list(kept))]))
            }
        }
    }
}

extension Words {
    /// A country, by its two letters; what is none is given back.
    fileprivate func country(_ code: String) -> String { language.locale.localizedString(forRegionCode: code) ?? code }

    /// By what right they ask.
    fileprivate func basis(_ basis: String) -> String {
        has("request.basis.\(basis)") ? self("request.basis.\(basis)") : self("request.basis.other", ["basis": .text(basis)])
    }
}

/// What is given together, each field with its tick.
private struct PartView: View {
    let part: RequestPart
    let model: RequestModel
    @Environment(\.words) private var words

    init(_ part: RequestPart, _ model: RequestModel) { (self.part, self.model) = (part, model) }

    var body: some View {
        Text(words.kind(part.schema)).font(.headline).accessibilityAddTraits(.isHeader)
        ForEach(Array(part.fields.enumerated()), id: \.offset) { _, field in
            if field.matches.isEmpty {
                Said(
                    words.field(field.path ?? field.credential),
                    words(field.required ? "request.missing.needed" : "request.missing"))
            } else {
                Toggle(isOn: ticked(field)) { FieldLabel(field, model) }
                    .disabled(model.isFixed(field) || field.withheldBy != nil)
            }
        }
        if let first = part.fields.first, first.matches.count > 1 {
            Picker(words("request.which"), selection: candidate(first)) {
                ForEach(first.matches, id: \.candidate) { match in
                    Text(words.list(match.values.map { JSONValue.plain($0.value) })).tag(match.candidate)
                }
            }
        }
    }

    private func ticked(_ field: FieldEvaluation) -> Binding<Bool> {
        Binding(get: { model.isChosen(field) }, set: { model.setChosen($0, field) })
    }

    private func candidate(_ field: FieldEvaluation) -> Binding<String> {
        Binding(get: { model.match(of: field)?.candidate ?? "" }, set: { model.answer(part, from: $0) })
    }
}

/// A field with its value, where that came from, and what to know about it.
private struct FieldLabel: View {
    let field: FieldEvaluation
    let model: RequestModel
    @Environment(\.words) private var words

    init(_ field: FieldEvaluation, _ model: RequestModel) { (self.field, self.model) = (field, model) }

    var body: some View {
        VStack(alignment: .leading, spacing: 4) {
            let name = words.field(field.path ?? field.credential)
            if let match = model.match(of: field) {
                let value = words.list(match.values.map { JSONValue.plain($0.value) })
                Text(words("request.give", ["field": .text(name), "value": .text(value)]))
                Text(source(of: match)).font(.footnote).foregroundStyle(.secondary)
            }
            Text(words(field.required ? "request.needed" : "request.optional")).font(.footnote.bold())
            if let why = field.purpose { Text(words("request.field_why", ["why": .text(words.choose(why))])).font(.footnote) }
            if !field.values.isEmpty {
                let values = words.list(field.values.map { JSONValue.plain($0) })
                Text(words("request.one_of", ["values": .text(values)])).font(.footnote)
            }
            ForEach(field.overAsking, id: \.self) { reason in
                Label {
                    Text(words("request.over", ["field": .text(name)]) + " " + words("request.over.\(reason)"))
                } icon: {
                    Image(systemName: "exclamationmark.triangle")
                }
                .font(.footnote)
            }
            if field.sensitive { Label(words("request.sensitive"), systemImage: "hand.raised").font(.footnote) }
            if let linking = field.linking { Label(words("request.linking.\(linking)"), systemImage: "link").font(.footnote) }
            if field.withheldBy != nil { Label(words("request.withheld"), systemImage: "lock").font(.footnote) }
            if let before = field.lastSharedDate {
                Text(words("request.shared_before", ["day": .day(before)])).font(.footnote)
            }
        }
        .accessibilityElement(children: .combine)
    }

    private func source(of match: FieldMatch) -> String {
        let day = Words.Value.day(match.knownSinceDate)
        let source =
            switch match.issuer {
            case .selfAsserted: words("request.source.own", ["day": day])
            case .organisation(_, let name): words("request.source.signed", ["organisation": .text(name), "day": day])
            }
        guard match.expired, let end = match.expiryDate else { return source }
        return words("request.source.over", ["source": .text(source), "day": .day(end)])
    }
}
#endif
