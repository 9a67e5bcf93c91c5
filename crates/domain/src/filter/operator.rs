//! What can be asked of a field.

use crate::{Date, FieldKind};

choice! {
    /// How a field is tested.
    pub enum Operator {
        Eq = "eq", "等于", "is";
        Ne = "ne", "不等于", "is not";
        In = "in", "属于", "is one of";
        NotIn = "not_in", "不属于", "is none of";
        Lt = "lt", "小于", "is less than";
        Le = "le", "不超过", "is at most";
        Gt = "gt", "大于", "is more than";
        Ge = "ge", "不少于", "is at least";
        /// Two values, both included.
        Between = "between", "介于", "is between";
        Contains = "contains", "包含", "contains";
        NotContains = "not_contains", "不包含", "does not contain";
        StartsWith = "starts_with", "开头是", "starts with";
        HasAny = "has_any", "含任意一个", "has any of";
        HasAll = "has_all", "全部含有", "has all of";
        HasNone = "has_none", "均不含", "has none of";
        /// Today and the days before it, so many in all.
        LastDays = "last_days", "在最近几天内", "is in the last days";
        /// Today and the days after it, so many in all.
        NextDays = "next_days", "在未来几天内", "is in the next days";
        /// Earlier than the day so many days ago.
        BeforeDays = "before_days", "早于几天前", "is more than so many days ago";
        /// A period named by its place to today.
        Period = "period", "在时段", "is in the period";
        Empty = "empty", "为空", "is empty";
        NotEmpty = "not_empty", "不为空", "is not empty";
    }
}

choice! {
    /// A period named by its place to today. Weeks begin on Monday.
    pub enum Period {
        Today = "today", "今天", "today";
        Yesterday = "yesterday", "昨天", "yesterday";
        ThisWeek = "this_week", "本周", "this week";
        LastWeek = "last_week", "上周", "last week";
        NextWeek = "next_week", "下周", "next week";
        ThisMonth = "this_month", "本月", "this month";
        LastMonth = "last_month", "上月", "last month";
        NextMonth = "next_month", "下月", "next month";
        ThisQuarter = "this_quarter", "本季度", "this quarter";
        LastQuarter = "last_quarter", "上季度", "last quarter";
        ThisYear = "this_year", "今年", "this year";
        LastYear = "last_year", "去年", "last year";
    }
}

impl Operator {
    /// The operators that a field of this kind takes, the one that people want first leading.
    pub fn of(kind: FieldKind, optional: bool) -> Vec<Self> {
        use Operator::{
            BeforeDays, Between, Contains, Empty, Eq, Ge, Gt, HasAll, HasAny, HasNone, In,
            LastDays, Le, Lt, Ne, NextDays, NotContains, NotEmpty, NotIn, Period, StartsWith,
        };

        let mut all = match kind {
            FieldKind::Text | FieldKind::Link => {
                vec![Contains, NotContains, Eq, Ne, StartsWith, In, NotIn]
            }
            FieldKind::Choice(_) | FieldKind::Dictionary(_) | FieldKind::Reference(_) => {
                vec![In, NotIn, Eq, Ne]
            }
            FieldKind::Boolean => vec![Eq],
            FieldKind::Integer
            | FieldKind::Money
            | FieldKind::Quantity
            | FieldKind::UnitPrice
            | FieldKind::Proportion => {
                vec![Ge, Le, Gt, Lt, Eq, Ne, Between]
            }
            FieldKind::Date | FieldKind::Timestamp => vec![
                LastDays, Period, BeforeDays, NextDays, Ge, Le, Gt, Lt, Eq, Ne, Between,
            ],
            FieldKind::Tags | FieldKind::ManyOf(_) => {
                vec![HasAny, HasAll, HasNone, Empty, NotEmpty]
            }
        };
        if optional && !kind.is_many() {
            all.extend([Empty, NotEmpty]);
        }
        all
    }
}

impl Period {
    /// Its first and last day.
    pub fn days(self, today: Date) -> (Date, Date) {
        let week = today.plus_days(-i32::from(today.weekday()));
        let month = |ahead: i32| today.month_start(ahead);
        let quarter = i32::from(today.month() - 1) % 3;
        let until = |first: Date, next: Date| (first, next.plus_days(-1));
        match self {
            Self::Today => (today, today),
            Self::Yesterday => (today.plus_days(-1), today.plus_days(-1)),
            Self::ThisWeek => (week, week.plus_days(6)),
            Self::LastWeek => (week.plus_days(-7), week.plus_days(-1)),
            Self::NextWeek => (week.plus_days(7), week.plus_days(13)),
            Self::ThisMonth => until(month(0), month(1)),
            Self::LastMonth => until(month(-1), month(0)),
            Self::NextMonth => until(month(1), month(2)),
            Self::ThisQuarter => until(month(-quarter), month(3 - quarter)),
            Self::LastQuarter => until(month(-quarter - 3), month(-quarter)),
            Self::ThisYear | Self::LastYear => {
                let january = 1 - i32::from(today.month());
                let back = if self == Self::LastYear { 12 } else { 0 };
                until(month(january - back), month(january - back + 12))
            }
        }
    }
}
