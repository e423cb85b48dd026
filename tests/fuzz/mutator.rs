//! Mutations of valid inputs: flipped bits, cuts, repeats, splices, and the tokens that parsers trip over.

use kist_crypto::sha256;

/// What formats are made of, and what breaks them.
const TOKENS: [&[u8]; 22] = [
    b".",
    b"~",
    b"..",
    b"{}",
    b"[]",
    b"null",
    b"\"",
    b"\\",
    b"\0",
    b"\xff",
    b"=",
    b"&",
    b"%",
    b"%00",
    b"-1",
    b"18446744073709551616",
    b"1e400",
    b"\xf0\x9f\x92\xa9",
    b"[[[[[[[[",
    b"{\"a\":{\"a\":{\"a\":",
    b"\r\n ",
    b"://",
];
/// The largest input, in bytes.
const LARGEST: usize = 64 << 10;

/// Makes one input after the other; the same name gives the same inputs.
pub(crate) struct Mutator {
    state: u64,
}

impl Mutator {
    pub(crate) fn new(name: &str) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = sha256(&[name.as_bytes()]);
        Mutator {
            state: u64::from_le_bytes([a, b, c, d, e, f, g, h]) | 1,
        }
    }

    /// A xorshift generator (Marsaglia 2003): quick, and the same everywhere.
    fn random(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.random() % bound.max(1) as u64) as usize
    }

    /// A mutation of one of the seeds.
    pub(crate) fn next(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut input = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(4) {
            self.mutate(&mut input, seeds);
        }
        input.truncate(LARGEST);
        input
    }

    fn mutate(&mut self, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(input.len() + 1);
        let length = self.below(input.len() - at + 1);
        match self.below(8) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 if at < input.len() => input[at] = self.random() as u8,
            2 => input.truncate(at),
            3 => drop(input.drain(at..at + length)),
            4 => {
                let token = TOKENS[self.below(TOKENS.len())];
                drop(input.splice(at..at, token.iter().copied()));
            }
            5 => {
                let repeated = input[at..at + length.min(512)].to_vec();
                drop(input.splice(at..at, repeated));
            }
            6 => {
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len() + 1);
                drop(input.splice(at..at + length, other[from..].iter().copied()));
            }
            _ => {
                let number = self.random().to_be_bytes();
                let end = (at + 1 + self.below(8)).min(input.len());
                drop(input.splice(at..end.max(at), number.into_iter().take(end.saturating_sub(at))));
            }
        }
    }
}
