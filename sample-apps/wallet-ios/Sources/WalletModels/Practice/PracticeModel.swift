// Practice: a request of a make-believe clinic, before there is anything to lose.

import Foundation
import Kist
import Observation

/// The practice, step by step.
@MainActor @Observable public final class PracticeModel {
    public enum Step: String, CaseIterable, Sendable { case start, request, receipt, withdrawn }

    public private(set) var step = Step.start
    /// The make-believe request.
    public let request: RequestModel

    public init(_ words: Words, now: Date = Date()) {
        request = RequestModel(desk: PracticeDesk(words: words, now: now), id: PracticeDesk.request, words: words)
    }

    /// Scans the make-believe code.
    public func scan() async {
        await request.load()
        step = .request
    }

    /// Gives what is chosen, or refuses.
    public func answer() async {
        await request.answer()
        if request.outcome != nil { step = .receipt }
    }

    public func refuse() async {
        await request.refuse()
        step = .start
    }

    /// Takes the consent back.
    public func withdraw() { step = .withdrawn }
}
