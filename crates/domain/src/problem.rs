//! What went wrong, as RFC 9457 `application/problem+json`: one table of codes with status and texts.

use serde::{Deserialize, Serialize};

use crate::{FieldError, Lang};

macro_rules! error_codes {
    ($($variant:ident = $word:literal, $status:literal, $zh:literal, $en:literal;)+) => {
        /// The stable codes of the API's errors.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($variant,)+ }

        impl ErrorCode {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The HTTP status it is answered with.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// What people read.
            pub const fn title(self, lang: Lang) -> &'static str {
                match lang {
                    Lang::Zh => match self { $(Self::$variant => $zh),+ },
                    Lang::En => match self { $(Self::$variant => $en),+ },
                }
            }
        }
    };
}

error_codes! {
    MalformedJson = "malformed_json", 400, "请求内容不是有效的 JSON", "The body is not valid JSON";
    UnknownParameter = "unknown_parameter", 400, "未知的查询参数", "Unknown query parameter";
    InvalidParameter = "invalid_parameter", 400, "查询参数无效", "A query parameter is not valid";
    InvalidCursor = "invalid_cursor", 400, "翻页标记无效，请从第一页重新开始", "The cursor is not valid; start again from the first page";
    InvalidHeader = "invalid_header", 400, "请求头无效", "A header is not valid";
    Unauthenticated = "unauthenticated", 401, "请先登录", "Log in first";
    InvalidToken = "invalid_token", 401, "登录已失效，请重新登录", "The log-in is no longer valid; log in again";
    InvalidCredentials = "invalid_credentials", 401, "邮箱或密码不正确", "E-mail or password is wrong";
    AccountPending = "account_pending", 403, "账号等待管理员启用", "The account waits for an administrator to activate it";
    AccountFrozen = "account_frozen", 403, "账号已冻结", "The account is frozen";
    Forbidden = "forbidden", 403, "您的角色没有此权限", "Your role does not allow this";
    PeopleOnly = "people_only", 403, "此操作只能由本人登录后进行，不能使用 API 密钥", "This is done by people who are logged in, not by an API key";
    RegistrationClosed = "registration_closed", 403, "注册已关闭，请联系管理员", "Registration is closed; ask an administrator";
    WholeCompany = "whole_company", 403, "产品规则来自全公司的订单，需要能在报表中查看全部订单", "Product rules come from the orders of the whole company: it takes the right to see all orders in reports";
    NotFound = "not_found", 404, "记录不存在", "No such record";
    NoSuchPath = "no_such_path", 404, "地址不存在", "No such address";
    MethodNotAllowed = "method_not_allowed", 405, "此地址不支持该方法", "This address does not take that method";
    RulesForgotten = "rules_forgotten", 404, "只保留最近 12 次分析的规则", "Only the newest 12 runs keep their rules";
    RunUnfinished = "run_unfinished", 404, "分析尚未完成", "The run is not done yet";
    PlacesForgotten = "places_forgotten", 404, "只保留最近 12 次分析的客户名次", "Only the newest 12 runs keep their customers' places";
    Conflict = "conflict", 409, "当前状态不允许此操作", "The record's state does not allow this";
    Taken = "taken", 409, "该值已被使用", "The value is already taken";
    InUse = "in_use", 409, "记录仍被其他数据引用", "Other records still refer to this one";
    IllegalTransition = "illegal_transition", 409, "不允许的状态变更", "The state cannot change like this";
    Blacklisted = "blacklisted", 409, "该客户在黑名单中，不能下新订单", "The customer is blacklisted: no new orders";
    ApprovalPending = "approval_pending", 409, "已有待审批的同类申请", "Such a request waits for a decision already";
    ApprovalNeeded = "approval_needed", 409, "此操作需要他人审批", "Somebody else has to approve this";
    ApprovalStale = "approval_stale", 409, "申请之后记录已变化，请重新申请", "The record has changed since this was asked for: ask again";
    ApprovalOver = "approval_over", 409, "该申请已有结果", "This request has been settled already";
    OwnRequest = "own_request", 409, "不能审批自己的申请", "Nobody decides what they asked for themselves";
    NobodyToApprove = "nobody_to_approve", 409, "没有其他人可以审批", "There is nobody else who may approve this";
    IdempotencyRunning = "idempotency_running", 409, "使用该 Idempotency-Key 的请求正在处理", "A request with this Idempotency-Key is under way";
    IdempotencyLost = "idempotency_lost", 409, "该请求已执行，但结果已丢失，请查询相关记录", "The request was carried out, but its answer was lost: look at the records";
    ActionNotTaken = "action_not_taken", 409, "此类记录不支持该操作", "Records of this type do not take this action";
    LastAdministrator = "last_administrator", 409, "至少要保留一名可以管理用户和角色的账号", "At least one active account must be able to manage users and roles";
    SegmentDynamic = "segment_dynamic", 409, "动态细分的成员由规则决定，不能手动增减", "The rule of a dynamic segment decides who its members are";
    SegmentStatic = "segment_static", 409, "静态细分没有规则，成员随时是最新的", "A static segment has no rule: its members are always up to date";
    RunMeanwhile = "run_meanwhile", 409, "另一次价值分析刚刚完成，本次结果未保存", "Another value run was made meanwhile; this one was not kept";
    RunNotDone = "run_not_done", 409, "该分析没有结果：尚未完成或已失败", "This run has no results: it is not done, or it failed";
    NothingToCompare = "nothing_to_compare", 409, "之前没有可比较的分析", "There is no run before it to compare with";
    NoRunYet = "no_run_yet", 409, "尚未做过分析", "No run has been made yet";
    RunUnderWay = "run_under_way", 409, "已有一次分析正在进行，请等待其完成", "A run is under way already: wait until it is done";
    MailOff = "mail_off", 409, "系统尚未设置外发邮件，请联系管理员", "Outgoing mail is not set up: ask an administrator";
    MailEmptied = "mail_emptied", 409, "该邮件的内容已清除，无法再次发送", "What this mail said has been cleared away: it cannot be sent again";
    Stale = "stale", 412, "记录已被他人修改", "The record has been changed meanwhile";
    BodyTooLarge = "body_too_large", 413, "请求内容过大", "The body is too large";
    UnsupportedMediaType = "unsupported_media_type", 415, "不支持的内容类型", "Unsupported content type";
    Invalid = "invalid", 422, "填写的内容有误", "Some values are not valid";
    IdempotencyMismatch = "idempotency_mismatch", 422, "该 Idempotency-Key 已用于另一个请求", "This Idempotency-Key belongs to another request";
    PreconditionRequired = "precondition_required", 428, "缺少 If-Match", "If-Match is needed";
    TooManyAttempts = "too_many_attempts", 429, "尝试次数过多，请稍后再试", "Too many attempts; try again later";
    Overloaded = "overloaded", 503, "系统繁忙，请稍后再试", "Too busy just now; try again";
    DatabaseAway = "database_away", 503, "数据库暂时不可用", "The database is away just now";
    Internal = "internal", 500, "服务器内部错误", "Something went wrong in the server";
}

macro_rules! field_messages {
    ($($word:literal, $zh:literal, $en:literal;)+) => {
        const FIELD_MESSAGES: &[(&str, &str, &str)] = &[$(($word, $zh, $en)),+];
    };
}

field_messages! {
    "required", "必填", "needed";
    "email", "不是有效的邮箱地址", "not a valid e-mail address";
    "time_zone", "不是有效的时区名称，例如 Asia/Shanghai", "not the name of a time zone, as in Asia/Shanghai";
    "report_private", "报表未共享，只有所有者可以收到；请先共享报表", "the report is not shared: only its owner can get it; share it first";
    "host", "不是有效的主机名", "not a host name";
    "phone", "不是有效的电话号码", "not a valid telephone number";
    "website", "请输入以 http:// 或 https:// 开头的网址", "a web address starts with http:// or https://";
    "characters", "含有不允许的字符", "has characters that are not allowed";
    "tags", "最多 20 个标签，每个 1 到 40 个字符，不可重复", "at most 20 tags of 1 to 40 characters, each once";
    "cluster_names", "每个名称 1 到 40 个字符，首尾不留空格", "names of 1 to 40 characters, without blanks around them";
    "key", "以小写字母开头，只能使用小写字母、数字和 _", "lower-case letters, digits and _, beginning with a letter";
    "choice_code", "只能使用小写字母、数字和 _ - + .", "lower-case letters, digits and _ - + . only";
    "unfitting", "此类型的字段没有该设置", "fields of this kind do not have this setting";
    "bounds", "应在 0 到 2000 之间", "between 0 and 2000";
    "number", "不是有效的数字", "not a number";
    "date", "不是有效的日期", "not a date";
    "boolean", "请填写“是”或“否”", "yes or no";
    "choice", "不在选项中", "not one of the choices";
    "retired", "该字段已停用", "this field is not used any more";
    "retired_choice", "该选项已停用", "this choice is not used any more";
    "range", "超出允许的范围", "outside of the range that is allowed";
    "members", "请列出全部记录，每条一次", "all of them, each once";
    "unknown", "未知的字段", "unknown member";
    "type", "类型不符", "not of the expected type";
    "reference", "所引用的记录不存在", "refers to a record that does not exist";
    "no_operation", "该模块没有此操作", "this area has no such operation";
    "no_right", "此人的角色没有这项权限", "this person's role does not allow it";
    "dictionary", "不在字典中", "not in the dictionary";
    "common_password", "密码过于常见", "this password is too common";
    "wrong_password", "当前密码不正确", "the current password is wrong";
    "cycle", "不能形成循环", "would make a circle";
    "future", "不能晚于今天", "cannot be in the future";
    "past", "必须晚于现在", "must be in the future";
    "zero", "不能为零", "cannot be zero";
    "positive", "必须大于零", "must be more than zero";
    "negative", "不能为负", "cannot be negative";
    "discount", "折扣不能超过行金额", "the discount is more than the line";
    "overflow", "金额过大", "the amount is too large";
    "lines", "至少需要一行明细，最多 500 行", "1 to 500 lines are needed";
    "reason", "请填写原因", "a reason is needed";
    "code", "只能使用字母、数字和 . _ - / 空格", "letters, digits, blank and . _ - / only";
    "pattern", "编码规则需包含一个 {n}，例如 C{6}", "the pattern needs one {digits}, as in C{6}";
    "coordinates", "经纬度需同时填写，且在有效范围内", "latitude and longitude belong together, within their ranges";
    "order", "顺序不对", "in the wrong order";
    "fixed", "创建后不能修改", "cannot be changed afterwards";
    "file_empty", "文件是空的", "the file is empty";
    "file_unreadable", "文件既不是 CSV（UTF-8 或 GB18030）也不是 XLSX", "the file is neither CSV (UTF-8 or GB18030) nor XLSX";
    "file_too_large", "文件解压后超过系统设置的上限（GUANXI_UNPACK_LIMIT）", "it unpacks to more than this server is set to take (GUANXI_UNPACK_LIMIT)";
    "file_row_too_long", "有一行超过 4 MiB，可能缺少右引号", "a row has more than 4 MiB; a closing quotation mark may be missing";
    "file_cell_too_long", "有单元格超过 32,767 个字符", "a cell has more than 32,767 characters";
    "columns", "请选择该记录的字段，每个字段一次", "fields of the record, each once";
    "operator", "该字段不支持此运算符", "this field does not take that operator";
    "size", "数量超过上限", "more than the limit";
    "depth", "嵌套过深", "nested too deeply";
    "events", "请填写 1 到 50 个不重复的事件，例如 customers.created、orders.* 或 *", "1 to 50 events, each once, as in customers.created, orders.* or *";
    "private_address", "不允许发送到内部网络地址", "must not lead into a private network";
    "insecure_address", "请使用 https:// 地址", "must begin with https://";
    "rights", "至少选择一项权限，每项一次；不能审批；用户、角色、设置和 Webhook 只能查看或导出", "one or more, each once; never to approve; users, roles, settings and webhooks can only be read and exported";
    "rights_beyond", "超出您自己的权限", "rights beyond your own";
    "right_not_held", "您或此用户的角色没有该权限，或数据范围较小", "your role or this person's does not have it, or on fewer records";
    "money", "不是金额，或小数位过多", "not an amount, or with too many decimals";
    "length", "长度不符合要求", "too short or too long";
    "range", "超出允许的范围", "out of range";
    "once", "每项只能选择一次", "each once";
    "one_period", "时段与起止日期只能选择一种", "either a period or the days themselves";
    "needs_period", "对比需要有起止日期的时段", "a comparison needs a period with a first and a last day";
    "needs_rows", "需要至少一个行维度", "needs a row dimension";
    "cells", "结果超过 5000 个单元格，请缩短时段、增加筛选，或只看前若干名", "more than 5,000 cells: shorten the period, filter, or ask for the first rows only";
    "either", "请填写客户编号或筛选条件，二者选一", "either ids or a filter, not both";
    "segment_cycle", "细分之间互相引用", "the segments lead back to each other";
    "segment_depth", "细分层层引用的层数超过上限", "more segments built upon each other than the limit";
    "segment_rule", "所引用细分的规则已失效，请先修改该细分", "the rule of a segment that this is built upon does not hold any more; change that one first";
    "segment_personal", "结果因查看者而异，不能用于细分", "depends on who looks, so no segment can be built upon it";
    "segment_count", "细分对所有人相同，只有能查看全部此类记录的人才能在细分中使用该字段", "a segment is the same for everybody, so only those who see all such records can build one upon this";
    "segment_private", "共享的细分只能引用共享的细分", "a shared segment can only be built upon shared ones";
    "missing_mapping", "必填的列没有对应", "a needed column is not mapped";
}

impl ErrorCode {
    /// The text for a code of `errors[]`.
    pub fn field_message(code: &str, lang: Lang) -> &'static str {
        FIELD_MESSAGES
            .iter()
            .find(|(word, ..)| *word == code)
            .map_or(lang.pick("无效", "not valid"), |(_, zh, en)| {
                lang.pick(zh, en)
            })
    }
}

/// An error as it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Identifies the kind of problem: `/problems/` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    /// What is particular to this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Stable; documented.
    pub code: String,
    /// Names the request in the server's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    pub fn new(code: ErrorCode, lang: Lang) -> Self {
        Self {
            kind: format!("/problems/{}", code.as_str()),
            title: code.title(lang).to_owned(),
            status: code.status(),
            detail: None,
            code: code.as_str().to_owned(),
            request_id: None,
            errors: Vec::new(),
        }
    }

    /// The message for the member at this JSON pointer.
    pub fn error_at(&self, pointer: &str) -> Option<&FieldError> {
        self.errors.iter().find(|e| e.pointer == pointer)
    }
}
