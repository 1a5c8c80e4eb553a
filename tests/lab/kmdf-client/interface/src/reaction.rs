//! What a client does in a callback.

use crate::Operation;
use crate::wire::{Full, Malformed, Reader, Writer};

/// What CLFS calls: the three callbacks of a client, and the completion routine of a resize.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Callback {
    /// `PCLFS_CLIENT_ADVANCE_TAIL_CALLBACK`.
    AdvanceTail,
    /// `PCLFS_CLIENT_LFF_HANDLER_COMPLETE_CALLBACK`.
    GrowthComplete,
    /// `PCLFS_CLIENT_LOG_UNPINNED_CALLBACK`.
    Unpinned,
    /// `PCLFS_SET_LOG_SIZE_COMPLETE_CALLBACK`: of no client. Documented as not used.
    SizeComplete,
}

impl Callback {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::AdvanceTail, Self::GrowthComplete, Self::Unpinned, Self::SizeComplete];
    /// Those of a client. It can react to them, and they can be expected; their numbers in records count from 0.
    pub const OF_CLIENTS: [Self; 3] = [Self::AdvanceTail, Self::GrowthComplete, Self::Unpinned];

    /// Its name in scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Self::AdvanceTail => "advance-tail",
            Self::GrowthComplete => "growth-complete",
            Self::Unpinned => "unpinned",
            Self::SizeComplete => "size-complete",
        }
    }

    /// Its number in records.
    pub fn code(self) -> u16 {
        match self {
            Self::AdvanceTail => 0,
            Self::GrowthComplete => 1,
            Self::Unpinned => 2,
            Self::SizeComplete => 3,
        }
    }

    /// The callback of a number.
    pub fn of_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|callback| callback.code() == code)
    }
}

/// Where an action is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the callback, before it returns.
    Inside,
    /// In a work item that the callback queues. Those of one callback run one after the other.
    Later,
}

/// One thing that a client does in a callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Where.
    pub place: Place,
    /// What.
    pub operation: Operation,
}

/// What a client does in one callback. They queue up per client and kind of callback: the first is used for the next
/// callback and then dropped, unless it is the last one, which stays. Without any: `AdvanceTail` returns `PENDING` and
/// nothing else is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// The client's slot. It need not be registered yet.
    pub client: u16,
    /// In which callback.
    pub callback: Callback,
    /// What `AdvanceTail` returns.
    pub returns: i32,
    actions: [Option<Action>; Self::ACTIONS],
}

impl Reaction {
    /// Most actions of one callback.
    pub const ACTIONS: usize = 6;

    /// Does nothing, and returns this.
    pub fn new(client: u16, callback: Callback, returns: i32) -> Self {
        Self { client, callback, returns, actions: [const { None }; Self::ACTIONS] }
    }

    /// Its actions, in their order.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.actions.iter().flatten()
    }

    /// Adds an action.
    ///
    /// # Errors
    /// There are [`Self::ACTIONS`] already.
    pub fn add(&mut self, action: Action) -> Result<(), Full> {
        *self.actions.iter_mut().find(|slot| slot.is_none()).ok_or(Full)? = Some(action);
        Ok(())
    }

    /// Writes the record.
    ///
    /// # Errors
    /// It does not fit.
    pub fn write(&self, to: &mut Writer<'_>) -> Result<(), Full> {
        to.u16(self.client)?;
        to.u16(self.callback.code())?;
        to.i32(self.returns)?;
        to.u8(u8::try_from(self.actions().count()).map_err(|_| Full)?)?;
        for action in self.actions() {
            to.u8(u8::from(action.place == Place::Later))?;
            action.operation.write(to)?;
        }
        Ok(())
    }

    /// Reads a record.
    ///
    /// # Errors
    /// It is no such record.
    pub fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let client = from.u16()?;
        let callback = Callback::of_code(from.u16()?).ok_or(Malformed)?;
        if !Callback::OF_CLIENTS.contains(&callback) {
            return Err(Malformed);
        }
        let mut reaction = Self::new(client, callback, from.i32()?);
        for _ in 0..from.u8()? {
            let place = match from.u8()? {
                0 => Place::Inside,
                1 => Place::Later,
                _ => return Err(Malformed),
            };
            reaction.add(Action { place, operation: Operation::read(from)? }).map_err(|_| Malformed)?;
        }
        Ok(reaction)
    }
}
