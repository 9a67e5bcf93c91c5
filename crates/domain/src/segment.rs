//! Segments: named groups of customers, by a list of members or by a rule in the one filter grammar.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use validator::{Validate, ValidationError};

use crate::customer::Customer;
use crate::permission::Module;
use crate::{
    CustomerId, Date, Field, FieldKind, FieldSet, Money, Page, SegmentId, Timestamp, UserId,
};

/// How many segments may be built upon each other.
pub const MAX_DEPTH: usize = 5;
/// How many tests a rule may come to with those of the segments that it is built upon.
pub const MAX_TESTS: usize = 500;
/// How many customers a filter may add to a static segment at a time.
pub const MAX_ADDED: i64 = 100_000;

/// The name of the filter for members of segments.
pub const SEGMENT: &str = "segment";

/// That filter, for customers.
pub const fn in_segment() -> Field {
    Field::member_of(SEGMENT, Module::Segments, "segments", "细分", "Segment")
}

choice! {
    /// What decides who is a member.
    pub enum SegmentKind {
        /// People do.
        Static = "static", "静态", "Static";
        /// A rule does, at every moment.
        Dynamic = "dynamic", "动态", "Dynamic";
    }
}

choice! {
    /// The colour that a segment is shown in.
    pub enum SegmentColour {
        Grey = "grey", "灰色", "Grey";
        Red = "red", "红色", "Red";
        Orange = "orange", "橙色", "Orange";
        Yellow = "yellow", "黄色", "Yellow";
        Green = "green", "绿色", "Green";
        Teal = "teal", "青色", "Teal";
        Blue = "blue", "蓝色", "Blue";
        Purple = "purple", "紫色", "Purple";
        Pink = "pink", "粉色", "Pink";
    }
}

/// A segment as it is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Segment {
    pub id: SegmentId,
    pub version: i64,
    pub owner_name: String,
    /// Belongs to the caller.
    pub mine: bool,
    /// How many of the members the caller sees: of a static one now, of a dynamic one when they were last written down; `null`
    /// before that, and for somebody who may not read customers.
    pub customers: Option<i64>,
    /// How many more members there are than 30 days ago; `null` as `customers`.
    pub change: Option<i64>,
    /// When the members of a dynamic one were last written down.
    pub recorded_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(flatten)]
    pub input: SegmentInput,
}

/// What people set of a segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[validate(schema(function = "check_rule", skip_on_field_errors = false))]
pub struct SegmentInput {
    /// Unique among the owner's.
    #[validate(
        length(min = 1, max = 80),
        custom(function = "crate::check::check_name")
    )]
    pub name: String,
    #[serde(default)]
    #[validate(length(min = 1, max = 400))]
    pub description: Option<String>,
    #[serde(default)]
    pub colour: Option<SegmentColour>,
    /// Cannot be changed afterwards.
    pub kind: SegmentKind,
    /// Everybody who may read segments sees it; otherwise its owner only.
    #[serde(default)]
    pub shared: bool,
    /// Without it whoever creates it.
    #[serde(default)]
    pub owner_id: Option<UserId>,
    /// The rule of a dynamic segment: a tree of `and`, `or` and `not` over `{field, op, value}` of customers. A static one that is
    /// created with it begins with the customers that it finds at that moment, at most 100,000, and does not keep it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::filter::FilterTree>))]
    pub filter: Option<Value>,
}

fn check_rule(input: &SegmentInput) -> Result<(), ValidationError> {
    if input.kind == SegmentKind::Static || input.filter.is_some() {
        return Ok(());
    }
    let mut error = ValidationError::new("required");
    error.add_param("field".into(), &"filter");
    Err(error)
}

/// The segments of a list.
pub const FIELDS: FieldSet = FieldSet {
    record: "segments",
    default_sort: "name",
    fields: &[
        Field::new("name", FieldKind::Text, "名称", "Name"),
        Field::new(
            "kind",
            FieldKind::Choice(SegmentKind::CHOICES),
            "方式",
            "Kind",
        ),
        Field::new(
            "colour",
            FieldKind::Choice(SegmentColour::CHOICES),
            "颜色",
            "Colour",
        )
        .optional()
        .unsorted(),
        Field::new("shared", FieldKind::Boolean, "共享", "Shared").unsorted(),
        Field::new("owner_id", FieldKind::Reference("users"), "负责人", "Owner").unsorted(),
        Field::new("created_at", FieldKind::Timestamp, "创建时间", "Created"),
        Field::new("updated_at", FieldKind::Timestamp, "更新时间", "Updated"),
    ],
};

/// The tree that lists the members of a segment.
pub fn members_of(id: SegmentId) -> Value {
    serde_json::json!({"field": SEGMENT, "op": "in", "value": [id]})
}

/// The segments that a tree names, each once.
pub fn named_in(tree: &Value) -> Vec<String> {
    fn walk(tree: &Value, found: &mut Vec<String>) {
        match tree {
            Value::Array(parts) => parts.iter().for_each(|part| walk(part, found)),
            Value::Object(members) if members.get("field").is_some_and(|f| f == SEGMENT) => {
                let value = members.get("value").unwrap_or(&Value::Null);
                let one = std::slice::from_ref(value);
                for id in value.as_array().map_or(one, Vec::as_slice) {
                    let id = id.as_str().map(str::to_ascii_lowercase);
                    found.extend(id.filter(|id| !found.contains(id)));
                }
            }
            Value::Object(members) => members.values().for_each(|part| walk(part, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(tree, &mut found);
    found
}

/// Customers that are put into a static segment: these, or those that a filter finds.
#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[validate(schema(function = "check_new_members", skip_on_field_errors = false))]
pub struct NewMembers {
    #[serde(default)]
    #[validate(length(max = 1000))]
    pub customer_ids: Vec<CustomerId>,
    /// At most 100,000 customers.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::filter::FilterTree>))]
    pub filter: Option<Value>,
}

fn check_new_members(input: &NewMembers) -> Result<(), ValidationError> {
    if input.customer_ids.is_empty() == input.filter.is_some() {
        return Ok(());
    }
    let mut error = ValidationError::new("either");
    error.add_param("field".into(), &"customer_ids");
    Err(error)
}

/// What became of the members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MembersChange {
    /// Customers that are members now and were not.
    pub joined: i64,
    /// Customers that were members and are not now.
    pub left: i64,
}

/// A rule that is tried.
#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewInput {
    #[cfg_attr(feature = "openapi", schema(value_type = crate::filter::FilterTree))]
    pub filter: Value,
    /// The segment that the rule is to be of, if it is there already: what would lead back to it is refused.
    #[serde(default)]
    pub segment_id: Option<SegmentId>,
}

/// The customers that a preview shows.
pub const PREVIEWED: i64 = 10;

/// What a rule finds, of what the caller sees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preview {
    /// The first of them, the newest first, and how many there are in all.
    pub customers: Page<Customer>,
    pub composition: Composition,
}

/// What customers are like, of what the caller sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Composition {
    pub customers: i64,
    /// What they have bought, in minor units.
    pub sales: Money,
    /// One for each field that they are told apart by.
    pub parts: Vec<CompositionPart>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CompositionPart {
    /// A field of customers.
    pub field: String,
    /// The largest group first.
    pub groups: Vec<CompositionGroup>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CompositionGroup {
    /// What the customers hold in the field; `null`: nothing.
    pub value: Option<String>,
    pub customers: i64,
    /// In minor units.
    pub sales: Money,
}

/// The fields that a composition tells customers apart by, as far as there are such.
pub const COMPOSED_BY: &[&str] = &[
    "customer_type",
    "region",
    "stage",
    "tier",
    "value_class",
    "rfm_segment",
    "lifecycle_stage",
];

/// What two segments have in common, of what the caller sees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Overlap {
    pub only_this: OverlapPart,
    pub both: OverlapPart,
    pub only_other: OverlapPart,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OverlapPart {
    pub customers: i64,
    /// Lists them.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::filter::FilterTree))]
    pub filter: Value,
}

impl Overlap {
    /// The filters of the three parts of two segments.
    pub fn filters(this: SegmentId, other: SegmentId) -> [Value; 3] {
        let test = |op: &str, id: SegmentId| serde_json::json!({"field": SEGMENT, "op": op, "value": [id]});
        [
            serde_json::json!({"and": [test("in", this), test("not_in", other)]}),
            serde_json::json!({"and": [test("in", this), test("in", other)]}),
            serde_json::json!({"and": [test("not_in", this), test("in", other)]}),
        ]
    }
}

/// How the number of members went, of what the caller sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Growth {
    /// Up to when it is known.
    pub recorded_at: Option<Timestamp>,
    /// The days on which somebody joined or left, in their order.
    pub days: Vec<GrowthDay>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GrowthDay {
    pub day: Date,
    pub joined: i64,
    pub left: i64,
    /// After that day.
    pub members: i64,
}

impl GrowthDay {
    /// The days of so many joining and leaving, each sorted by day.
    pub fn days(joined: &[(Date, i64)], left: &[(Date, i64)]) -> Vec<Self> {
        let mut days: Vec<Date> = joined.iter().chain(left).map(|(day, _)| *day).collect();
        days.sort_unstable();
        days.dedup();
        let on = |all: &[(Date, i64)], day: Date| {
            let found = all.binary_search_by_key(&day, |(day, _)| *day);
            found.map_or(0, |place| all[place].1)
        };
        let mut members = 0;
        days.into_iter()
            .map(|day| {
                let (joined, left) = (on(joined, day), on(left, day));
                members += joined - left;
                Self {
                    day,
                    joined,
                    left,
                    members,
                }
            })
            .collect()
    }
}

/// A time that a customer was a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Membership {
    pub customer_id: CustomerId,
    pub code: String,
    pub name: String,
    /// The first day.
    pub since: Date,
    /// The first day without; `null`: still a member.
    pub until: Option<Date>,
}

/// The memberships of a segment as a list.
pub const MEMBERSHIP_FIELDS: FieldSet = FieldSet {
    record: "segment_members",
    default_sort: "-since",
    fields: &[
        Field::new(
            "customer_id",
            FieldKind::Reference("customers"),
            "客户",
            "Customer",
        )
        .unsorted(),
        Field::new("since", FieldKind::Date, "加入日期", "Joined"),
        Field::new("until", FieldKind::Date, "离开日期", "Left").optional(),
    ],
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Lang, Rules};

    #[test]
    fn a_dynamic_segment_has_a_rule() {
        let first = |body: Value| {
            let input: SegmentInput = serde_json::from_value(body).expect("the shape");
            let found = input.problems(Lang::En);
            found.first().map(|e| (e.pointer.clone(), e.code.clone()))
        };
        assert_eq!(first(json!({"name": "A", "kind": "static"})), None);
        assert_eq!(
            first(json!({"name": "A", "kind": "dynamic", "filter": {"and": []}})),
            None
        );
        let needed = |pointer: &str| Some((pointer.to_owned(), "required".to_owned()));
        assert_eq!(
            first(json!({"name": "A", "kind": "dynamic"})),
            needed("/filter")
        );
        assert_eq!(
            first(json!({"name": " ", "kind": "static"})),
            needed("/name")
        );
    }

    #[test]
    fn members_come_by_ids_or_by_a_filter() {
        let fine = |body: Value| {
            let input: NewMembers = serde_json::from_value(body).expect("the shape");
            input.problems(Lang::En).is_empty()
        };
        let id = CustomerId::generate();
        assert!(fine(json!({"customer_ids": [id]})));
        assert!(fine(json!({"filter": {"and": []}})));
        assert!(!fine(json!({})));
        assert!(!fine(json!({"customer_ids": [id], "filter": {"and": []}})));
    }

    #[test]
    fn the_segments_of_a_tree_are_found() {
        let tree = json!({"and": [
            {"field": "segment", "op": "in", "value": ["A", "b"]},
            {"not": {"or": [{"field": "segment", "op": "eq", "value": "c"}, {"field": "segment", "op": "ne", "value": "a"}]}},
            {"field": "name", "op": "eq", "value": "d"},
        ]});
        assert_eq!(named_in(&tree), ["a", "b", "c"]);
    }

    #[test]
    fn growth_adds_up() {
        let day = |n: i32| Date::from_days(n);
        let days = GrowthDay::days(&[(day(1), 5), (day(4), 2)], &[(day(2), 1), (day(4), 3)]);
        let found: Vec<_> = days
            .iter()
            .map(|d| (d.day.days(), d.joined, d.left, d.members))
            .collect();
        assert_eq!(found, [(1, 5, 0, 5), (2, 0, 1, 4), (4, 2, 3, 3)]);
    }
}
