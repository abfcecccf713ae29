//! The future cannot be seen.
