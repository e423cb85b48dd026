//! QR codes are drawn, photographed and read back.
#![allow(clippy::unwrap_used)]

use kist_crypto::CryptoRng;
use kist_crypto::testing::SeededRandom;
use kist_exchange::Error;
use kist_exchange::qr::{self, Luma};

const LINK: &str = "openid4vp://?client_id=x509_hash%3AUvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk&request_uri=https%3A%2F%2Frelay.example%2Fv1%2Fslots%2FZm9vYmFyYmF6cXV4cXV1eA%2Frequest";

fn fill<R: CryptoRng>(random: &mut R, bytes: &mut [u8]) {
    random.fill_bytes(bytes);
}

/// The picture as a camera sees it: turned by `degrees`, shrunk or grown, on a grey table, lit from one corner.
fn photograph(code: &Luma, degrees: f64, zoom: f64) -> (Vec<u8>, usize, usize) {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let side = (code.side as f64 * zoom * 1.6) as usize;
    let centre = side as f64 / 2.0;
    let mut picture = Vec::with_capacity(side * side);
    for y in 0..side {
        for x in 0..side {
            let (dx, dy) = (x as f64 - centre, y as f64 - centre);
            let (u, v) = ((dx * cos + dy * sin) / zoom, (dy * cos - dx * sin) / zoom);
            let (u, v) = (u + code.side as f64 / 2.0, v + code.side as f64 / 2.0);
            let inside = u >= 0.0 && v >= 0.0 && (u as usize) < code.side && (v as usize) < code.side;
            let value = if inside {
                code.pixels[v as usize * code.side + u as usize]
            } else {
                170
            };
            let light = 0.55 + 0.45 * (x + y) as f64 / (2 * side) as f64;
            picture.push((f64::from(value.max(25)) * light) as u8);
        }
    }
    (picture, side, side)
}

#[test]
fn h1_a_drawn_code_is_read_at_every_scale() {
    let code = qr::draw(LINK).unwrap();
    for scale in [2, 3, 5, 8, 20, 40] {
        let picture = code.to_luma(scale);
        assert_eq!(
            qr::read(&picture.pixels, picture.side, picture.side).unwrap(),
            [LINK],
            "scale {scale}"
        );
    }
}

#[test]
fn h1_a_photographed_code_is_read_turned_and_in_uneven_light() {
    let code = qr::draw(LINK).unwrap().to_luma(6);
    for (degrees, zoom) in [
        (0.0, 1.0),
        (7.0, 1.0),
        (33.0, 1.3),
        (90.0, 1.0),
        (180.0, 0.9),
        (271.0, 2.0),
        (45.0, 4.5),
    ] {
        let (picture, width, height) = photograph(&code, degrees, zoom);
        assert_eq!(
            qr::read(&picture, width, height).unwrap(),
            [LINK],
            "{degrees} degrees, zoom {zoom}"
        );
    }
}

#[test]
fn h1_every_size_of_code_is_read_back() {
    for length in [1, 30, 120, 300, 700, 1200, qr::MAX_TEXT] {
        let text = "a".repeat(length);
        let picture = qr::draw(&text).unwrap().to_luma(4);
        assert_eq!(
            qr::read(&picture.pixels, picture.side, picture.side).unwrap(),
            [text],
            "{length} bytes"
        );
    }
    let too_long = "a".repeat(qr::MAX_TEXT + 1);
    assert_eq!(qr::draw(&too_long).unwrap_err().code(), "TooLarge");
}

#[test]
fn h1_two_codes_in_one_picture_are_both_read() {
    let (one, two) = (qr::draw("one").unwrap().to_luma(5), qr::draw("two").unwrap().to_luma(5));
    let width = one.side + two.side;
    let row = |y: usize| {
        [
            &one.pixels[y * one.side..][..one.side],
            &two.pixels[y * two.side..][..two.side],
        ]
        .concat()
    };
    let picture: Vec<u8> = (0..one.side).flat_map(row).collect();
    let mut texts = qr::read(&picture, width, one.side).unwrap();
    texts.sort();
    assert_eq!(texts, ["one", "two"]);
}

#[test]
fn h1_the_svg_holds_every_dark_module() {
    let code = qr::draw("kist").unwrap();
    let dark = code.dark.iter().filter(|dark| **dark).count();
    assert_eq!(code.to_svg().matches("h1v1h-1z").count(), dark);
    assert_eq!(code.dark.len(), code.size * code.size);
}

#[test]
fn a31_pictures_of_a_wrong_size_are_refused_and_empty_ones_hold_nothing() {
    for (length, width, height) in [
        (99, 10, 10),
        (0, 0, 0),
        (0, 0, 5),
        (8, usize::MAX, 2),
        (4, 2, usize::MAX / 2 + 1),
    ] {
        let error = qr::read(&vec![0; length], width, height).unwrap_err();
        assert!(matches!(error, Error::Malformed { .. } | Error::TooLarge { .. }));
    }
    for (width, height) in [(1, 1), (1, 4000), (4000, 1), (300, 200), (3_000_000, 1)] {
        assert!(qr::read(&vec![255; width * height], width, height).unwrap().is_empty());
        assert!(qr::read(&vec![0; width * height], width, height).unwrap().is_empty());
    }
}

#[test]
fn a31_noise_and_damaged_codes_never_panic() {
    let mut random = SeededRandom::new(31);
    let clean = qr::draw("openid4vp://?client_id=x&request_uri=y").unwrap().to_luma(3);
    for round in 0..400 {
        let mut picture = clean.pixels.clone();
        for _ in 0..round * 6 {
            let mut draw = [0; 5];
            fill(&mut random, &mut draw);
            let place = u32::from_be_bytes([draw[0], draw[1], draw[2], draw[3]]) as usize % picture.len();
            picture[place] = draw[4];
        }
        // A finder pattern is part of one code at most, and their number is bounded.
        if let Ok(texts) = qr::read(&picture, clean.side, clean.side) {
            assert!(texts.len() <= 12);
        }
    }
    for _ in 0..60 {
        let mut noise = vec![0; 160 * 120];
        fill(&mut random, &mut noise);
        assert!(qr::read(&noise, 160, 120).is_ok_and(|texts| texts.is_empty()));
    }
}

#[test]
fn a31_a_picture_made_of_finder_patterns_is_refused_before_it_is_searched() {
    let finder = |x: usize, y: usize| {
        let (x, y) = (x % 18 / 2, y % 18 / 2);
        let ring = x.abs_diff(3).max(y.abs_diff(3));
        if ring == 3 || ring <= 1 { 0 } else { 255 }
    };
    let side = 1200;
    let picture: Vec<u8> = (0..side * side).map(|i| finder(i % side, i / side)).collect();
    assert_eq!(qr::read(&picture, side, side).unwrap_err().code(), "TooLarge");
}
