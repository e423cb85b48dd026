// The wallet as a whole: which screen is in front, and how the app comes back to it.

import Foundation
import Kist
import Observation

/// The root of the app.
@MainActor @Observable public final class WalletModel {
    /// What is in front.
    public enum Screen: Hashable, Sendable {
        case welcome
        case practice
        case create
        case restore
        case unlock
        /// What can be done about a store that is damaged.
        case damaged
        case at(Route)
    }

    /// Before there is a store: what the person chose at the welcome.
    public enum Beginning: Hashable, Sendable { case welcome, practice, create, restore }

    public let device: Device
    public let session: Session
    public private(set) var words: Words
    public private(set) var preferences: Preferences
    /// The screens, the one in front last.
    public private(set) var path: [Route]
    /// Whether the app's picture in the switcher must show nothing.
    public private(set) var isCovered = false
    /// A link by which the app was opened, until it is followed.
    public private(set) var link: String?
    private var beginning = Beginning.welcome
    private var seesDamage = false
    @ObservationIgnored private var drafts: [RequestDraft]

    /// How many requests keep what was chosen in them; the oldest goes first.
    private static let mostDrafts = 64

    public init(_ device: Device) {
        self.device = device
        session = Session(device)
        let preferences = device.preferences.read() ?? Preferences()
        self.preferences = preferences
        words = Words(preferences.language ?? .preferred)
        let place = device.place.read() ?? Place()
        path = place.path.isEmpty ? [.home] : place.path
        drafts = place.drafts
    }

    /// What to show. A wallet that was locked comes back to where it was when it is unlocked.
    public var screen: Screen {
        if seesDamage { return .damaged }
        return switch session.state {
        case .open: .at(path.last ?? .home)
        case .locked: .unlock
        case .none:
            switch beginning {
            case .welcome: .welcome
            case .practice: .practice
            case .create: .create
            case .restore: .restore
            }
        }
    }

    /// The open store, for the models of screens.
    public var store: OpenStore? {
        session.person.map { OpenStore(person: $0, words: words, now: device.now) }
    }

    // MARK: Going about

    /// At the welcome: chooses how to begin, or goes back to it.
    public func begin(_ beginning: Beginning) { self.beginning = beginning }

    /// Goes to a place, from where one comes back to this one.
    public func go(to route: Route) {
        guard path.last != route else { return }
        path.append(route)
        keepPlace()
    }

    /// Goes to a place instead of this one.
    public func replace(with route: Route) {
        path[path.count - 1] = route
        keepPlace()
    }

    /// Goes to one of the main places, with nothing beneath but home.
    public func start(at route: Route) {
        path = route == .home ? [.home] : [.home, route]
        keepPlace()
    }

    /// Shows these upon the first screen: the person went back, by whatever gesture the platform has.
    public func show(_ upon: [Route]) {
        path = [path.first ?? .home] + upon
        keepPlace()
    }

    /// Goes back.
    public func back() {
        if path.count > 1 { path.removeLast() }
        keepPlace()
    }

    /// The app was opened by a link: it is followed as soon as the wallet is open.
    public func follow(_ link: String) {
        self.link = link
        if session.person != nil { go(to: .scan) }
    }

    /// Takes the link that the app was opened by, once.
    public func takeLink() -> String? {
        defer { link = nil }
        return link
    }

    // MARK: The store

    /// A store was created, opened or restored.
    public func opened(_ person: Person) {
        session.opened(person)
        beginning = .welcome
        if link != nil { go(to: .scan) }
    }

    /// Shows what can be done about a damaged store.
    public func seeDamage() { seesDamage = true }

    /// Goes back from there.
    public func leaveDamage() { seesDamage = false }

    /// Puts a damaged store aside, whole, in a folder beside its own, and leads to where one is restored in its place.
    public func setAside() async throws {
        try await session.setAside()
        set { $0.unlocksWithDevice = false }
        (path, drafts, seesDamage, beginning) = ([.home], [], false, .restore)
        keepPlace()
    }

    /// Closes the store. The place stays.
    public func lock() async { await session.lock() }

    /// The app goes out of sight: nothing of it may be seen in the app switcher.
    public func left() {
        isCovered = true
        session.left()
    }

    /// The app is in sight again.
    public func returned() async {
        await session.returned(lockAfterMinutes: preferences.lockAfterMinutes)
        isCovered = false
    }

    /// What the platform lets the app do while it isn't in sight: takes in what came and sends what waits, where the
    /// store is open. Tells whether all of it was done.
    public func refreshInBackground() async -> Bool {
        guard let person = session.person else { return false }
        do {
            try await person.inbox.refresh()
            if try await person.backup.status().relay != nil { _ = try await person.backup.run().value }
            return true
        } catch {
            return false
        }
    }

    // MARK: What is kept on this phone

    /// Changes what the person set.
    public func set(_ change: (inout Preferences) -> Void) {
        change(&preferences)
        device.preferences.write(preferences)
        let language = preferences.language ?? .preferred
        if language != words.language { words = Words(language) }
    }

    /// What was chosen in a request before the app was killed.
    public func draft(of request: String) -> RequestDraft? { drafts.first { $0.request == request } }

    /// Keeps what is chosen in a request; nil forgets it.
    public func keep(_ draft: RequestDraft?, of request: String) {
        drafts.removeAll { $0.request == request }
        if let draft { drafts = drafts.suffix(Self.mostDrafts - 1) + [draft] }
        keepPlace()
    }

    private func keepPlace() { device.place.write(Place(path: path, drafts: drafts)) }
}
