//! The library of open handles: logs by name, marshalling areas, read contexts.

use alloc::vec::Vec;

use crate::format::record::RecordKind;
use crate::library::{AppendRequest, AreaLimits, LogName, OpenRequest, RoomSource, check_container_path, is_same_word};
use crate::log::Direction;
use crate::management::Management;
use crate::operations;
use crate::outside::{Machine, Setting, Shared, System};
use crate::units::{Lsn, Status};

type Library = crate::library::Library<Setting>;
type Handle = crate::library::LogHandle<Setting>;
type Area = crate::library::Area<Setting>;
type Reading = crate::library::Reading<Setting>;

operations! {
    registry_of_kind(kind: u8) crate::library::Registry::<Machine, u64>::of_kind(kind).find(0).is_none();
    registry_starting_after(kind: u8, first: u32)
        crate::library::Registry::<Machine, u64>::starting_after(first, kind).find(0).is_none();
    library_new(manager: Shared<Management>) Library::new(manager, System);
    library_volume(library: &Library) core::ptr::from_ref(library.volume());
    library_manager(library: &Library)
        library.manager().logs_attached();
    library_open(library: &Library, request: &OpenRequest<'_>) library.open(request);
    library_find(library: &Library, address: u64) library.find(address);
    library_close(library: &Library, address: u64) library.close(address);
    library_close_and_reset(library: &Library, address: u64) library.close_and_reset(address);
    library_delete_open(library: &Library, address: u64) library.delete_open(address);
    library_delete(library: &Library, name: &[u16]) library.delete(name);
    library_container_path(library: &Library, handle: &Handle, name: &[u16]) library.container_path(handle, name);
    library_container_names(library: &Library, handle: &Handle, paths: &[Vec<u16>])
        library.container_names(handle, paths);
    library_drop(library: Library) drop(library);

    handle_facts(handle: &Handle)
        (handle.stream(), handle.is_physical_of_multiplexed(), handle.is_multiplexed(), handle.may_read(),
            handle.may_write(), handle.may_delete(), handle.path(), handle.address(), handle.log().management().1);
    name_parts(name: &[u16]) LogName::parse(name).map(|parsed| (parsed.file_name(), parsed));
    name_same(one: &[u16], other: &[u16]) is_same_word(one, other);
    container_path(path: &[u16]) check_container_path(path);

    area_new(library: &Library, handle: Shared<Handle>, limits: AreaLimits)
        Area::new(handle, limits).and_then(|area| Ok(library.areas().insert(share(area)?)?));
    area_find(library: &Library, handle: u64) library.areas().find(handle);
    area_remove(library: &Library, handle: u64) library.areas().remove(handle);
    area_facts(area: &Area) (area.handle().stream(), area.reserved());
    area_append(area: &Area, request: AppendRequest<'_>) area.append(request);
    area_append_and_tell(area: &Area, request: AppendRequest<'_>) area.append_and_tell(request);
    area_align(area: &Area, sizes: &[i64]) area.align(sizes);
    area_allocate_reserved(area: &Area, records: u32, bytes: i64) area.allocate_reserved(records, bytes);
    area_free_reserved(area: &Area, records: u32, adjustment: i64) area.free_reserved(records, adjustment);
    area_flush(area: &Area) area.flush();
    area_flush_to_lsn(area: &Area, lsn: Lsn) area.flush_to_lsn(lsn);
    area_advance_base(area: &Area, base: Lsn) area.advance_base(base);
    area_write_restart_area(area: &Area, data: &[&[u8]], base: Option<Lsn>, source: RoomSource)
        area.write_restart_area(data, base, source);
    area_delete(area: &Area) area.delete();

    reading_new(library: &Library, area: Shared<Area>, direction: Direction)
        Reading::new(area, direction).and_then(|reading| Ok(library.readings().insert(share(reading)?)?));
    reading_find(library: &Library, handle: u64) library.readings().find(handle);
    reading_remove(library: &Library, handle: u64) library.readings().remove(handle);
    reading_read(reading: &Reading, lsn: Lsn, target: &mut [u8]) reading.read(lsn, |record| copy(record.data, target));
    reading_read_from(reading: &Reading, lsn: Lsn, target: &mut [u8])
        reading.read_from(lsn, |record| copy(record.data, target));
    reading_read_next(reading: &Reading, wanted: RecordKind, user: Option<Lsn>, target: &mut [u8])
        reading.read_next(wanted, user, |record| copy(record.data, target));
    reading_read_restart_area(reading: &Reading, target: &mut [u8])
        reading.read_restart_area(|record| copy(record.data, target));
    reading_read_previous_restart_area(reading: &Reading, target: &mut [u8])
        reading.read_previous_restart_area(|record| copy(record.data, target));
}

fn share<T>(value: T) -> Result<Shared<T>, Status> {
    use crate::manager::ports::Platform;
    Ok(Machine::share(value)?)
}

fn copy(data: &[u8], target: &mut [u8]) {
    target.iter_mut().zip(data).for_each(|(place, byte)| *place = *byte);
}
