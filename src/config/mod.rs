//! Room: config (see ARCHITECTURE.md).
