//! Room: delivery (see ARCHITECTURE.md).
