//! A saved report by mail: when, to whom, and what became of it.

use std::time::Duration;

use guanxi_domain::export::ExportFormat;
use guanxi_domain::report::Report;
use guanxi_domain::report::schedule::{
    ReportOutcome, ReportRecipient, ReportRhythm, ReportSchedule, ReportScheduleInput,
};
use guanxi_domain::{FieldSet, Timestamp};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use super::label;
use crate::api::{self, Call};
use crate::format;
use crate::i18n::{fill, lang, t, t_now};
use crate::load::Loader;
use crate::session::use_session;
use crate::ui::{
    Badge, Caution, CheckField, Form, FormFailure, FormGrid, Glyph, Icon, Options, PickerSource,
    RecordPicker, SelectField, Skeleton, Toasts, Tone, choices, use_toasts, with_data,
};

/// How often a sending that is under way is asked after.
const POLL: Duration = Duration::from_secs(2);

const FIELDS: FieldSet = FieldSet {
    record: "report_schedules",
    default_sort: "",
    fields: &[],
};

/// The schedule of a report: a form for whoever may change it, for others their own subscription.
#[component]
pub fn Schedule(report: Report, open: RwSignal<bool>) -> impl IntoView {
    let path = format!("/reports/{}/schedule", report.id);
    let schedule = Loader::new({
        let path = path.clone();
        move || api::get(path.clone()).json::<ReportSchedule>()
    });
    let report = StoredValue::new(report);
    with_data(
        schedule,
        || view! { <Skeleton lines=6 /> }.into_any(),
        move |found: ReportSchedule| {
            let path = path.clone();
            let report = report.get_value();
            if found.may_change {
                view! { <Editing found=found schedule=schedule report=report path=path open=open /> }.into_any()
            } else {
                view! { <Subscription found=found schedule=schedule path=path /> }.into_any()
            }
        },
    )
}

#[component]
fn Editing(
    found: ReportSchedule,
    schedule: Loader<ReportSchedule>,
    report: Report,
    path: String,
    open: RwSignal<bool>,
) -> impl IntoView {
    let toasts = use_toasts();
    let fresh = found.version == 0;
    let mut input = found.input.clone();
    if fresh {
        // Most want it themselves, and on.
        input.active = true;
        input.recipients = vec![report.owner_id];
    }
    let initial = serde_json::to_value(&input).unwrap_or_default();
    let form = Form::new::<ReportScheduleInput>(&FIELDS, initial);
    let version = found.version;
    let put = path.clone();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let call = api::put(&put).version(version);
        form.submit(
            |value| async move { call.body(&value).json::<ReportSchedule>().await },
            move |saved| {
                toasts.done(t_now().report.schedule_saved);
                schedule.set(saved);
            },
        );
    };
    let shared = report.input.shared;
    view! {
        <form class="space-y-4" novalidate on:submit=submit data-testid="schedule">
            <Show when=move || !found.mail_active>
                <Caution text=label(|r| r.schedule_mail_off) />
            </Show>
            <CheckField form=form name="active" label=label(|r| r.schedule_active) />
            <When form=form zone=found.time_zone.clone() />
            <Recipients form=form owner=report.owner_id.to_string() shared=shared />
            <FormFailure form=form />
            <State found=found.clone() path=path.clone() />
            <Buttons form=form schedule=schedule found=found path=path open=open />
        </form>
    }
}

/// Days of the week and of the month.
fn numbered(numbers: std::ops::RangeInclusive<i64>, name: fn(i64) -> String) -> Options {
    Signal::derive(move || {
        let all = numbers.clone();
        all.map(|n| (n.to_string(), name(n))).collect()
    })
}

fn weekday(number: i64) -> String {
    const NAMES: [(&str, &str); 7] = [
        ("星期一", "Monday"),
        ("星期二", "Tuesday"),
        ("星期三", "Wednesday"),
        ("星期四", "Thursday"),
        ("星期五", "Friday"),
        ("星期六", "Saturday"),
        ("星期日", "Sunday"),
    ];
    let name = usize::try_from(number - 1).ok().and_then(|i| NAMES.get(i));
    name.map_or_else(String::new, |(zh, en)| lang().pick(*zh, *en).to_owned())
}

#[component]
fn When(form: Form, zone: String) -> impl IntoView {
    let rhythm = Memo::new(move |_| form.text("rhythm").parse::<ReportRhythm>().ok());
    let rhythms = choices!(ReportRhythm);
    let formats = choices!(ExportFormat);
    let zone = Signal::derive(move || fill(t().report.schedule_zone, &[("zone", &zone)]));
    view! {
        <FormGrid>
            <SelectField form=form name="rhythm" label=label(|r| r.schedule_rhythm) options=rhythms required=true />
            <SelectField
                form=form
                name="hour"
                label=label(|r| r.schedule_hour)
                options=numbered(0..=23, |hour| format!("{hour:02}:00"))
                number=true
                required=true
                hint=zone
            />
            <Show when=move || rhythm.get() == Some(ReportRhythm::Weekly)>
                <SelectField
                    form=form
                    name="weekday"
                    label=label(|r| r.schedule_weekday)
                    options=numbered(1..=7, weekday)
                    number=true
                    required=true
                />
            </Show>
            <Show when=move || rhythm.get() == Some(ReportRhythm::Monthly)>
                <SelectField
                    form=form
                    name="day"
                    label=label(|r| r.schedule_day)
                    options=numbered(1..=31, |day| fill(t().report.schedule_day_n, &[("n", &day.to_string())]))
                    number=true
                    required=true
                    hint=label(|r| r.schedule_day_hint)
                />
            </Show>
            <SelectField
                form=form
                name="attachment"
                label=label(|r| r.schedule_attachment)
                options=formats
                hint=label(|r| r.schedule_attachment_hint)
            />
        </FormGrid>
    }
}

fn recipients(form: Form) -> Vec<String> {
    let all = form.get("recipients");
    let all = all.as_array().into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[component]
fn Recipients(form: Form, owner: String, shared: bool) -> impl IntoView {
    let session = use_session();
    let chosen = RwSignal::new(None::<String>);
    let add = Callback::new(move |id: Option<String>| {
        let Some(id) = id else { return };
        let mut all = untrack(|| recipients(form));
        if !all.contains(&id) {
            all.push(id);
        }
        form.set("recipients", all);
        form.touch("recipients");
        // Ready for the next one.
        chosen.set(None);
    });
    let remove = move |id: &str| {
        let mut all = untrack(|| recipients(form));
        all.retain(|known| known != id);
        form.set("recipients", all);
        form.touch("recipients");
    };
    let people = move || {
        let all = recipients(form).into_iter();
        all.enumerate()
            .map(|(place, id)| {
                let name = session.person_name(&id).unwrap_or_else(|| id.clone());
                let wrong = form.error(&format!("/recipients/{place}"));
                let title = fill(t().report.schedule_remove, &[("name", &name)]);
                view! {
                    <li class="tag gap-1 pr-1" class=("tag-error", wrong.is_some())>
                        {name}
                        <button
                            type="button"
                            class="btn btn-ghost btn-square btn-xs size-5 min-h-0"
                            aria-label=title
                            on:click=move |_| remove(&id)
                        >
                            <Icon glyph=Glyph::Close class="size-3" />
                        </button>
                    </li>
                }
            })
            .collect_view()
    };
    let error = move || {
        let places = 0..recipients(form).len();
        let of_one = |place| form.error(&format!("/recipients/{place}"));
        form.error("recipients")
            .or_else(|| places.into_iter().find_map(of_one))
    };
    let private = move || !shared && recipients(form).iter().any(|id| *id != owner);
    view! {
        <div class="space-y-2">
            <p class="text-[0.8125rem] font-medium">{move || t().report.schedule_recipients}</p>
            <ul class="flex flex-wrap gap-1.5 empty:hidden" data-testid="recipients">
                {people}
            </ul>
            <RecordPicker
                source=PickerSource::people()
                value=chosen
                on_change=add
                id="schedule-recipient".to_owned()
            />
            {move || match error() {
                Some(error) => view! { <p class="text-xs text-error" role="alert">{error}</p> }.into_any(),
                None => view! { <p class="muted text-xs">{move || t().report.schedule_recipients_hint}</p> }.into_any(),
            }}
            <Show when=private>
                <p class="text-xs text-error" role="alert">{move || t().report.schedule_private}</p>
            </Show>
        </div>
    }
}

/// When it is due next, and what became of it last.
#[component]
fn State(found: ReportSchedule, path: String) -> impl IntoView {
    if found.version == 0 {
        return ().into_any();
    }
    let path = StoredValue::new(path);
    let now = RwSignal::new(found);
    // The form stays as it is: only this part is asked for anew.
    let poll = move || {
        if !now.with_untracked(is_under_way) {
            return;
        }
        spawn_local(async move {
            // Asked again soon.
            if let Ok(found) = api::get(path.get_value()).json::<ReportSchedule>().await {
                now.try_set(found);
            }
        });
    };
    if let Ok(handle) = set_interval_with_handle(poll, POLL) {
        on_cleanup(move || handle.clear());
    }
    let next = move || now.with(|now| now.next_at);
    let last = move || now.with(|now| now.last.map(|last| last.at));
    let zone = StoredValue::new(now.with_untracked(|now| now.time_zone.clone()));
    let moment = move |at: Option<Timestamp>| {
        let write = |at| zone.with_value(|zone| format::time_in(at, zone));
        at.map_or_else(|| t().report.schedule_never.to_owned(), write)
    };
    let people = move || now.with(|now| now.people.clone());
    view! {
        <div class="rounded-box border border-base-300">
            <div class="flex flex-wrap gap-x-6 gap-y-1 px-3 py-2 text-[0.8125rem]">
                <span>
                    <span class="muted">{move || t().report.schedule_next}</span>
                    " "
                    <span class="num" data-testid="next">
                        {move || moment(next())}
                    </span>
                </span>
                <span>
                    <span class="muted">{move || t().report.schedule_last}</span>
                    " "
                    <span class="num">{move || moment(last())}</span>
                </span>
                <span class="muted">{zone.get_value()}</span>
            </div>
            <ul class="divide-y divide-base-300 border-t border-base-300" data-testid="outcomes">
                {move || people().into_iter().map(|one| view! { <Outcome one=one /> }).collect_view()}
            </ul>
        </div>
    }
    .into_any()
}

/// Some mail of the last sending is still to come.
fn is_under_way(schedule: &ReportSchedule) -> bool {
    let waits = |one: &ReportRecipient| one.outcome == Some(ReportOutcome::Pending);
    schedule.last.is_some_and(|last| !last.done) || schedule.people.iter().any(waits)
}

const fn tone(outcome: ReportOutcome) -> Tone {
    match outcome {
        ReportOutcome::Pending => Tone::Primary,
        ReportOutcome::Sent => Tone::Success,
        ReportOutcome::Unsubscribed => Tone::Plain,
        ReportOutcome::Inactive | ReportOutcome::NoAccess => Tone::Warning,
        ReportOutcome::Failed | ReportOutcome::Refused => Tone::Error,
    }
}

#[component]
fn Outcome(one: ReportRecipient) -> impl IntoView {
    let ReportRecipient {
        name,
        subscribed,
        outcome,
        fault,
        ..
    } = one;
    // Since the last sending.
    let shown = if subscribed {
        outcome
    } else {
        Some(ReportOutcome::Unsubscribed)
    };
    view! {
        <li class="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1.5 text-[0.8125rem]">
            <span class="min-w-0 flex-1 truncate">{name}</span>
            {shown
                .map(|outcome| {
                    view! {
                        <Badge
                            tone=tone(outcome)
                            text=Signal::derive(move || outcome.label(lang()).to_owned())
                        />
                    }
                })}
            {fault.map(|fault| view! { <p class="muted basis-full text-xs">{move || fault.label(lang())}</p> })}
        </li>
    }
}

#[component]
fn Buttons(
    form: Form,
    schedule: Loader<ReportSchedule>,
    found: ReportSchedule,
    path: String,
    open: RwSignal<bool>,
) -> impl IntoView {
    let toasts = use_toasts();
    let there = found.version > 0;
    let sendable = there && found.mail_active && !found.people.is_empty();
    let version = found.version;
    let delete_path = path.clone();
    let delete = move |_| {
        let call = api::delete(&delete_path).version(version);
        spawn_local(async move {
            match call.done().await {
                Ok(()) => {
                    toasts.done(t_now().report.schedule_deleted);
                    open.try_set(false);
                }
                Err(error) => toasts.error(&error),
            }
        });
    };
    let send = move |_| {
        let call = api::post(format!("{path}/send")).body(&json!({}));
        answer(
            call,
            schedule,
            toasts,
            Some(|| t_now().report.schedule_sending),
        );
    };
    view! {
        <div class="flex flex-wrap items-center gap-2 pt-1">
            {there
                .then(|| {
                    view! {
                        <button type="button" class="btn-quiet text-error" on:click=delete>
                            {move || t().report.schedule_delete}
                        </button>
                        <button
                            type="button"
                            class="btn-quiet"
                            disabled=move || !sendable || form.dirty()
                            data-testid="send-now"
                            on:click=send
                        >
                            <Icon glyph=Glyph::Send />
                            {move || t().report.schedule_send}
                        </button>
                    }
                })}
            <span class="flex-1"></span>
            <button
                type="submit"
                class="btn btn-primary btn-sm"
                disabled=move || form.busy()
                data-testid="save-schedule"
            >
                {move || t().common.save}
            </button>
        </div>
    }
}

/// Shows what a call answers.
fn answer(
    call: Call,
    schedule: Loader<ReportSchedule>,
    toasts: Toasts,
    done: Option<fn() -> &'static str>,
) {
    spawn_local(async move {
        match call.json::<ReportSchedule>().await {
            Ok(now) => {
                schedule.set(now);
                if let Some(text) = done {
                    toasts.done(text());
                }
            }
            Err(error) => toasts.error(&error),
        }
    });
}

/// For somebody who is sent a report that is not theirs.
#[component]
fn Subscription(
    found: ReportSchedule,
    schedule: Loader<ReportSchedule>,
    path: String,
) -> impl IntoView {
    let toasts = use_toasts();
    let subscribed = found.subscribed;
    let next: Option<Timestamp> = found.next_at.filter(|_| subscribed == Some(true));
    let zone = found.time_zone;
    let text = move || match subscribed {
        None => t().report.subscription_none,
        Some(true) => t().report.subscription_on,
        Some(false) => t().report.subscription_off,
    };
    let change = move |_| {
        let wanted = subscribed != Some(true);
        let call = api::put(format!("{path}/subscription")).body(&json!({"subscribed": wanted}));
        answer(call, schedule, toasts, None);
    };
    view! {
        <p>{text}</p>
        {next
            .map(|next| {
                view! {
                    <p class="mt-1 text-[0.8125rem]">
                        <span class="muted">{move || t().report.schedule_next}</span>
                        " "
                        <span class="num">{move || format!("{} ({zone})", format::time_in(next, &zone))}</span>
                    </p>
                }
            })}
        <Show when=move || subscribed.is_some()>
            <div class="mt-4 flex justify-end">
                <button class="btn btn-sm" data-testid="subscription" on:click=change.clone()>
                    {move || {
                        let words = t().report;
                        if subscribed == Some(true) { words.unsubscribe } else { words.subscribe }
                    }}
                </button>
            </div>
        </Show>
    }
}
