// Scanning: a camera's picture, an image, a text or a link, and where it leads.

import Foundation
import Kist
import Observation

/// The scanning of a code.
@MainActor @Observable public final class ScanModel {
    /// The fetching of what a code leads to.
    public let act: Act
    /// What is typed or pasted.
    public var text = ""
    private let store: OpenStore
    private let wallet: WalletModel

    public init(_ store: OpenStore, _ wallet: WalletModel) {
        (self.store, self.wallet) = (store, wallet)
        act = Act(store.words)
    }

    /// The app was opened by a link: follows it.
    public func followLink() async {
        if let link = wallet.takeLink() { await open(link) }
    }

    /// A picture of the camera. One without a code is nothing: the next comes at once.
    public func frame(_ picture: LumaPicture) async {
        guard !act.isRunning, let text = (try? QRCode.read(picture))?.first else { return }
        await open(text)
    }

    /// A picture that the person chose.
    public func choose(_ picture: LumaPicture) async {
        do throws(KistError) {
            await open(try QRCode.readRequest(picture))
        } catch where error.code == .wrongPurpose {
            // A code for something else may still be one that connects; what it is, opening it says.
            await open((try? QRCode.read(picture))?.first ?? "")
        } catch {
            act.fail(Problem(error, store.words))
        }
    }

    /// A picture that couldn't be read as one.
    public func unreadablePicture() {
        act.fail(Problem(own: "ImageUnreadable", store.words, wayForward: .scanAgain))
    }

    /// What was typed or pasted.
    public func openText() async { await open(text.trimmingCharacters(in: .whitespacesAndNewlines)) }

    /// Opens a link: a request goes on the screen; a link that connects goes to the connections. Any other is named, and
    /// nothing is done by it.
    public func open(_ link: String) async {
        let person = store.person
        if let request = await act.run({ try await person.requests.open(link) }) {
            text = ""
            wallet.replace(with: .request(request.id))
        } else if act.error?.code == .wrongPurpose, act.error?[parameter: "what"]?.text == "connection" {
            act.clear()
            switch await act.run({ try await person.introduce(link) }) {
            case nil: break
            case .cluster(let id): wallet.replace(with: .cluster(id))
            case .contacts: wallet.replace(with: .directory)
            case .person: wallet.replace(with: .connections)
            }
        }
    }
}
