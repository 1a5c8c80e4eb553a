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

/// Tasks by their time; those of one time in the order in which they were entered.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    tasks: BinaryHeap<Reverse<(u64, u64, Task)>>,
    entered: u64,
}

impl Agenda {
    pub(super) fn enter(&mut self, due_us: u64, task: Task) {
        self.tasks.push(Reverse((due_us, self.entered, task)));
        self.entered += 1;
    }

    /// When the next task is due.
    pub(super) fn next_due(&self) -> Option<u64> {
        self.tasks.peek().map(|Reverse((due_us, ..))| *due_us)
    }

    pub(super) fn take(&mut self) -> Option<(u64, Task)> {
        self.tasks.pop().map(|Reverse((due_us, _, task))| (due_us, task))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_come_by_time_and_then_by_entry() {
        let mut agenda = Agenda::default();
        agenda.enter(5, Task::Step { transaction: 9 });
        agenda.enter(3, Task::CheckpointDone { stream: 1 });
        agenda.enter(5, Task::Step { transaction: 1 });
        assert_eq!(agenda.next_due(), Some(3));
        let order: std::vec::Vec<_> = core::iter::from_fn(|| agenda.take()).collect();
        assert_eq!(
            order,
            [
                (3, Task::CheckpointDone { stream: 1 }),
                (5, Task::Step { transaction: 9 }),
                (5, Task::Step { transaction: 1 })
            ]
        );
    }
}
