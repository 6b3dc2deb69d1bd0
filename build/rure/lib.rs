//! Nothing of its own: the C functions of crate rure, for the linker.
pub use engine::*;
