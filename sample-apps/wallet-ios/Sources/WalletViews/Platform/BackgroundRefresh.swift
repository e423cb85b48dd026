// What the system lets the app do while nobody looks at it.

#if canImport(SwiftUI) && os(iOS)
import BackgroundTasks
import SwiftUI
import WalletModels

/// The refresh in the background: takes in what came, sends what waits, and brings the backup up to date.
public enum BackgroundRefresh {
    /// Its name, which stands in Info.plist too.
    public static let identifier = "org.kist.wallet.refresh"
    private static let earliest: TimeInterval = 15 * 60

    /// Asks the system for the next one. It decides when, or whether at all.
    static func schedule() {
        let request = BGAppRefreshTaskRequest(identifier: identifier)
        request.earliestBeginDate = Date(timeIntervalSinceNow: earliest)
        try? BGTaskScheduler.shared.submit(request) // refused where the person switched it off: opening the app does it then
    }
}

extension Scene {
    /// Refreshes the wallet in the background.
    public func refreshing(_ wallet: WalletModel) -> some Scene {
        backgroundTask(.appRefresh(BackgroundRefresh.identifier)) {
            BackgroundRefresh.schedule()
            _ = await wallet.refreshInBackground()
        }
    }
}
#endif
