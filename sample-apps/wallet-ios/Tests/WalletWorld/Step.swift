// The steps of the story of the clinic's desk at which the app is killed.

import Kist
import WalletModels

/// A step of J2, as the app does it.
public enum Step: String, CaseIterable, Sendable {
    /// The code is scanned, and the request on the screen.
    case scanned
    /// The person has ticked what is optional.
    case chosen
    /// The answer has begun, and the relay doesn't answer.
    case begun
    /// The decision is stored, and the relay doesn't answer.
    case answering
    /// What came is taken in.
    case received
    /// The consent is withdrawn, and the relay doesn't answer.
    case withdrawing

    /// Does it, from where the app comes back to. Where it is in the middle of sending, this returns while that goes on.
    @MainActor public func run(_ wallet: WalletModel, _ store: OpenStore, link: String) async throws {
        switch (self, wallet.path.last) {
        case (.scanned, _):
            wallet.go(to: .scan)
            await ScanModel(store, wallet).open(link)
        case (.chosen, .request(let id)):
            let request = RequestModel(store, wallet, id: id)
            await request.load()
            for field in request.evaluation?.fields ?? [] { request.setChosen(true, field) }
        case (.begun, .request(let id)):
            let request = RequestModel(store, wallet, id: id)
            await request.load()
            Task { await request.answer() }
            while !request.sending.isRunning { await Task.yield() }
        case (.answering, .request(let id)):
            let request = RequestModel(store, wallet, id: id)
            await request.load()
            let before = try await store.person.consents.list().count
            Task { await request.answer() }
            while try await store.person.consents.list().count == before, request.sending.problem == nil {
                await Task.yield()
            }
        case (.received, _):
            wallet.start(at: .inbox)
            await InboxModel(store).refresh()
        case (.withdrawing, _):
            guard let consent = try await store.person.consents.list().first else { return }
            wallet.start(at: .consents)
            wallet.go(to: .consent(consent.id))
            let model = ConsentModel(store, id: consent.id)
            Task { await model.withdraw() }
            while try await store.person.consents.get(consent.id).summary.state.isLive, model.act.problem == nil {
                await Task.yield()
            }
        default: break
        }
    }
}
