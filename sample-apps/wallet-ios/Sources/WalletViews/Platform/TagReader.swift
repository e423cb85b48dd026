// A desk's tag: a link that is read by holding the phone to it.

#if canImport(CoreNFC)
@preconcurrency import CoreNFC

/// Reads one link from a tag (NFC Forum, NDEF). CoreNFC shows its own sheet meanwhile.
final class TagReader: NSObject, NFCNDEFReaderSessionDelegate, @unchecked Sendable {
    private var session: NFCNDEFReaderSession?
    private var waiting: CheckedContinuation<String?, Never>?
    private let queue = DispatchQueue(label: "org.kist.wallet.tags")

    /// Whether the phone reads tags.
    static var isAvailable: Bool { NFCNDEFReaderSession.readingAvailable }

    /// Waits for a tag; nil where the person stopped it, or it has no link. `message` is what the sheet says.
    func link(_ message: String) async -> String? {
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                waiting?.resume(returning: nil)
                waiting = continuation
                let session = NFCNDEFReaderSession(delegate: self, queue: queue, invalidateAfterFirstRead: true)
                session.alertMessage = message
                self.session = session
                session.begin()
            }
        }
    }

    func readerSession(_ session: NFCNDEFReaderSession, didDetectNDEFs messages: [NFCNDEFMessage]) {
        let links = messages.flatMap(\.records).compactMap { $0.wellKnownTypeURIPayload()?.absoluteString }
        finish(links.first)
    }

    func readerSession(_ session: NFCNDEFReaderSession, didInvalidateWithError error: any Error) { finish(nil) }

    private func finish(_ link: String?) {
        waiting?.resume(returning: link)
        (waiting, session) = (nil, nil)
    }
}
#endif
