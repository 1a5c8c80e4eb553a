//! A log's name, from the path of its base log file.

/// The name that the base log file has without folder and extension.
pub(super) fn without_folder_and_extension(path: &[u16]) -> &[u16] {
    const EXTENSION: [u8; 4] = *b".blf";
    let is_separator = |unit: &u16| [u16::from(b'\\'), u16::from(b'/'), u16::from(b':')].contains(unit);
    let name = path.rsplit(is_separator).next().unwrap_or(path);
    let stem = name.len().checked_sub(EXTENSION.len()).and_then(|at| name.split_at_checked(at));
    let is_extension = |end: &[u16]| {
        end.iter()
            .zip(EXTENSION)
            .all(|(unit, letter)| u8::try_from(*unit).is_ok_and(|unit| unit.eq_ignore_ascii_case(&letter)))
    };
    match stem {
        Some((stem, end)) if is_extension(end) && !stem.is_empty() => stem,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn name_of(path: &str) -> std::string::String {
        let path: Vec<u16> = path.encode_utf16().collect();
        std::string::String::from_utf16(without_folder_and_extension(&path)).unwrap()
    }

    #[test]
    fn a_log_is_named_by_its_base_log_file_without_folder_and_extension() {
        assert_eq!(name_of(r"\Device\HarddiskVolume1\logs\sales.blf"), "sales");
        assert_eq!(name_of("/var/lib/Sales.BLF"), "Sales");
        assert_eq!(name_of("sales"), "sales");
        assert_eq!(name_of("sales.blf.old"), "sales.blf.old");
        assert_eq!(name_of(".blf"), ".blf");
        assert_eq!(name_of(""), "");
    }
}
