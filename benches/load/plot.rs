//! Resident memory over exchanges, as text and as SVG. The axes begin at 0, so that flat looks flat.

use std::fmt::Write as _;

use crate::report::as_f64;
use crate::soak::Sample;

/// Columns and rows of the text.
const TEXT: (usize, usize) = (72, 12);
/// Width and height of the picture inside its margin.
const PICTURE: (f64, f64) = (720.0, 260.0);
/// Room for the words around it.
const MARGIN: f64 = 60.0;

/// Points, and how far they go.
#[derive(Debug)]
pub(crate) struct Plot {
    points: Vec<(f64, f64)>,
    most: (f64, f64),
}

impl Plot {
    /// Exchanges to the right, megabytes upwards.
    pub(crate) fn of(samples: &[Sample]) -> Self {
        let point = |sample: &Sample| (as_f64(sample.exchanges), as_f64(sample.resident) / 1e6);
        let points: Vec<_> = samples.iter().map(point).collect();
        let most = points.iter().fold((1.0_f64, 1.0_f64), |most, point| {
            (most.0.max(point.0), most.1.max(point.1))
        });
        Self { points, most }
    }

    /// Bytes that an exchange adds, from this one on: the slope of the line that fits best (least squares).
    pub(crate) fn slope(&self, from: u64) -> f64 {
        let settled = || self.points.iter().filter(|point| point.0 >= as_f64(from));
        let count = as_f64(settled().count());
        let (x, y) = settled().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
        let (x, y) = (x / count, y / count);
        let (rise, run) = settled().fold((0.0, 0.0), |sum, point| {
            let (dx, dy) = (point.0 - x, point.1 - y);
            (sum.0 + dx * dy, sum.1 + dx * dx)
        });
        if run > 0.0 { rise / run * 1e6 } else { 0.0 }
    }

    /// For a terminal.
    pub(crate) fn text(&self) -> String {
        let (columns, rows) = TEXT;
        let mut cells = vec![vec![' '; columns]; rows];
        for (x, y) in &self.points {
            let column = cell(x / self.most.0, columns);
            let row = rows - 1 - cell(y / self.most.1, rows);
            cells[row][column] = '•';
        }
        let mut text = String::new();
        for (number, row) in cells.iter().enumerate() {
            let label = if number == 0 {
                format!("{:.1} MB", self.most.1)
            } else {
                String::new()
            };
            let row: String = row.iter().collect();
            writeln!(text, "{label:>9} │{}", row.trim_end()).expect("a String takes any text");
        }
        write!(
            text,
            "{:>9} └{}\n{:>11}{:>width$}",
            "0",
            "─".repeat(columns),
            "0",
            format!("{:.0} exchanges", self.most.0),
            width = columns
        )
        .expect("a String takes any text");
        text
    }

    /// For a browser.
    pub(crate) fn svg(&self) -> String {
        let (width, height) = PICTURE;
        let mut line = String::new();
        for (x, y) in &self.points {
            let x = MARGIN + x / self.most.0 * width;
            let y = MARGIN + height - y / self.most.1 * height;
            write!(line, "{x:.1},{y:.1} ").expect("a String takes any text");
        }
        let (right, bottom) = (MARGIN + width, MARGIN + height);
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {full_width} {full_height}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#fff"/>
<text x="{MARGIN}" y="30" font-size="16">Resident memory of scimulate record</text>
<path d="M{MARGIN},{MARGIN} V{bottom} H{right}" fill="none" stroke="#888"/>
<text x="{label}" y="{MARGIN}" text-anchor="end">{memory:.1} MB</text>
<text x="{label}" y="{bottom}" text-anchor="end">0</text>
<text x="{right}" y="{below}" text-anchor="end">{exchanges:.0} exchanges</text>
<polyline points="{line}" fill="none" stroke="#06c" stroke-width="1.5"/>
</svg>
"##,
            full_width = right + MARGIN,
            full_height = bottom + MARGIN,
            label = MARGIN - 6.0,
            below = bottom + 20.0,
            memory = self.most.1,
            exchanges = self.most.0,
            line = line.trim_end(),
        )
    }
}

/// The cell of a share of the whole, 0 to 1.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a few dozen cells"
)]
fn cell(share: f64, cells: usize) -> usize {
    ((share * as_f64(cells)) as usize).min(cells - 1)
}
