//! The IRQL of the moment.

use core::arch::asm;

/// The IRQL. Any IRQL.
#[cfg(target_arch = "x86_64")]
pub(crate) fn current() -> u8 {
    let level: u64;
    // SAFETY: in kernel mode, where this register may be read; `KeGetCurrentIrql` is an inline function of the headers that does
    // the same. Nothing else is touched.
    unsafe { asm!("mov {}, cr8", out(reg) level, options(nomem, nostack, preserves_flags)) };
    u8::try_from(level).unwrap_or(u8::MAX)
}
