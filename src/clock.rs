//! Clock and chance.
