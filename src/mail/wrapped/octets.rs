//! A reading head over octets that never goes beyond their end: little-endian numbers, runs, strings in UTF-16. Used by `tnef` and `rtf`.

/// What is left to read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Octets<'a>(pub &'a [u8]);

impl<'a> Octets<'a> {
    /// The next `n` octets; None when fewer are left.
    pub fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(n)?;
        self.0 = tail;
        Some(head)
    }

    /// The next octet.
    pub fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// The next two octets.
    pub fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    /// The next four octets.
    pub fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    /// The next four octets as a length.
    pub fn len32(&mut self) -> Option<usize> {
        usize::try_from(self.u32()?).ok()
    }

    /// Skips what fills up a run of `n` octets to a multiple of four; missing filling is forgiven.
    pub fn pad(&mut self, n: usize) {
        let _ = self.take((4 - n % 4) % 4);
    }
}

/// UTF-16 of little end, up to the first NUL.
pub(super) fn utf16(data: &[u8]) -> String {
    let units: Vec<u16> = data.chunks_exact(2).filter_map(|c| c.try_into().ok().map(u16::from_le_bytes)).take_while(|u| *u != 0).collect();
    String::from_utf16_lossy(&units)
}
