//! Names in scenarios, and the slots that the companion driver keeps for them. Each kind counts for itself, so one name may
//! stand for a log, its area and a client at once. A name gets its slot where something is made under it; using a name that
//! nothing is ever made under is an error of the scenario.

use clfs_client_interface::slots;
use clfs_client_interface::verbs::{Kind, NONE, Parameter};

/// The names of one scenario. A name's place in its list is its slot.
#[derive(Debug, Default)]
pub(crate) struct Names {
    logs: Vec<String>,
    areas: Vec<String>,
    clients: Vec<String>,
    contexts: Vec<String>,
    gates: Vec<String>,
    threads: Vec<String>,
}

impl Names {
    fn of(&self, kind: Kind) -> &[String] {
        match kind {
            Kind::Nothing => &[],
            Kind::Log => &self.logs,
            Kind::Area => &self.areas,
            Kind::Client => &self.clients,
            Kind::Context => &self.contexts,
            Kind::Gate => &self.gates,
        }
    }

    /// Something of this kind is made under this name.
    pub(crate) fn make(&mut self, kind: Kind, name: &str) -> Result<(), String> {
        let (names, most) = match kind {
            Kind::Nothing => return Ok(()),
            Kind::Log => (&mut self.logs, slots::LOGS),
            Kind::Area => (&mut self.areas, slots::AREAS),
            Kind::Client => (&mut self.clients, slots::CLIENTS),
            Kind::Context => (&mut self.contexts, slots::CONTEXTS),
            Kind::Gate => (&mut self.gates, slots::GATES),
        };
        enter(names, most, name, word_for(kind)).map(drop)
    }

    /// The slot of a name.
    pub(crate) fn slot(&self, kind: Kind, name: &str) -> Result<u16, String> {
        self.find(kind, name).ok_or_else(|| format!("no {} is called {name}", word_for(kind)))
    }

    /// The slot of a name, if something is made under it.
    pub(crate) fn find(&self, kind: Kind, name: &str) -> Option<u16> {
        self.of(kind).iter().position(|known| known == name).and_then(|at| u16::try_from(at).ok())
    }

    /// What stands for a slot that is not given: the one named like the subject, and else none.
    pub(crate) fn slot_like(&self, parameter: &Parameter, subject: &str) -> u64 {
        self.find(parameter.kind, subject).map_or(NONE, u64::from)
    }

    /// The slot of a thread; it gets one if it has none.
    pub(crate) fn thread(&mut self, name: &str) -> Result<u16, String> {
        enter(&mut self.threads, slots::THREADS, name, "thread")
    }

    /// The name of a client's slot; nobody's is `?`.
    pub(crate) fn client(&self, slot: u16) -> &str {
        self.clients.get(usize::from(slot)).map_or("?", String::as_str)
    }

    /// All clients and their slots.
    pub(crate) fn clients(&self) -> impl Iterator<Item = (u16, &str)> {
        (0..).zip(self.clients.iter().map(String::as_str))
    }
}

fn enter(names: &mut Vec<String>, most: u16, name: &str, word: &str) -> Result<u16, String> {
    let at = names.iter().position(|known| known == name).unwrap_or(names.len());
    let slot = u16::try_from(at).ok().filter(|slot| *slot < most).ok_or_else(|| format!("more than {most} {word}s"))?;
    if at == names.len() {
        names.push(name.to_owned());
    }
    Ok(slot)
}

fn word_for(kind: Kind) -> &'static str {
    match kind {
        Kind::Nothing => "thing",
        Kind::Log => "log",
        Kind::Area => "area",
        Kind::Client => "client",
        Kind::Context => "read context",
        Kind::Gate => "gate",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_counts_for_itself() {
        let mut names = Names::default();
        names.make(Kind::Log, "L").unwrap();
        names.make(Kind::Log, "M").unwrap();
        names.make(Kind::Area, "M").unwrap();
        names.make(Kind::Log, "L").unwrap();
        assert_eq!(names.slot(Kind::Log, "M"), Ok(1));
        assert_eq!(names.slot(Kind::Area, "M"), Ok(0));
        assert!(names.slot(Kind::Client, "M").is_err());
    }

    #[test]
    fn more_names_than_slots_are_refused() {
        let mut names = Names::default();
        for gate in 0..slots::GATES {
            names.make(Kind::Gate, &format!("G{gate}")).unwrap();
        }
        assert!(names.make(Kind::Gate, "one-more").is_err());
    }
}
