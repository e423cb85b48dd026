// What an entry of the history says, in a sentence.

import Kist

extension Words {
    /// What happened.
    public func happened(_ entry: HistoryEntry) -> String {
        let event = JSONValue(json: entry.event) ?? .object([:])
        let key = "history.event.\(Self.key(of: entry, event))"
        let parameters: [String: Value] = [
            "organisation": .text(entry.organisation ?? event["with"]?["name"]?.plain ?? ""),
            "fields": .text(names(of: event["fields"])),
            "gone": .text(names(of: event["gone"])),
            "thing": .text(kind(event["credential_type"]?.plain ?? "")),
            "right": .text(word("words", event["right"]?.plain ?? "")),
            "state": .text(word("words", event["state"]?.plain ?? "")),
            "framework": .text(event["framework"]?.plain ?? ""),
            "kind": .text(entry.kind),
        ]
        return self(has(key) ? key : "history.event.other", parameters)
    }

    /// The key of the sentence: some kinds have one for each case.
    private static func key(of entry: HistoryEntry, _ event: JSONValue) -> String {
        switch entry.kind {
        case "Paused", "Resumed": entry.organisation == nil ? "\(entry.kind).everything" : entry.kind
        case "ReadAnswered": event["refused"]?.plain.isEmpty == false ? "ReadAnswered.refused" : entry.kind
        case "UpdateSent": items(event["fields"]).isEmpty ? "UpdateSent.gone" : entry.kind
        case "RightsAnswered": "RightsAnswered.\(event["outcome"]?.plain ?? "")"
        case "DeveloperMode": event["on"] == .bool(true) ? "DeveloperMode.true" : "DeveloperMode.false"
        default: entry.kind
        }
    }

    /// Fields by the last name of their paths; a whole thing by its kind.
    private func names(of list: JSONValue?) -> String {
        var named: [String] = []
        for item in Self.items(list) {
            let claim = Self.items(item["path"]).last?.plain
            let name = claim.map(field) ?? kind(item["credential_type"]?.plain ?? "")
            if !named.contains(name) { named.append(name) }
        }
        return named.isEmpty ? self("history.no_fields") : self.list(named)
    }

    private static func items(_ list: JSONValue?) -> [JSONValue] {
        if case .list(let items) = list { items } else { [] }
    }
}
