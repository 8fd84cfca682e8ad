//! Room: intake (see ARCHITECTURE.md).
