//! Pictures made ready for the QR decoder: scaled down to a bounded size, black and white, finder patterns counted.

use std::collections::HashSet;

use rqrr::PreparedImage;

/// What a picture is scaled down to, in pixels.
const WORKING_PIXELS: usize = 2_000_000;

/// A picture scaled down by a whole factor, each pixel the mean of those it stands for.
struct Reduced {
    pixels: Vec<u8>,
    width: usize,
    height: usize,
}

impl Reduced {
    fn new(luma: &[u8], width: usize, height: usize) -> Self {
        let factor = (1..).find(|f| luma.len() / (f * f) <= WORKING_PIXELS).unwrap_or(1);
        // A picture thinner than the factor holds no code, and keeps its pixels.
        let factor = if width < factor || height < factor { 1 } else { factor };
        let (w, h) = (width / factor, height / factor);
        let mut pixels = Vec::with_capacity(w * h);
        for y in 0..h {
            for x in 0..w {
                let rows = (0..factor).map(|dy| (y * factor + dy) * width + x * factor);
                let sum: usize = rows
                    .map(|start| {
                        luma[start..start + factor]
                            .iter()
                            .map(|&p| usize::from(p))
                            .sum::<usize>()
                    })
                    .sum();
                pixels.push((sum / (factor * factor)) as u8);
            }
        }
        Reduced {
            pixels,
            width: w,
            height: h,
        }
    }
}

/// A picture in black and white.
pub(crate) struct Bitmap {
    dark: Vec<bool>,
    width: usize,
    height: usize,
}

impl Bitmap {
    /// From a picture's brightness, row by row, at least `width × height` bytes and not empty.
    pub(crate) fn from_luma(luma: &[u8], width: usize, height: usize) -> Self {
        Self::threshold(&Reduced::new(luma, width, height))
    }

    /// Dark is what is clearly darker than the mean of its surroundings (Bradley and Roth, 2007).
    fn threshold(picture: &Reduced) -> Self {
        let (width, height) = (picture.width, picture.height);
        let stride = width + 1;
        let mut sums = vec![0_u64; stride * (height + 1)];
        for y in 0..height {
            let mut row = 0;
            for x in 0..width {
                row += u64::from(picture.pixels[y * width + x]);
                sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row;
            }
        }
        let reach = (width.max(height) / 16).max(4);
        let mut dark = Vec::with_capacity(width * height);
        for y in 0..height {
            let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(height));
            for x in 0..width {
                let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(width));
                let sum = sums[bottom * stride + right] + sums[top * stride + left]
                    - sums[top * stride + right]
                    - sums[bottom * stride + left];
                let area = ((bottom - top) * (right - left)) as u64;
                dark.push(u64::from(picture.pixels[y * width + x]) * area * 100 < sum * 90);
            }
        }
        Bitmap { dark, width, height }
    }

    /// The texts of all codes in the picture.
    pub(crate) fn decode(&self) -> Vec<String> {
        let mut image =
            PreparedImage::prepare_from_bitmap(self.width, self.height, |x, y| self.dark[y * self.width + x]);
        let mut texts = Vec::new();
        for grid in image.detect_grids() {
            if let Ok((_, text)) = grid.decode() {
                texts.push(text);
            }
        }
        texts
    }

    /// How many places the decoder will take for a finder pattern: dark, light, dark, light, dark runs of 1:1:3:1:1 along
    /// a row, whose outer runs hang together and whose middle is an island of 10 to 70 hundredths of their area.
    pub(crate) fn finder_patterns(&self) -> usize {
        let mut regions = Regions::new(self);
        let mut rings = HashSet::new();
        for y in 0..self.height {
            let row = &self.dark[y * self.width..][..self.width];
            for [left, middle, right] in finder_runs(row) {
                let mut region = |x| regions.find(y * self.width + x);
                let (ring, stone, other) = (region(left), region(middle), region(right));
                let share = regions.size[stone] * 100 / regions.size[ring].max(1);
                if ring == other && ring != stone && (11..70).contains(&share) {
                    rings.insert(ring);
                }
            }
        }
        rings.len()
    }
}

/// The dark regions of a picture: pixels that hang together by their sides.
struct Regions {
    parent: Vec<u32>,
    /// Pixels of the region, at its root.
    size: Vec<usize>,
}

impl Regions {
    fn new(picture: &Bitmap) -> Self {
        let count = picture.dark.len();
        let mut regions = Regions {
            parent: (0..count as u32).collect(),
            size: vec![1; count],
        };
        for pixel in (0..count).filter(|&pixel| picture.dark[pixel]) {
            if pixel % picture.width > 0 && picture.dark[pixel - 1] {
                regions.join(pixel, pixel - 1);
            }
            if pixel >= picture.width && picture.dark[pixel - picture.width] {
                regions.join(pixel, pixel - picture.width);
            }
        }
        regions
    }

    fn find(&mut self, mut pixel: usize) -> usize {
        while self.parent[pixel] as usize != pixel {
            let above = self.parent[pixel] as usize;
            self.parent[pixel] = self.parent[above];
            pixel = above;
        }
        pixel
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.find(one), self.find(other));
        let (small, large) = if self.size[one] < self.size[other] {
            (one, other)
        } else {
            (other, one)
        };
        if small != large {
            self.parent[small] = large as u32;
            self.size[large] += self.size[small];
        }
    }
}

/// Where the outer, middle and other outer dark runs begin, for each 1:1:3:1:1 in a row, each run within three quarters of
/// a module.
fn finder_runs(row: &[bool]) -> impl Iterator<Item = [usize; 3]> + '_ {
    let mut starts: Vec<usize> = (1..row.len()).filter(|&x| row[x] != row[x - 1]).collect();
    starts.insert(0, 0);
    starts.push(row.len());
    (0..starts.len().saturating_sub(5)).filter_map(move |i| {
        let edges: &[usize; 6] = starts.get(i..i + 6)?.try_into().ok()?;
        let run = |n: usize| edges[n + 1] - edges[n];
        let module = (run(0) + run(1) + run(3) + run(4)) / 4;
        let slack = module * 3 / 4;
        let fits = [1, 1, 3, 1, 1]
            .iter()
            .enumerate()
            .all(|(n, modules)| run(n).abs_diff(modules * module) <= slack);
        (row[edges[0]] && fits).then_some([edges[0], edges[2], edges[4]])
    })
}
