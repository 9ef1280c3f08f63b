//! The field `retry`.

use std::time::Duration;

/// Appends `retry: <whole ms>` and LF. More than `u64::MAX` ms is sent as `u64::MAX`.
pub(crate) fn write(bytes: &mut Vec<u8>, time: Duration) {
    let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    bytes.extend_from_slice(b"retry: ");
    bytes.extend_from_slice(itoa::Buffer::new().format(ms).as_bytes());
    bytes.push(b'\n');
}
