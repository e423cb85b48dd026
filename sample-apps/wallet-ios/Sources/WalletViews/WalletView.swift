// The wallet: which screen is in front, the cover in the app switcher, links that open the app.

#if canImport(SwiftUI)
import SwiftUI
import WalletModels

/// The root of the app.
public struct WalletView: View {
    @State private var wallet: WalletModel
    @Environment(\.scenePhase) private var phase

    public init(_ wallet: WalletModel) { _wallet = State(initialValue: wallet) }

    public var body: some View {
        screen
            .environment(wallet)
            .environment(\.words, wallet.words)
            .environment(\.locale, wallet.words.language.locale)
            .environment(\.layoutDirection, wallet.words.language.isRightToLeft ? .rightToLeft : .leftToRight)
            .overlay { if wallet.isCovered { Cover() } }
            .onOpenURL { wallet.follow($0.absoluteString) }
            .onChange(of: phase) { _, phase in
                switch phase {
                case .active: Task { await wallet.returned() }
                default: wallet.left()
                }
            }
            #if os(iOS)
            .onChange(of: phase) { _, phase in if phase == .background { BackgroundRefresh.schedule() } }
            #endif
    }

    @ViewBuilder private var screen: some View {
        switch wallet.screen {
        case .welcome: WelcomeView()
        case .practice: NavigationStack { PracticeView(wallet.words) { wallet.begin(.welcome) } }
        case .create: NavigationStack { CreateView(wallet) }
        case .restore: NavigationStack { RestoreView(wallet) }
        case .unlock: UnlockView(wallet)
        case .damaged: NavigationStack { DamagedView(wallet) }
        case .at: if let store = wallet.store { RoomsView(store) }
        }
    }
}

/// What the app switcher shows: nothing of the person.
private struct Cover: View {
    var body: some View {
        Rectangle().fill(.background).ignoresSafeArea()
            .overlay { Image(systemName: "lock.fill").font(.largeTitle).foregroundStyle(.secondary) }
            .accessibilityHidden(true)
    }
}

/// The rooms of the open wallet, one upon the other.
private struct RoomsView: View {
    let store: OpenStore
    @Environment(WalletModel.self) private var wallet

    init(_ store: OpenStore) { self.store = store }

    var body: some View {
        NavigationStack(path: path) {
            room(wallet.path.first ?? .home).navigationDestination(for: Route.self) { room($0) }
        }
    }

    /// What lies upon the first screen.
    private var path: Binding<[Route]> {
        Binding(get: { Array(wallet.path.dropFirst()) }, set: { wallet.show($0) })
    }

    @ViewBuilder private func room(_ route: Route) -> some View {
        switch route {
        case .home: HomeView(store)
        case .kit: KitView(store, wallet)
        case .search: SearchView(store)
        case .area(let area): AreaView(store, area)
        case .record(let id): RecordView(store, id)
        case .edit(let id): EditView(store, .record(id))
        case .add(let schema): EditView(store, .new(schema: schema))
        case .kinds: KindsView(store)
        case .conflicts: ConflictsView(store)
        case .imports: ImportsView(store)
        case .scan: ScanView(store, wallet)
        case .request(let id): RequestView(RequestModel(store, wallet, id: id))
        case .cluster(let id): ClusterScreen(store, wallet, id)
        case .receipt(let consent): ReceiptView(store, consent)
        case .inbox: InboxView(store)
        case .connections: ConnectionsView(store)
        case .directory: DirectoryView(store)
        default: quietRoom(route)
        }
    }

    @ViewBuilder private func quietRoom(_ route: Route) -> some View {
        switch route {
        case .consents: ConsentsView(store)
        case .consent(let id): ConsentView(store, id)
        case .rights: RightsView(store)
        case .right(let id): RightView(store, id)
        case .askRight(let consent): AskRightView(store, consent)
        case .history: HistoryView(store)
        case .devices: DevicesView(store)
        case .backup: BackupView(store)
        case .settings: SettingsView(store, wallet)
        case .rules: RulesView(store)
        case .practice: PracticeView(store.words) { wallet.back() }
        default: EmptyView()
        }
    }
}

extension EnvironmentValues {
    /// The words of the language that the screen is shown in.
    @Entry var words = Words(.english)
}
#endif
