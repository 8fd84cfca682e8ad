//! Room: mail (see ARCHITECTURE.md).
