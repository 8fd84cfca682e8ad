//! WORKING TIME. Moments, working days and hours, make-up days (補班), closures, ROC dates, lengths such as `7wd`.
//! Pure: no clock, no I/O. Everybody may use it; it uses nobody.

mod moment;

pub use moment::Moment;
