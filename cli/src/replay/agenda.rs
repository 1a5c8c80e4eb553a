//! What happens when, in the trace's time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Something that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Task {
    /// A transaction writes its next record.
    Step { transaction: usize },
    /// A stream's checkpoint is done.
    CheckpointDone { stream: usize },
}

/// Tasks by their time; those of one time in the order of the trace's records that they are about.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    tasks: BinaryHeap<Reverse<(Moment, u64, Task)>>,
    entered: u64,
}

/// A time, and the place in the trace of what is due then: what is about no record comes first.
pub(super) type Moment = (u64, usize);

impl Agenda {
    pub(super) fn enter(&mut self, due: Moment, task: Task) {
        self.tasks.push(Reverse((due, self.entered, task)));
        self.entered += 1;
    }

    /// When the next task is due.
    pub(super) fn next_due(&self) -> Option<Moment> {
        self.tasks.peek().map(|Reverse((due, ..))| *due)
    }

    pub(super) fn take(&mut self) -> Option<(Moment, Task)> {
        self.tasks.pop().map(|Reverse((due, _, task))| (due, task))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_come_by_time_then_by_place_in_the_trace_then_by_entry() {
        let mut agenda = Agenda::default();
        agenda.enter((5, 9), Task::Step { transaction: 1 });
        agenda.enter((5, 2), Task::Step { transaction: 9 });
        agenda.enter((5, 0), Task::CheckpointDone { stream: 1 });
        agenda.enter((5, 0), Task::CheckpointDone { stream: 0 });
        agenda.enter((3, 7), Task::Step { transaction: 4 });
        assert_eq!(agenda.next_due(), Some((3, 7)));
        let order: Vec<_> = core::iter::from_fn(|| agenda.take()).map(|(_, task)| task).collect();
        assert_eq!(
            order,
            [
                Task::Step { transaction: 4 },
                Task::CheckpointDone { stream: 1 },
                Task::CheckpointDone { stream: 0 },
                Task::Step { transaction: 9 },
                Task::Step { transaction: 1 },
            ]
        );
    }
}
