// What can go wrong, by category.

import Foundation
import KistGenerated

/// An error of Kist. The case says what kind of thing went wrong, the code what exactly; the code is the same in Rust,
/// Kotlin and Swift. ``Catalogue`` has the sentence for a person.
public enum KistError: Error, Hashable, Sendable {
    /// What was given can't be used: a mistyped code, a picture without a QR, a form that isn't filled.
    case input(Failure)
    /// The store can't be unlocked with this passphrase, code or device.
    case unlock(Failure)
    /// The other party isn't who or what it should be.
    case trust(Failure)
    /// The consent given doesn't cover this.
    case consent(Failure)
    /// Bytes at rest or on the relay aren't what was stored.
    case integrity(Failure)
    /// This machine's disk.
    case storage(Failure)
    /// The network or the relay.
    case network(Failure)
    /// The surrounding Task was cancelled; nothing is half-done. It stands for `CancellationError`, which has no place
    /// beside this type in a typed `throws`; see ``Swift/Error/isCancellation``.
    case cancelled
    /// A defect of Kist.
    case `internal`

    /// The stable code.
    public var code: Code {
        switch self {
        case .cancelled: .cancelled
        case .internal: .internal
        default: failure.flatMap { Code(rawValue: $0.code) } ?? .internal
        }
    }

    /// What the code is about.
    public var parameters: [ErrorParameter] { failure?.parameters ?? [] }

    /// One of the parameters.
    public subscript(parameter name: String) -> ParameterValue? {
        parameters.first { $0.name == name }?.value
    }

    /// Whether the same call may succeed later, unchanged.
    public var isRetryable: Bool { failure?.retry ?? false }

    private var failure: Failure? {
        switch self {
        case .input(let failure), .unlock(let failure), .trust(let failure), .consent(let failure),
            .integrity(let failure), .storage(let failure), .network(let failure):
            failure
        case .cancelled, .internal: nil
        }
    }

    /// Any error in this type: the core's own, `CancellationError` as ``cancelled``, every other as ``internal``.
    public init(_ error: any Error) {
        self =
            switch error {
            case let error as KistError: error
            case let error as KistGenerated.KistError: .init(generated: error)
            case is CancellationError: .cancelled
            default: .internal
            }
    }

    private init(generated error: KistGenerated.KistError) {
        self =
            switch error {
            case .Input(let failure): .input(failure)
            case .Unlock(let failure): .unlock(failure)
            case .Trust(let failure): .trust(failure)
            case .Consent(let failure): .consent(failure)
            case .Integrity(let failure): .integrity(failure)
            case .Storage(let failure): .storage(failure)
            case .Network(let failure): .network(failure)
            case .Cancelled: .cancelled
            case .Internal: .internal
            }
    }
}

extension KistError: CustomStringConvertible {
    /// The code with its parameters, for developers.
    public var description: String {
        parameters.reduce(code.rawValue) { "\($0) \($1.name)=\($1.value.text)" }
    }
}

extension KistError: LocalizedError {
    /// What to say to a person, in the first of their languages that there is a catalogue for.
    public var errorDescription: String? { Catalogue.preferred.sentence(for: self) }
}

extension Error {
    /// Whether it says that the Task was cancelled, in Kist's words or in Swift's.
    public var isCancellation: Bool { KistError(self) == .cancelled }
}

extension ParameterValue {
    /// The value as it stands in a key of a catalogue.
    public var text: String {
        switch self {
        case .number(let number): String(number)
        case .word(let word): word
        }
    }
}
