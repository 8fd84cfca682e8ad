//! Room: calendar (see ARCHITECTURE.md).
