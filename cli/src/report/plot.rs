//! The frame that all pictures share: scale, grid, time axis, and the shades of pinned times.

use maud::{Markup, html};

use super::super::history::{History, PinEpisode};
use super::super::quantity::duration;
use super::axis::Axis;
use super::outline::{percent, short};

/// The width of the inner coordinates, whatever the picture's width on the page.
pub(super) const WIDTH: f64 = 10_000.0;

/// Room above the highest value, for half a letter.
const TOP: f64 = 8.0;
/// Room below the lowest value, for the time axis.
const BOTTOM: f64 = 22.0;
/// A pinned time is never drawn thinner.
const PIN_SHARE_MIN: f64 = 0.002;

/// What a scale writes at a height: the grid's lines and the words beside them.
pub(super) struct Level {
    pub(super) y: f64,
    pub(super) label: String,
}

/// One picture's place and measure.
pub(super) struct Plot<'a> {
    pub(super) history: &'a History,
    pub(super) time: &'a Axis,
    pub(super) height: f64,
}

impl Plot<'_> {
    /// Right, in inner coordinates.
    pub(super) fn x(&self, time_us: u64) -> f64 {
        self.time.share(time_us) * WIDTH
    }

    /// Down, for a value of an axis.
    pub(super) fn y(&self, axis: &Axis, value: u64) -> f64 {
        TOP + (1.0 - axis.share(value)) * self.height
    }

    /// The height of the value 0.
    pub(super) fn floor(&self) -> f64 {
        TOP + self.height
    }

    /// The grid of an axis.
    pub(super) fn levels(&self, axis: &Axis) -> Vec<Level> {
        let level =
            |tick: &super::axis::Tick| Level { y: TOP + (1.0 - tick.share) * self.height, label: tick.label.clone() };
        axis.ticks.iter().map(level).collect()
    }

    /// The picture: `curves` in inner coordinates, `over` in pixels and percentages.
    pub(super) fn draw(&self, name: &str, levels: &[Level], curves: &Markup, over: &Markup) -> Markup {
        let height = short(TOP + self.height + BOTTOM);
        html! {
            div.plot role="group" aria-label=(name) {
                svg.scale width="64" height=(height) aria-hidden="true" {
                    @for level in levels { text x="56" y=(short(level.y + 4.0)) { (level.label) } }
                }
                svg.canvas width="100%" height=(height) {
                    @for level in levels {
                        line.grid x1="0" x2="100%" y1=(short(level.y)) y2=(short(level.y)) {}
                    }
                    (self.time_axis())
                    @for pin in &self.history.pins { (self.shade(pin)) }
                    svg width="100%" height=(height) viewBox=(format!("0 0 {WIDTH} {height}")) preserveAspectRatio="none" {
                        (curves)
                    }
                    (over)
                }
            }
        }
    }

    fn time_axis(&self) -> Markup {
        let floor = short(self.floor());
        let below = short(self.floor() + 17.0);
        html! {
            line.axis x1="0" x2="100%" y1=(floor) y2=(floor) {}
            @for tick in &self.time.ticks {
                g.minor[tick.is_minor] {
                    line.tick x1=(percent(tick.share)) x2=(percent(tick.share)) y1=(floor) y2=(short(self.floor() + 4.0)) {}
                    text.time x=(percent(tick.share)) y=(below) text-anchor=(anchor(tick.share)) { (tick.label) }
                }
            }
        }
    }

    fn shade(&self, pin: &PinEpisode) -> Markup {
        let end = pin.to_us.unwrap_or(self.history.duration_us).max(pin.from_us);
        let from = self.time.share(pin.from_us);
        let share = (self.time.share(end) - from).max(PIN_SHARE_MIN);
        let words = format!("pinned for {} by {}", duration(end.saturating_sub(pin.from_us)), pin.who);
        html! {
            rect.pin x=(percent(from)) width=(percent(share)) y=(short(TOP)) height=(short(self.height)) {
                title { (words) }
            }
        }
    }
}

/// Labels at the ends stay inside the picture.
fn anchor(share: f64) -> &'static str {
    match share {
        ..0.02 => "start",
        0.97.. => "end",
        _ => "middle",
    }
}
