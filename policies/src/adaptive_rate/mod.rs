//! An adaptive send rate: slow down when throttled, grow back as a cubic.
