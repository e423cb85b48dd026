// What a passphrase has to be.

/// Passphrases, before anything is made of them.
public enum Passphrase {
    /// The fewest letters.
    public static let fewest = 12

    /// What is wrong with one, typed twice; nil where nothing is.
    static func problem(_ passphrase: String, _ again: String, _ words: Words) -> Problem? {
        if passphrase.count < fewest {
            return Problem(own: "PassphraseShort", words, ["least": .number(Int64(fewest))])
        }
        return passphrase == again ? nil : Problem(own: "PassphrasesDiffer", words)
    }
}
