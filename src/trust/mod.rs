//! Room: trust (see ARCHITECTURE.md).
