//! The bytes of a CLFS log: every structure, parsed once into an owned, validated model and written back.
