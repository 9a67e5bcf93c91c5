//! Whom to win back first.

use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::win_back::{WinBackCandidate, WinBackPlan};
use leptos::prelude::*;

use super::owners::{ME, OwnerChoice};
use super::plan_dialog::{PlanDialog, Planned};
use crate::api;
use crate::format::{self, money_plain};
use crate::i18n::{fill, lang, t};
use crate::live::use_live;
use crate::load::Loader;
use crate::nav::use_url;
use crate::segmentation::badges::{ChurnBadge, LifecycleBadge};
use crate::segmentation::explain::{Asked, ExplainDialog};
use crate::segmentation::label;
use crate::segmentation::parts::Choice;
use crate::segmentation::segment_dialog::{SegmentDialog, SegmentOf};
use crate::session::use_session;
use crate::ui::{Card, EmptyState, Glyph, Icon, Skeleton, record_link, with_data};
use crate::value::CsvButton;

const TEN: &str = "10";
const FIFTY: &str = "50";
const MANY: &str = "200";

/// What dialogs of the page are about.
#[derive(Clone, Copy)]
struct Dialogs {
    why: RwSignal<Asked>,
    plan: RwSignal<Planned>,
    segment: RwSignal<bool>,
}

/// The customers with the most to win, as many as are asked for.
#[component]
pub fn Candidates() -> impl IntoView {
    let url = use_url();
    let session = use_session();
    let many = Signal::derive(move || match url.get("top").as_deref() {
        Some(FIFTY) => FIFTY,
        Some(MANY) => MANY,
        _ => TEN,
    });
    let found = Loader::new(move || {
        let mut call = api::get("/win-back-candidates").query("limit", many.get());
        // Without another choice those who are about to leave, not those who are gone.
        let stage = url.get("lifecycle_stage");
        let level = url.get("churn_level");
        if stage.is_none() && level.is_none() {
            call = call
                .query("churn_level", "medium,high")
                .query("lifecycle_stage", "growth,maturity,decline");
        }
        for (name, value) in [("lifecycle_stage", stage), ("churn_level", level)] {
            if let Some(value) = value {
                call = call.query(name, value);
            }
        }
        let owner = match url.get("owner") {
            Some(word) if word == ME => session.me().map(|me| me.user.id.to_string()),
            other => other,
        };
        if let Some(owner) = owner {
            call = call.query("owner_id", owner);
        }
        call.json::<Vec<WinBackCandidate>>()
    });
    use_live().refresh("win_back_plans", move || found.reload());
    let dialogs = Dialogs {
        why: RwSignal::new(None),
        plan: RwSignal::new(None),
        segment: RwSignal::new(false),
    };
    let chosen = move || {
        found.with(|l| {
            let list = l.data.as_deref().unwrap_or_default();
            list.iter().map(|c| c.customer_id).collect::<Vec<_>>()
        })
    };
    let file = move || file_rows(&found.data().unwrap_or_default());
    let may_segment = move || session.can(Module::Segments, Operation::Create);
    let body = move |list: Vec<WinBackCandidate>| {
        if list.is_empty() {
            return view! {
                <EmptyState glyph=Glyph::CircleCheck title=label(|s| s.first_none) text=label(|s| s.first_none_text) />
            }
            .into_any();
        }
        view! { <Table list=list dialogs=dialogs /> }.into_any()
    };
    view! {
        <Card
            title=label(|s| s.first)
            text=label(|s| s.first_text)
            actions=ViewFn::from(move || {
                view! {
                    <Show when=may_segment>
                        <button
                            type="button"
                            class="btn-quiet"
                            data-testid="make-segment"
                            disabled=move || chosen().is_empty()
                            on:click=move |_| dialogs.segment.set(true)
                        >
                            <Icon glyph=Glyph::Layers />
                            {move || t().segmentation.make_segment}
                        </button>
                    </Show>
                    <CsvButton file_name="win-back" rows=file />
                }
            })
            flush=true
        >
            <div class="flex flex-wrap items-center gap-x-5 gap-y-1 border-b border-base-300 px-4 py-2">
                <Choice
                    options=vec![
                        (TEN, label(|s| s.top_10)),
                        (FIFTY, label(|s| s.top_50)),
                        (MANY, label(|s| s.top_200)),
                    ]
                    chosen=many
                    on_choose=Callback::new(move |word: &'static str| {
                        url.set(&[("top", (word != TEN).then(|| word.to_owned()))]);
                    })
                    label=label(|s| s.how_many)
                />
                <OwnerChoice />
                <ChosenFilter />
            </div>
            {with_data(found, || view! { <Skeleton lines=8 /> }.into_any(), body)}
        </Card>
        <ExplainDialog asked=dialogs.why />
        <PlanDialog planned=dialogs.plan done=Callback::new(move |()| found.reload()) />
        <SegmentDialog open=dialogs.segment of=Signal::derive(move || SegmentOf::These(chosen())) />
    }
}

/// Says which level or stage is chosen above, and takes it away.
#[component]
fn ChosenFilter() -> impl IntoView {
    let url = use_url();
    let any = Memo::new(move |_| {
        url.get("churn_level").is_some() || url.get("lifecycle_stage").is_some()
    });
    view! {
        <Show
            when=move || any.get()
            fallback=|| view! { <span class="muted text-xs">{move || t().segmentation.first_default}</span> }
        >
            <button
                type="button"
                class="btn-quiet"
                data-testid="clear-choice"
                on:click=move |_| url.set(&[("churn_level", None), ("lifecycle_stage", None)])
            >
                <Icon glyph=Glyph::Close />
                {move || t().segmentation.clear}
            </button>
        </Show>
    }
}

#[component]
fn Table(list: Vec<WinBackCandidate>, dialogs: Dialogs) -> impl IntoView {
    let rows = list
        .into_iter()
        .enumerate()
        .map(|(place, c)| view! { <Row place=place + 1 candidate=c dialogs=dialogs /> })
        .collect_view();
    view! {
        <div class="overflow-x-auto">
            <table class="grid-table cards" data-testid="win-back">
                <thead>
                    <tr>
                        <th scope="col">{move || t().segmentation.customer}</th>
                        <th scope="col">{move || t().segmentation.stage}</th>
                        <th scope="col">{move || t().segmentation.churn}</th>
                        <th scope="col" class="right">
                            {move || t().segmentation.last_bought}
                        </th>
                        <th scope="col" class="right">
                            {move || t().segmentation.value_if_active}
                        </th>
                        <th scope="col" class="right">
                            {move || t().segmentation.gain}
                        </th>
                        <th scope="col">{move || t().segmentation.plan}</th>
                        <th scope="col">
                            <span class="sr-only">{move || t().segmentation.why}</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(place: usize, candidate: WinBackCandidate, dialogs: Dialogs) -> impl IntoView {
    let session = use_session();
    let c = candidate;
    let (id, name) = (c.customer_id, c.name.clone());
    let asked = (id, c.name.clone());
    let (worth, gain, last) = (c.value_if_active, c.expected_gain, c.last_order_on);
    let owner = c.owner_id;
    view! {
        <tr data-testid="win-back-row">
            <td>
                <span class="flex items-baseline gap-2">
                    <span class="num muted w-5 text-right">{place}</span>
                    <span>
                        {record_link(format!("/customers/{id}"), c.name)}
                        <span class="muted block text-xs">
                            {move || owner.and_then(|id| session.person_name(id.as_str()))}
                        </span>
                    </span>
                </span>
            </td>
            <td data-label=move || t().segmentation.stage>
                <LifecycleBadge stage=c.scores.lifecycle_stage />
            </td>
            <td data-label=move || t().segmentation.churn>
                <span class="flex items-center gap-2">
                    {c.scores.churn_level.map(|level| view! { <ChurnBadge level=level /> })}
                    <span class="num">{c.scores.churn_risk.map(format::share)}</span>
                </span>
            </td>
            <td class="right" data-label=move || t().segmentation.last_bought>
                {move || last.map(format::date_short)}
            </td>
            <td class="right" data-label=move || t().segmentation.value_if_active>
                {move || format::money(worth)}
            </td>
            <td class="right" data-label=move || t().segmentation.gain>
                <span class="font-semibold">{move || format::money(gain)}</span>
            </td>
            <td data-label=move || t().segmentation.plan>
                <PlanCell plan=c.plan customer=(id, name) dialogs=dialogs />
            </td>
            <td class="right">
                <button
                    type="button"
                    class="btn-quiet"
                    data-testid="why"
                    on:click=move |_| dialogs.why.set(Some(asked.clone()))
                >
                    <Icon glyph=Glyph::Info />
                    {move || t().segmentation.why}
                </button>
            </td>
        </tr>
    }
}

#[component]
fn PlanCell(
    plan: Option<WinBackPlan>,
    customer: (guanxi_domain::CustomerId, String),
    dialogs: Dialogs,
) -> impl IntoView {
    let session = use_session();
    let may = session.can(Module::Customers, Operation::Update);
    let due = plan.as_ref().map(|plan| plan.input.due_on);
    let text = move || {
        let s = t().segmentation;
        match due {
            Some(Some(day)) => fill(s.plan_due, &[("date", &format::date_short(day))]),
            Some(None) => s.plan_there.to_owned(),
            None => s.plan_make.to_owned(),
        }
    };
    if !may && due.is_none() {
        return view! { <span class="muted">"—"</span> }.into_any();
    }
    view! {
        <button
            type="button"
            class=if due.is_some() { "tag tag-info cursor-pointer" } else { "btn-quiet" }
            data-testid="plan"
            disabled=!may
            on:click=move |_| dialogs.plan.set(Some((customer.0, customer.1.clone(), plan.clone())))
        >
            {text}
        </button>
    }
    .into_any()
}

fn file_rows(list: &[WinBackCandidate]) -> Vec<Vec<String>> {
    let s = t().segmentation;
    let head = [
        "code",
        s.customer,
        s.stage,
        s.churn_level,
        s.churn,
        s.alive,
        s.last_bought,
        s.value,
        s.value_if_active,
        s.gain,
        s.plan,
    ];
    let body = list.iter().map(|c| {
        let x = &c.scores;
        vec![
            c.code.clone(),
            c.name.clone(),
            x.lifecycle_stage.label(lang()).to_owned(),
            x.churn_level
                .map(|level| level.label(lang()))
                .unwrap_or_default()
                .to_owned(),
            x.churn_risk.map(|p| p.to_string()).unwrap_or_default(),
            x.probability_active
                .map(|p| p.to_string())
                .unwrap_or_default(),
            c.last_order_on
                .map(|day| day.to_string())
                .unwrap_or_default(),
            x.lifetime_value.map(money_plain).unwrap_or_default(),
            money_plain(c.value_if_active),
            money_plain(c.expected_gain),
            c.plan
                .as_ref()
                .map(|plan| plan.input.plan.clone())
                .unwrap_or_default(),
        ]
    });
    std::iter::once(head.map(str::to_owned).to_vec())
        .chain(body)
        .collect()
}
