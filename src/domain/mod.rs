//! Room: domain (see ARCHITECTURE.md).
