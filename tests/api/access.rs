//! Who may do what: every operation as every role.
