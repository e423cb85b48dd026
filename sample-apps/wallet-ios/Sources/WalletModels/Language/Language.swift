// The languages of the wallet.

import Foundation

/// A language that the wallet speaks.
public enum Language: String, CaseIterable, Codable, Sendable {
    case english = "en"
    case welsh = "cy"
    /// For the request, the receipt and the consents; the rest is said in English.
    case arabic = "ar"

    /// The first of the person's languages that the wallet speaks.
    public static var preferred: Language {
        let tags = Locale.preferredLanguages.compactMap { $0.split(separator: "-").first.map(String.init) }
        return tags.lazy.compactMap(Language.init(rawValue:)).first ?? .english
    }

    /// What its speakers call it.
    public var ownName: String {
        switch self {
        case .english: "English"
        case .welsh: "Cymraeg"
        case .arabic: "العربية"
        }
    }

    /// Whether it is written from right to left.
    public var isRightToLeft: Bool { self == .arabic }

    /// How dates and numbers are written in it.
    public var locale: Locale { Locale(identifier: self == .english ? "en_GB" : rawValue) }

    /// Which form of a sentence a number takes (Unicode CLDR, cardinal plural rules).
    func plural(_ number: Int64) -> String {
        switch self {
        case .english: number == 1 ? "one" : "other"
        case .welsh:
            switch number {
            case 0: "zero"
            case 1: "one"
            case 2: "two"
            case 3: "few"
            case 6: "many"
            default: "other"
            }
        case .arabic:
            switch (number, number % 100) {
            case (0, _): "zero"
            case (1, _): "one"
            case (2, _): "two"
            case (_, 3...10): "few"
            case (_, 11...99): "many"
            default: "other"
            }
        }
    }
}
