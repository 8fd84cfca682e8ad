//! Memory that only work needs goes back to the kernel when the work is done, so that an idle daemon is small: what was freed (glibc
//! keeps it otherwise) and the program's own code (most of it typesets forms). Called by `service` when the clerk rests.

/// Hands freed memory and mapped code back. Does nothing where the system is not Linux with glibc.
pub(super) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        trim();
        if let Ok(maps) = std::fs::read_to_string("/proc/self/maps") {
            code(&maps).for_each(hand_back);
        }
    }
}

/// Where the code of files lies in memory: `begin-end r-xp offset device inode path` (proc_pid_maps(5)). Never written to, so that what
/// is read again is the same.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn code(maps: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    maps.lines().filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let (range, rights) = (words.next()?, words.next()?);
        let of_file = words.nth(2).is_some_and(|inode| inode != "0");
        let (begin, end) = range.split_once('-')?;
        let (begin, end) = (usize::from_str_radix(begin, 16).ok()?, usize::from_str_radix(end, 16).ok()?);
        (rights == "r-xp" && of_file && begin < end).then_some((begin, end))
    })
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "glibc has no other way, and no crate wraps this call")]
fn trim() {
    // SAFETY: malloc_trim takes its own locks, touches only free memory and may be called at any time from any thread (malloc_trim(3)).
    unsafe {
        libc::malloc_trim(0);
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "madvise takes an address")]
fn hand_back((begin, end): (usize, usize)) {
    // SAFETY: a private mapping of a file that was never written to: its pages are read again from the file when they are next
    // executed, and hold the same (madvise(2), MADV_DONTNEED). Refusal by the kernel costs memory, nothing else.
    unsafe {
        libc::madvise(std::ptr::with_exposed_provenance_mut(begin), end - begin, libc::MADV_DONTNEED);
    }
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    #[test]
    fn only_code_of_files_is_handed_back_and_the_program_runs_on() {
        let maps = "10-20 r--p 00000000 08:01 7 /bin/x\n20-40 r-xp 00001000 08:01 7 /bin/x\n40-50 rw-p 0 08:01 7 /bin/x\n\
                    60-70 r-xp 00000000 00:00 0 [vdso]\nnonsense\n";
        assert_eq!(code(maps).collect::<Vec<_>>(), [(0x20, 0x40)]);
        give_back();
        assert_eq!("still".chars().rev().collect::<String>(), "llits");
    }
}
