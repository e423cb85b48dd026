//! Codes that people copy from paper: groups of five symbols of Crockford's base32, four that carry data and one that checks
//! the group.
//!
//! A group's check symbol is `g + α·v₁ + α²·v₂ + α³·v₃ + α⁴·v₄` in GF(32), `g` the group's number: it finds any one wrong
//! symbol and any two neighbours exchanged, and groups in the wrong order.

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Symbols of a group that carry data.
const DATA: usize = 4;

/// Data symbols as groups with hyphens.
pub(crate) fn write(data: &[u8]) -> String {
    let groups: Vec<String> = data
        .chunks(DATA)
        .enumerate()
        .map(|(number, data)| {
            let all = data.iter().copied().chain([check_symbol(number, data)]);
            all.map(|value| char::from(ALPHABET[usize::from(value)])).collect()
        })
        .collect();
    groups.join("-")
}

/// The data symbols of so many groups, as people type them: any case, `O` for `0`, `I` or `L` for `1`, spaces and hyphens
/// anywhere. Fails with the first group that is wrong, counted from 1.
pub(crate) fn read(text: &str, groups: usize) -> Result<Vec<u8>, u8> {
    let mistyped = |group: usize| Err(group as u8 + 1);
    let mut values = Vec::with_capacity(groups * (DATA + 1));
    for symbol in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        let group = values.len() / (DATA + 1);
        match value_of(symbol) {
            _ if group == groups => return mistyped(group - 1),
            None => return mistyped(group),
            Some(value) => values.push(value),
        }
    }
    for (number, group) in values.chunks(DATA + 1).enumerate() {
        let fits = group.len() == DATA + 1 && check_symbol(number, &group[..DATA]) == group[DATA];
        if !fits {
            return mistyped(number);
        }
    }
    if values.len() != groups * (DATA + 1) {
        return mistyped(values.len() / (DATA + 1));
    }
    Ok(values
        .chunks(DATA + 1)
        .flat_map(|group| group[..DATA].to_vec())
        .collect())
}

/// So many symbols of five bits, from the first bits of `bytes`.
pub(crate) fn of_bits(bytes: &[u8], symbols: usize) -> Vec<u8> {
    let bit_at = |index: usize| bytes[index / 8] >> (7 - index % 8) & 1;
    (0..symbols)
        .map(|index| (0..5).fold(0, |value, bit| value << 1 | bit_at(index * 5 + bit)))
        .collect()
}

/// The first bytes that symbols carry.
pub(crate) fn to_bits<const N: usize>(data: &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    for (index, byte) in bytes.iter_mut().enumerate() {
        for bit in index * 8..index * 8 + 8 {
            *byte = *byte << 1 | (data[bit / 5] >> (4 - bit % 5) & 1);
        }
    }
    bytes
}

fn value_of(symbol: char) -> Option<u8> {
    let symbol = match symbol.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET
        .iter()
        .position(|&a| char::from(a) == symbol)
        .map(|value| value as u8)
}

/// Horner's rule in GF(32) = GF(2)[x]/(x⁵+x²+1), from the last symbol to the first, times α once more; plus the group.
fn check_symbol(group: usize, data: &[u8]) -> u8 {
    group as u8 ^ data.iter().rev().fold(0, |sum, value| times_alpha(sum ^ value))
}

fn times_alpha(value: u8) -> u8 {
    let shifted = value << 1;
    if shifted & 0x20 == 0 {
        shifted
    } else {
        (shifted ^ 0b10_0101) & 0x1f
    }
}
