//! Reception: all rooms' operations in one service, and the document it generates.

use crate::shared::app::App;
use crate::{
    agreements, alignment, audit, calendars, exports, feedback, files, imports, jobs, me, operations, organization,
    promises, questionnaires, suppliers, surveys, users,
