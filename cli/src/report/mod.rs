//! The life of a log as one HTML page.
//!
//! Everything is in the file: style and pictures are inline, there is no script, and nothing is fetched. Every text
//! from outside passes through `maud`, which escapes it.
//!
//! | file | what |
//! |---|---|
//! | `page`, `tables` | the page, and what is on it besides pictures |
//! | `plot`, `axis`, `outline` | a picture: its frame, its axes, its curves |
//! | `containers`, `distance`, `tails`, `marks` | what the pictures show |
//!
//! The pictures stretch with the page while their letters do not: a picture is an SVG without a view box, placed by
//! percentages, and only its curves are in an inner SVG that is stretched without regard to its proportions. So one
//! picture serves a wide screen, a phone and paper, and all pictures share one time axis.

mod axis;
mod containers;
mod distance;
mod marks;
mod outline;
mod page;
mod plot;
mod tables;
mod tails;

use super::history::History;
use super::outcome::Outcome;

/// The page. Call [`History::thin`] first, or a long run makes a large file.
pub fn render(history: &History, outcome: &Outcome) -> String {
    page::page(history, outcome).into_string()
}
