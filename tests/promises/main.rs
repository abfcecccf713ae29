//! Promises of the whole program, each a sentence, kept through the public API.

mod the_house_keeps_its_shape;
