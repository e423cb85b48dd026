// What every screen shows of what takes time, and of what goes wrong.

#if canImport(SwiftUI)
import Kist
import SwiftUI
import WalletModels

/// What is loaded, or that it comes, or why it doesn't.
struct Loaded<Value: Sendable, Content: View>: View {
    let loader: Loader<Value>
    @ViewBuilder let content: (Value) -> Content

    init(_ loader: Loader<Value>, @ViewBuilder content: @escaping (Value) -> Content) {
        (self.loader, self.content) = (loader, content)
    }

    var body: some View {
        switch loader.state {
        case .loading: Working(loader.act)
        case .failed(let problem): ProblemRow(problem) { await loader.load() }
        case .ready(let value):
            if let problem = loader.act.problem { ProblemRow(problem) { await loader.load() } }
            content(value)
        }
    }
}

/// That something runs, how far it is, and a way to stop it.
struct Working: View {
    let act: Act
    @Environment(\.words) private var words

    init(_ act: Act) { self.act = act }

    var body: some View {
        VStack(alignment: .leading, spacing: 12) {
            if let progress = act.progress, progress.total > 0 {
                ProgressView(value: Double(progress.done), total: Double(progress.total)) { Text(words("state.loading")) }
            } else {
                ProgressView { Text(words("state.loading")) }
            }
            Button(words("act.cancel"), role: .cancel) { act.cancel() }
        }
        .accessibilityElement(children: .contain)
    }
}

/// What went wrong, and what can be done. Never by colour alone: a picture and a word say it too.
struct ProblemRow: View {
    let problem: Problem
    let again: (() async -> Void)?
    @Environment(\.words) private var words
    @Environment(WalletModel.self) private var wallet

    init(_ problem: Problem, again: (() async -> Void)? = nil) { (self.problem, self.again) = (problem, again) }

    var body: some View {
        VStack(alignment: .leading, spacing: 8) {
            Label {
                Text(words(problem.isOffline ? "banner.offline" : "banner.error")).font(.headline)
            } icon: {
                Image(systemName: problem.isOffline ? "wifi.slash" : "exclamationmark.triangle")
            }
            Text(problem.sentence)
            if !problem.advice.isEmpty { Text(problem.advice) }
            wayForward
        }
        .accessibilityElement(children: .contain)
    }

    @ViewBuilder private var wayForward: some View {
        switch problem.wayForward {
        case .tryAgain: if let again { Button(words("act.again")) { Task { await again() } } }
        case .openTrust, .setRelay: open(.settings)
        case .openRules: open(.rules)
        case .resume: open(.consents)
        case .addData: open(.kinds)
        case .typeAgain, .scanAgain, .askThem, .makeRoom, .restore, .goBack: EmptyView()
        }
    }

    @ViewBuilder private func open(_ route: Route) -> some View {
        if wallet.store != nil { Button(words("ways.\(problem.wayForward.rawValue)")) { wallet.go(to: route) } }
    }
}

/// That the store itself is damaged, with the way to what can be done. It stands where the store is opened and first read: an
/// imported file that is damaged says nothing of the store.
struct DamageRow: View {
    let problem: Problem?
    @Environment(\.words) private var words
    @Environment(WalletModel.self) private var wallet

    init(_ problem: Problem?) { self.problem = problem }

    var body: some View {
        if problem?.isDamage == true {
            Label(words("restore.damaged"), systemImage: "exclamationmark.triangle")
            Button(words("restore.damaged.see")) { wallet.seeDamage() }
        }
    }
}

/// What is said where there is nothing.
struct Empty: View {
    let title: String
    let text: String
    let picture: String

    init(_ title: String, _ text: String, picture: String = "tray") {
        (self.title, self.text, self.picture) = (title, text, picture)
    }

    var body: some View { ContentUnavailableView(title, systemImage: picture, description: Text(text)) }
}

/// The one thing to do on a screen. While it runs it shows that, and can be stopped.
struct MainButton: View {
    let title: String
    let act: Act
    let isEnabled: Bool
    let run: () async -> Void

    init(_ title: String, _ act: Act, isEnabled: Bool = true, run: @escaping () async -> Void) {
        (self.title, self.act, self.isEnabled, self.run) = (title, act, isEnabled, run)
    }

    var body: some View {
        if act.isRunning {
            Working(act)
        } else {
            Button {
                Task { await run() }
            } label: {
                Text(title).frame(maxWidth: .infinity, minHeight: 44)
            }
            .buttonStyle(.borderedProminent)
            .disabled(!isEnabled)
        }
        if let problem = act.problem { ProblemRow(problem, again: run) }
    }
}

/// A button that does something which takes time.
struct ActButton: View {
    let title: String
    let role: ButtonRole?
    let run: () async -> Void

    init(_ title: String, role: ButtonRole? = nil, run: @escaping () async -> Void) {
        (self.title, self.role, self.run) = (title, role, run)
    }

    var body: some View { Button(title, role: role) { Task { await run() } }.frame(minHeight: 44) }
}

/// A row that leads somewhere.
struct Way: View {
    let route: Route
    let title: String
    let detail: String?
    let picture: String?

    init(_ route: Route, _ title: String, detail: String? = nil, picture: String? = nil) {
        (self.route, self.title, self.detail, self.picture) = (route, title, detail, picture)
    }

    var body: some View {
        NavigationLink(value: route) {
            HStack {
                if let picture { Image(systemName: picture).accessibilityHidden(true) }
                Said(title, detail)
            }
        }
    }
}

/// A thing, and a word about it below.
struct Said: View {
    let title: String
    let detail: String?

    init(_ title: String, _ detail: String? = nil) { (self.title, self.detail) = (title, detail) }

    var body: some View {
        VStack(alignment: .leading, spacing: 2) {
            Text(title)
            if let detail { Text(detail).font(.subheadline).foregroundStyle(.secondary) }
        }
        .accessibilityElement(children: .combine)
    }
}
#endif
