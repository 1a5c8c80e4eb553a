//! Curves as SVG path data, in a picture's inner coordinates.

/// A point: right, and down.
pub(super) type Point = (f64, f64);

/// A curve that stands at each point's height until the next point, and at the last one's until `end`.
pub(super) fn steps(points: &[Point], end: f64) -> String {
    let mut path = String::new();
    let mut before = None;
    for &(x, y) in points {
        match before {
            None => path += &format!("M{} {}", short(x), short(y)),
            Some(height) if short(height) == short(y) => continue,
            Some(_) => path += &format!("H{}V{}", short(x), short(y)),
        }
        before = Some(y);
    }
    if before.is_some() {
        path += &format!("H{}", short(end));
    }
    path
}

/// The area between a stepped curve and a level below it.
pub(super) fn stepped_area(points: &[Point], end: f64, level: f64) -> String {
    let Some(&(start, _)) = points.first() else {
        return String::new();
    };
    format!("{}V{}H{}Z", steps(points, end), short(level), short(start))
}

/// Straight lines from point to point.
pub(super) fn lines(points: &[Point]) -> String {
    let mut path = String::new();
    for &(x, y) in points {
        let command = if path.is_empty() { 'M' } else { 'L' };
        path += &format!("{command}{} {}", short(x), short(y));
    }
    path
}

/// The area between lines and a level below them.
pub(super) fn area_below(points: &[Point], level: f64) -> String {
    let (Some(&(start, _)), Some(&(end, _))) = (points.first(), points.last()) else {
        return String::new();
    };
    format!("{}L{} {}L{} {}Z", lines(points), short(end), short(level), short(start), short(level))
}

/// The area between lines and a stepped curve that ends where they end.
pub(super) fn area_between(upper: &[Point], lower: &[Point]) -> String {
    let (Some(&(end, _)), false) = (upper.last(), lower.is_empty()) else {
        return String::new();
    };
    let mut path = lines(upper);
    let mut to = end;
    for &(x, y) in lower.iter().rev() {
        path += &format!("L{} {}L{} {}", short(to), short(y), short(x), short(y));
        to = x;
    }
    path + "Z"
}

/// A coordinate with at most one decimal.
pub(super) fn short(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

/// A share as a percentage for an attribute.
pub(super) fn percent(share: f64) -> String {
    let text = format!("{:.3}", share * 100.0);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_go_across_and_then_up() {
        let points = [(0.0, 10.0), (5.0, 10.0), (7.5, 4.0)];
        assert_eq!(steps(&points, 9.0), "M0 10H7.5V4H9");
        assert_eq!(stepped_area(&points, 9.0, 20.0), "M0 10H7.5V4H9V20H0Z");
        assert_eq!((steps(&[], 9.0), stepped_area(&[], 9.0, 2.0)), (String::new(), String::new()));
    }

    #[test]
    fn the_area_between_follows_both_curves() {
        let area = area_between(&[(0.0, 5.0), (9.0, 1.0)], &[(0.0, 8.0), (6.0, 7.0)]);
        assert_eq!(area, "M0 5L9 1L9 7L6 7L6 8L0 8Z");
        assert_eq!(area_between(&[], &[(0.0, 8.0)]), "");
    }

    #[test]
    fn percentages_are_short() {
        assert_eq!([percent(0.0), percent(1.0), percent(0.123_456), percent(0.1)], ["0%", "100%", "12.346%", "10%"]);
    }
}
