//! How tables look: the same in a replay's summary and in a log's listing.

use std::io::{self, IsTerminal};

use comfy_table::modifiers::UTF8_ROUND_CORNERS;
use comfy_table::presets::{ASCII_BORDERS_ONLY_CONDENSED, UTF8_BORDERS_ONLY};
use comfy_table::{ContentArrangement, Table};

/// Columns of the smallest terminal that is written for.
const WIDTH: u16 = 80;

/// How a table is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// A terminal: lines and colour.
    Terminal,
    /// A file or another program: ASCII borders, no colour.
    Plain,
}

impl Look {
    /// The look that standard output is for: colour on a terminal only, and not when `NO_COLOR` is set.
    pub fn of_standard_output() -> Self {
        let wants_none = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if io::stdout().is_terminal() && !wants_none { Self::Terminal } else { Self::Plain }
    }

    /// An empty table of this look, no wider than the smallest terminal.
    pub fn table(self) -> Table {
        let mut table = self.drawn();
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
        table
    }

    /// As [`Look::table`], but as wide as the terminal is; what goes elsewhere is never broken into lines.
    pub fn wide_table(self) -> Table {
        let mut table = self.drawn();
        table.set_content_arrangement(match self {
            Self::Terminal => ContentArrangement::Dynamic,
            Self::Plain => ContentArrangement::Disabled,
        });
        table
    }

    fn drawn(self) -> Table {
        let mut table = Table::new();
        match self {
            Self::Terminal => table.load_preset(UTF8_BORDERS_ONLY).apply_modifier(UTF8_ROUND_CORNERS).enforce_styling(),
            Self::Plain => table.load_preset(ASCII_BORDERS_ONLY_CONDENSED).force_no_tty(),
        };
        table
    }
}
