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
    case receipt(consent: String)
    case inbox
    case connections
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
    /// What was chosen in a request that isn't answered.
    public var draft: RequestDraft?

    public init(path: [Route] = [.home], draft: RequestDraft? = nil) {
        (self.path, self.draft) = (path, draft)
    }
}

/// What a person chose in a request: the candidate by field, both opaque ids.
public struct RequestDraft: Codable, Hashable, Sendable {
    public var request: String
    public var chosen: [String: String]

    public init(request: String, chosen: [String: String]) {
        (self.request, self.chosen) = (request, chosen)
    }
}
