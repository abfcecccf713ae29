//! The simulated venues through their door: what an order, a bar, an hour and a fault do.
