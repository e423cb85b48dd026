// What went wrong, as a person is told it: a sentence, and what they can do.

import Foundation
import Kist

/// A failure with a way forward.
public struct Problem: Hashable, Sendable {
    /// What a person can do about it, as an act of the screen; its words stand in the room `ways`.
    public enum WayForward: String, CaseIterable, Sendable {
        /// The same again, now or later.
        case tryAgain = "try_again"
        /// Another passphrase, code or text.
        case typeAgain = "type_again"
        /// Ask for a new code, and scan that.
        case scanAgain = "scan_again"
        /// Leave it, and ask the organisation.
        case askThem = "ask_them"
        /// Add what is missing to one's data.
        case addData = "add_data"
        /// Say which framework to believe, or fetch its newest list.
        case openTrust = "open_trust"
        /// Say which relay to use.
        case setRelay = "set_relay"
        /// Make room on the phone.
        case makeRoom = "make_room"
        /// Let everything go on.
        case resume
        /// Change the rule that keeps it back.
        case openRules = "open_rules"
        /// Bring the backup back.
        case restore
        /// Go back; nothing was changed.
        case goBack = "go_back"
    }

    /// The code of the error; see `KistError.Code`.
    public let code: String
    /// What happened, in one sentence.
    public let sentence: String
    /// What the person can do about it, in words; empty where the act says all.
    public let advice: String
    /// What the person can do about it, as an act.
    public let wayForward: WayForward
    /// Whether it is the network, or the relay, that couldn't be reached: what is on the phone can be used all the same.
    public let isOffline: Bool
    /// The group of a code that was mistyped, counted from 1.
    public let group: Int?
    /// The member of a record that breaks its rules, a JSON pointer.
    public let member: String?

    /// Whether what was read was damaged or tampered with: of the store where that is what was opened or read.
    public var isDamage: Bool {
        let damage: [KistError.Code] = [.corrupt, .authenticationFailed, .historyBroken]
        return damage.contains { $0.rawValue == code }
    }

    /// What a failed call comes to.
    public init(_ error: KistError, _ words: Words) {
        code = error.code.rawValue
        (sentence, advice) = Self.parts(of: words.sentence(for: error))
        wayForward = Self.wayForward(from: error.code)
        isOffline = error.code == .unreachable || error.code == .relayBusy
        if case .number(let number) = error[parameter: "group"] { group = Int(number) } else { group = nil }
        member = error[parameter: "field"]?.text
    }

    /// One that the wallet itself finds; its sentence stands in the room `problems`, or in another.
    public init(
        own code: String, in room: String = "problems", _ words: Words, _ parameters: [String: Words.Value] = [:],
        wayForward: WayForward = .typeAgain, isOffline: Bool = false, member: String? = nil
    ) {
        self.code = code
        (sentence, advice) = Self.parts(of: words("\(room).\(code)", parameters))
        self.wayForward = wayForward
        self.isOffline = isOffline
        group = nil
        self.member = member
    }

    /// What one relay that is down comes to, among what a refresh of the inbox tells; nil where all could be reached.
    public init?(of events: [InboxEvent], _ words: Words) {
        let codes = events.lazy.compactMap { event in
            if case .unreachable(_, let code) = event { code } else { nil }
        }
        guard let code = codes.first else { return nil }
        self.init(.network(Failure(code: code, parameters: [], retry: true)), words)
    }

    /// The catalogues say what happened in their first sentence, and what to do in the rest.
    private static func parts(of text: String) -> (String, String) {
        var at = text.startIndex
        while let end = text[at...].firstIndex(where: { ".!?؟".contains($0) }) {
            let next = text.index(after: end)
            guard next < text.endIndex else { break }
            if text[next].isWhitespace {
                return (String(text[..<next]), text[next...].trimmingCharacters(in: .whitespaces))
            }
            at = next
        }
        return (text, "")
    }

    private static func wayForward(from code: KistError.Code) -> WayForward {
        switch code {
        case .unreachable, .relayBusy, .cancelled, .internal, .inUse, .tooSoon, .headMoved, .storage: .tryAgain
        case .keyMismatch, .malformed, .recordInvalid, .letterCodeMistyped, .recoveryCodeMistyped, .tooLarge,
            .schemaInvalid, .addressRefused, .platformKey:
            .typeAgain
        case .notARequest, .requestExpired, .replayRejected, .alreadyAnswered, .sessionMismatch, .sessionCodeMissing,
            .wrongPurpose:
            .scanAgain
        case .requiredFieldMissing, .queryNotSatisfied, .credentialExpired: .addData
        case .trustListMissing, .trustListExpired: .openTrust
        case .noRelay: .setRelay
        case .storageFull: .makeRoom
        case .consentPaused: .resume
        case .keptBack: .openRules
        case .corrupt, .rollbackDetected, .historyBroken: .restore
        case .organisationNotTrusted, .mixUpRefused, .signatureInvalid, .untrustedKey, .issuerNotTrusted,
            .trustListNotTrusted, .audienceMismatch, .acceptanceMismatch, .notYetValid, .unsupported,
            .invalidTransactionData:
            .askThem
        default: .goBack
        }
    }
}
