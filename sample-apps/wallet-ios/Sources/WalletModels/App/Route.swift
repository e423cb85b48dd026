// The places of the wallet.

import Kist

/// A place in the open wallet. Ids are opaque.
public enum Route: Codable, Hashable, Sendable {
    case home
    /// The recovery kit.
    case kit
    case search
    /// Records of a part of life.
    case area(String)
    case record(String)
    case edit(String)
    /// A new record of a kind, by its schema.
    case add(schema: String)
    /// Which kind of record to add.
    case kinds
    case conflicts
    case imports
    case scan
    case request(String)
    /// Organisations that ask together.
    case cluster(String)
    case receipt(consent: String)
    case inbox
    case connections
    /// Organisations that can be contacted.
    case directory
    case consents
    case consent(String)
    case rights
    case right(String)
    case askRight(consent: String)
    case history
    case devices
    case backup
    case settings
    case rules
    case practice
}

/// Where the app was left: what is on the screen, and what lies beneath it. No word of the person's data.
public struct Place: Codable, Hashable, Sendable {
    /// The screens, the one in front last.
    public var path: [Route]
    /// What was chosen in requests that aren't decided, the newest last.
    public var drafts: [RequestDraft]

    public init(path: [Route] = [.home], drafts: [RequestDraft] = []) {
        (self.path, self.drafts) = (path, drafts)
    }
}

/// What a person chose in a request.
public struct RequestDraft: Codable, Hashable, Sendable {
    public var request: String
    /// The candidate by field, both opaque ids.
    public var chosen: [String: String]
    /// Of several organisations that ask together, this one gets nothing.
    public var isLeftOut = false
    public var remember = Remember.no

    public init(request: String, chosen: [String: String]) {
        (self.request, self.chosen) = (request, chosen)
    }
}

/// How long the same question gets the same answer: a rule of the person's, made as they answer.
public enum Remember: String, CaseIterable, Codable, Sendable {
    case no = "NO"
    case month = "MONTH"
    case halfYear = "HALF_YEAR"
    case year = "YEAR"

    var days: Int? {
        switch self {
        case .no: nil
        case .month: 30
        case .halfYear: 182
        case .year: 365
        }
    }
}
