//! The small corpus of our own, read with LF and with CRLF.
