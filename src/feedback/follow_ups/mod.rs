//! Follow-ups: a low answer is somebody's to answer for, within a time.
