// The receipt: what was agreed, and whether the organisation has signed it.

import Foundation
import Kist
import Observation

/// The screen of a receipt.
@MainActor @Observable public final class ReceiptModel {
    public let consent: Loader<ConsentDetail>
    /// Sending and taking in.
    public let refreshing: Act
    /// The receipt as a page, to read and print.
    public private(set) var page: String?
    private let store: OpenStore
    private let id: String

    public init(_ store: OpenStore, consent id: String) {
        (self.store, self.id) = (store, id)
        refreshing = Act(store.words)
        let person = store.person
        consent = Loader(store.words) { try await person.consents.get(id) }
    }

    /// Shows what is on the phone.
    public func load() async { await consent.load() }

    /// Sends the answer where it waits, and takes in the receipt where it came.
    public func refresh() async {
        let person = store.person
        await refreshing.run {
            try await person.requests.resume()
            _ = try await person.inbox.refresh()
        }
        await consent.load()
    }

    /// Whether both sides have signed.
    public var isSigned: Bool { consent.value?.receipt != nil }

    /// Makes the page.
    public func makePage() async {
        let (person, id, catalogue) = (store.person, id, store.words.catalogue)
        page = await refreshing.run { try await person.consents.receiptPage(of: id, catalogue: catalogue) }
    }
}
