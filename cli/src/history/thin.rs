//! Keeping a history's picture small without changing what it says.
//!
//! A picture is about a thousand pixels wide; a long run has millions of points.

use std::mem;

use super::{History, MarkKind, Sample};

impl History {
    /// Keeps the picture small: at most about `points_max` points a line, and twice as many marks of a kind.
    ///
    /// The highest and lowest values stay, so do the first and last point of every line, the last mark of every kind,
    /// and all pin episodes. Marks taken out are counted in `marks_left_out`.
    pub fn thin(&mut self, points_max: usize) {
        self.samples = thin_samples(mem::take(&mut self.samples), points_max);
        for stream in &mut self.streams {
            stream.points = thin_points(mem::take(&mut stream.points), points_max);
        }
        for kind in MarkKind::ALL {
            self.thin_marks(kind, points_max.saturating_mul(2).max(1));
        }
    }

    /// Keeps every n-th mark of a kind, counted from the last one.
    fn thin_marks(&mut self, kind: MarkKind, most: usize) {
        let count = self.marks.iter().filter(|mark| mark.kind == kind).count();
        let step = count.div_ceil(most);
        if step <= 1 {
            return;
        }
        let mut to_come = count;
        self.marks.retain(|mark| {
            if mark.kind != kind {
                return true;
            }
            to_come = to_come.saturating_sub(1);
            to_come.is_multiple_of(step)
        });
        let left_out = count.saturating_sub(count.div_ceil(step));
        *self.marks_left_out.entry(kind).or_default() += left_out as u64;
    }
}

/// Of each run of samples: the first, the last, and those with the most and fewest containers.
fn thin_samples(samples: Vec<Sample>, most: usize) -> Vec<Sample> {
    let run = samples.len().saturating_mul(5).div_ceil(most.max(1));
    if samples.len() <= most || run <= 5 {
        return samples;
    }
    let mut kept: Vec<Sample> = Vec::with_capacity(most);
    for run in samples.chunks(run) {
        let index = 0..run.len();
        let mut chosen = [
            Some(0),
            index.clone().max_by_key(|&at| run.get(at).map(|sample| sample.containers_total)),
            index.clone().min_by_key(|&at| run.get(at).map(|sample| sample.containers_free)),
            index.clone().max_by_key(|&at| run.get(at).map(|sample| sample.containers_free)),
            index.last(),
        ];
        chosen.sort_unstable();
        let mut before = None;
        for at in chosen.into_iter().flatten().filter(|&at| before.replace(at) != Some(at)) {
            kept.extend(run.get(at));
        }
    }
    kept
}

/// Of each run of points: the first and the last; between them a tail only rises.
fn thin_points(points: Vec<(u64, u64)>, most: usize) -> Vec<(u64, u64)> {
    let run = points.len().saturating_mul(2).div_ceil(most.max(1));
    if points.len() <= most || run <= 2 {
        return points;
    }
    let ends = points.chunks(run).flat_map(|run| [run.first(), run.last().filter(|_| run.len() > 1)]);
    ends.flatten().copied().collect()
}

#[cfg(test)]
mod tests {

    use proptest::prelude::*;

    use std::collections::BTreeMap;

    use super::super::{Mark, PinEpisode};
    use super::*;

    fn mark(time_us: u64, kind: MarkKind) -> Mark {
        Mark { time_us, kind, stream: None, text: String::new() }
    }

    #[test]
    fn thinning_keeps_the_last_mark_of_every_kind_and_all_pin_episodes() {
        let mut history = History::default();
        for time in 0..10_000 {
            history.marks.push(mark(time, MarkKind::Recycle));
            history.marks.extend((time % 100 == 7).then_some(mark(time, MarkKind::Grow)));
        }
        let pin = PinEpisode { from_us: 1, to_us: None, who: "a".into() };
        history.pins = vec![pin; 300];
        history.thin(200);
        let of = |kind| history.marks.iter().filter(move |mark| mark.kind == kind);
        assert_eq!(of(MarkKind::Recycle).count(), 400);
        assert_eq!(of(MarkKind::Recycle).next_back().map(|mark| mark.time_us), Some(9_999));
        assert_eq!(of(MarkKind::Grow).count(), 100);
        assert_eq!(history.marks_left_out, BTreeMap::from([(MarkKind::Recycle, 9_600)]));
        assert_eq!(history.pins.len(), 300);
    }

    #[test]
    fn thinning_keeps_the_peak_and_the_ends() {
        let sample = |time_us: u64| Sample {
            time_us,
            containers_total: if time_us == 777 { 99 } else { 8 },
            containers_free: if time_us == 888 { 0 } else { 3 },
            head: time_us,
        };
        let mut history = History { samples: (0..50_000).map(sample).collect(), ..History::default() };
        history.thin(2_000);
        assert!(history.samples.len() <= 2_005, "{}", history.samples.len());
        assert!(history.samples.is_sorted_by_key(|sample| sample.time_us));
        assert!(history.samples.contains(&sample(777)) && history.samples.contains(&sample(888)));
        assert_eq!(history.samples.first(), Some(&sample(0)));
        assert_eq!(history.samples.last(), Some(&sample(49_999)));
    }

    proptest! {
        #[test]
        fn thinned_lines_keep_their_ends_and_their_bound(count in 0_usize..500, most in 0_usize..100) {
            let points: Vec<_> = (0..count as u64).map(|at| (at, at)).collect();
            let thin = thin_points(points.clone(), most);
            prop_assert!(thin.len() <= most.max(2) + 2);
            prop_assert_eq!(thin.first(), points.first());
            prop_assert_eq!(thin.last(), points.last());
        }
    }
}
