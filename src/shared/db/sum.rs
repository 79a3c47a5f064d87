//! Sums over tallies.

use sea_orm::ColumnTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Func, SimpleExpr};

/// A sum as a whole number: PostgreSQL's would be a decimal.
pub fn sum(column: impl ColumnTrait) -> SimpleExpr {
    Expr::expr(Func::sum(Expr::col(column.as_column_ref()))).cast_as("bigint")
}
