//! Somebody else's logs: brought under management, and what calls have changed.

use crate::foreign::{
    Attached, ClosingObject, ForeignHold, ForeignLogs, LeavingArea, ManagerOf, ObjectId, Reservations, Setting,
};
use crate::manager::LogKey;
use crate::operations;
use crate::outside::{Client, Machine, Object, Routines, Shared, any_result};
use crate::units::Lsn;

pub struct Others;

impl Setting for Others {
    type Platform = Machine;
    type Clfs = Routines;
    type Callbacks = Client;
}

type Logs = ForeignLogs<Others>;

operations! {
    foreign_new(manager: Shared<ManagerOf<Others>>, wake: fn()) Logs::new(Routines, manager, wake).manager();
    foreign_drop(logs: Logs) drop(logs);
    foreign_attach(logs: &Shared<Logs>, object: &Object) Logs::attach(logs, object, || any_result(()));
    foreign_attached_drop(attached: Attached<Others>) drop(attached);
    foreign_note_policies(hold: &ForeignHold<Others>) hold.note_policies();
    foreign_needs_polling(logs: &Logs, log: LogKey) logs.needs_polling(log);
    foreign_tick(logs: &Logs) logs.tick();
    foreign_handle_log_changed(logs: &Logs, object: &Object) logs.handle_log_changed(object);
    foreign_handle_appended(logs: &Logs, context: u64, record: Lsn, reservations: Reservations)
        logs.handle_appended(context, record, reservations);
    foreign_handle_area_changed(logs: &Logs, context: u64) logs.handle_area_changed(context);
    foreign_handle_area_created(logs: &Logs, object: &Object, context: u64) logs.handle_area_created(object, context);
    foreign_area_leaves(logs: &Logs, context: u64) logs.area_leaves(context);
    foreign_handle_area_left(logs: &Logs, area: &LeavingArea<Others>) logs.handle_area_left(area);
    foreign_handle_area_stays(logs: &Logs, area: LeavingArea<Others>) logs.handle_area_stays(area);
    foreign_object_closes(logs: &Logs, object: ObjectId) logs.object_closes(object);
    foreign_handle_object_closed(logs: &Logs, closed: &ClosingObject<Others>) logs.handle_object_closed(closed);
    foreign_manager_drain(manager: &ManagerOf<Others>, log: LogKey) manager.drain(log);
    foreign_manager_set_log_size(manager: &ManagerOf<Others>, log: LogKey, size: u64) manager.set_log_size(log, size);
}
