//! The device's requests: bytes in, bytes out, a status.
//!
//! One at a time, at `PASSIVE_LEVEL`: the queue is sequential and its callback passive. In the thread of who asks, unless
//! another request was being served then: in that one's. Input and output of a buffered request are the same memory, so
//! the input is copied before anything is written.

use alloc::vec::Vec;
use core::ffi::c_void;
use core::ptr::null_mut;

use wdk_sys::{
    _WDF_EXECUTION_LEVEL, _WDF_IO_QUEUE_DISPATCH_TYPE, _WDF_SYNCHRONIZATION_SCOPE, _WDF_TRI_STATE, NTSTATUS,
    STATUS_INSUFFICIENT_RESOURCES, STATUS_SUCCESS, ULONG, WDF_IO_QUEUE_CONFIG, WDF_OBJECT_ATTRIBUTES, WDFDEVICE,
    WDFQUEUE, WDFREQUEST, call_unsafe_wdf_function_binding,
};

use crate::session;
use crate::status::{size_of_structure, succeeded};

/// Makes the queue that all requests of the device go to. IRQL `PASSIVE_LEVEL`.
///
/// # Errors
/// What the framework answered.
pub(crate) fn create(device: WDFDEVICE) -> Result<(), NTSTATUS> {
    let mut config = WDF_IO_QUEUE_CONFIG {
        Size: size_of_structure::<WDF_IO_QUEUE_CONFIG>(),
        DispatchType: _WDF_IO_QUEUE_DISPATCH_TYPE::WdfIoQueueDispatchSequential,
        PowerManaged: _WDF_TRI_STATE::WdfFalse,
        DefaultQueue: 1,
        EvtIoDeviceControl: Some(device_control),
        ..WDF_IO_QUEUE_CONFIG::default()
    };
    let mut attributes = WDF_OBJECT_ATTRIBUTES {
        Size: size_of_structure::<WDF_OBJECT_ATTRIBUTES>(),
        ExecutionLevel: _WDF_EXECUTION_LEVEL::WdfExecutionLevelPassive,
        SynchronizationScope: _WDF_SYNCHRONIZATION_SCOPE::WdfSynchronizationScopeInheritFromParent,
        ..WDF_OBJECT_ATTRIBUTES::default()
    };
    let mut queue: WDFQUEUE = null_mut();
    // SAFETY: a control device that was just made; the other pointers are to locals, and the structures have their sizes.
    let status = unsafe {
        call_unsafe_wdf_function_binding!(
            WdfIoQueueCreate,
            device,
            &raw mut config,
            &raw mut attributes,
            &raw mut queue
        )
    };
    succeeded(status)
}

/// A request of user mode.
extern "C" fn device_control(
    _queue: WDFQUEUE,
    request: WDFREQUEST,
    output_length: usize,
    input_length: usize,
    code: ULONG,
) {
    // SAFETY: the framework hands over a request that is ours until it is completed, below, with its lengths.
    let served = unsafe { serve(request, output_length, input_length, code) };
    let (status, written) = match served {
        Ok(written) => (STATUS_SUCCESS, u64::try_from(written).unwrap_or_default()),
        Err(status) => (status, 0),
    };
    // SAFETY: ours, and completed once, here; `serve` has let go of its buffers.
    unsafe { call_unsafe_wdf_function_binding!(WdfRequestCompleteWithInformation, request, status, written) };
}

/// What the request asks for; how much of the output was written.
///
/// # Safety
/// A request that was not completed, and the lengths of its buffers.
unsafe fn serve(
    request: WDFREQUEST,
    output_length: usize,
    input_length: usize,
    code: ULONG,
) -> Result<usize, NTSTATUS> {
    // SAFETY: as this function's.
    let input = unsafe { copy_input(request, input_length) }?;
    // SAFETY: as this function's; no other reference to the buffer is left, the input is a copy.
    let output = unsafe { output_of(request, output_length) }?;
    session::answer(code, &input, output)
}

/// A copy of the input.
///
/// # Safety
/// As [`serve`].
unsafe fn copy_input(request: WDFREQUEST, length: usize) -> Result<Vec<u8>, NTSTATUS> {
    let mut copy = Vec::new();
    // The framework refuses to hand out a buffer without bytes.
    if length == 0 {
        return Ok(copy);
    }
    let mut buffer: *mut c_void = null_mut();
    let mut there = 0;
    // SAFETY: the request was not completed, says the caller; the pointers are to locals.
    let status = unsafe {
        call_unsafe_wdf_function_binding!(
            WdfRequestRetrieveInputBuffer,
            request,
            length,
            &raw mut buffer,
            &raw mut there
        )
    };
    succeeded(status)?;
    copy.try_reserve_exact(length).map_err(|_| STATUS_INSUFFICIENT_RESOURCES)?;
    // SAFETY: the framework says that so many bytes are there, at least `length`; they are a buffer of the system, which
    // nobody writes while the request is ours.
    let bytes = unsafe { core::slice::from_raw_parts(buffer.cast::<u8>(), length) };
    copy.extend_from_slice(bytes);
    Ok(copy)
}

/// The output, all bytes 0: nothing of the pool, nor of the input, goes out that no answer has written.
///
/// # Safety
/// As [`serve`]; and no reference to either buffer of the request is in use while this one is.
unsafe fn output_of<'a>(request: WDFREQUEST, length: usize) -> Result<&'a mut [u8], NTSTATUS> {
    if length == 0 {
        return Ok(&mut []);
    }
    let mut buffer: *mut c_void = null_mut();
    let mut there = 0;
    // SAFETY: the request was not completed, says the caller; the pointers are to locals.
    let status = unsafe {
        call_unsafe_wdf_function_binding!(
            WdfRequestRetrieveOutputBuffer,
            request,
            length,
            &raw mut buffer,
            &raw mut there
        )
    };
    succeeded(status)?;
    // SAFETY: the framework says that so many bytes are there, at least `length`.
    unsafe { buffer.cast::<u8>().write_bytes(0, length) };
    // SAFETY: as above, and initialised now; the caller has no other reference.
    Ok(unsafe { core::slice::from_raw_parts_mut(buffer.cast::<u8>(), length) })
}
