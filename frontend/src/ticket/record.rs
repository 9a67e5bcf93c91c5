use guanxi_domain::UserId;
use guanxi_domain::share::Shareable;
use guanxi_domain::ticket::{FIELDS, Ticket};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::actions::TicketActions;
use super::badges::{PriorityBadge, TicketStateBadge};
use super::conversation::{Conversation, load_history};
use super::label;
use crate::api;
use crate::audit::HistoryButton;
use crate::contact::ContactName;
use crate::format;
use crate::i18n::{field_label, lang, t};
use crate::load::Loader;
use crate::session::use_session;
use crate::share::{ShareButton, SharedBadge, Shares};
use crate::ui::{
    Card, ChangedElsewhere, CustomCard, Fact, Facts, PageHeader, RecordSkeleton, record_link,
    with_data,
};

#[component]
pub fn TicketPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let ticket = Loader::new(move || api::get(format!("/tickets/{}", id.get())).json::<Ticket>());
    // Made anew for another ticket only: what is being written stays when the ticket changes.
    let found = Memo::new(move |_| ticket.with(|l| l.data.as_ref().map(|f| f.id.to_string())));
    view! {
        <ChangedElsewhere record="tickets" loader=ticket of=|c: &Ticket| (c.id.to_string(), c.version) />
        {with_data(ticket, || view! { <RecordSkeleton /> }.into_any(), |_| ())}
        {move || found.get().map(|id| view! { <Record ticket=ticket id=id /> })}
    }
}

fn field(name: &'static str) -> Signal<String> {
    Signal::derive(move || field_label(&FIELDS, name))
}

#[component]
fn Record(ticket: Loader<Ticket>, id: String) -> impl IntoView {
    let history = load_history(&id);
    let shares = Shares::of(Shareable::Tickets, Signal::stored(id.clone()));
    let of = id.clone();
    let subject =
        Signal::derive(move || ticket.data().map(|f| f.input.subject).unwrap_or_default());
    let badges = move || {
        ticket.data().map(|f| {
            view! {
                <TicketStateBadge state=f.state />
                <PriorityBadge priority=f.input.priority />
                <SharedBadge shares=shares />
            }
        })
    };
    let below = move || {
        ticket.data().map(|f| {
            let kind = f.input.kind;
            view! {
                <p class="muted mt-1 flex flex-wrap gap-x-3 text-[0.8125rem]">
                    <span class="num">{f.number}</span>
                    <span>{kind.label(lang())}</span>
                    {record_link(format!("/customers/{}", f.input.customer_id), f.customer_name)}
                </p>
            }
        })
    };
    view! {
        <PageHeader
            title=subject
            up=("/tickets", label(|s| s.title))
            beside=ViewFn::from(move || badges)
            below=ViewFn::from(move || below)
        >
            <ShareButton shares=shares name=subject />
            <HistoryButton record="tickets" id=of.clone() />
            <TicketActions ticket=ticket changed=Callback::new(move |()| history.reload()) />
        </PageHeader>
        <div class="grid grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_20rem]">
            <Conversation ticket=ticket ticket_id=id history=history />
            {move || {
                ticket
                    .data()
                    .map(|found| {
                        let custom = found.input.custom.clone();
                        view! {
                            <div class="space-y-4">
                                <FactsCard found=found />
                                <CustomCard record="tickets" values=Signal::stored(custom) />
                            </div>
                        }
                    })
            }}
        </div>
    }
}

#[component]
fn FactsCard(found: Ticket) -> impl IntoView {
    let session = use_session();
    let person = move |id: Option<UserId>| {
        Signal::derive(move || id.and_then(|id| session.person_name(id.as_str())))
    };
    let owner = found.input.owner_id;
    let owner_name = Signal::derive(move || match owner {
        Some(id) => session.person_name(id.as_str()),
        None => Some(t().ticket.unassigned.to_owned()),
    });
    let time = |at: Option<guanxi_domain::Timestamp>| Signal::derive(move || at.map(format::time));
    let (kind, channel) = (found.input.kind, found.input.channel);
    let order = found.input.order_id;
    let product = found.input.product_id;
    view! {
        <Card title=label(|s| s.facts)>
            <div class="xl:[&_dl]:grid-cols-2">
                <Facts>
                    <Fact label=field("owner_id") value=owner_name />
                    <Fact label=label(|s| s.responsible) value=person(found.responsible_id) />
                    <Fact label=field("kind") value=Signal::derive(move || Some(kind.label(lang()).to_owned())) />
                    <Fact
                        label=field("channel")
                        value=Signal::derive(move || Some(channel.label(lang()).to_owned()))
                    />
                    <Fact label=field("contact_id")>
                        <ContactName id=found.input.contact_id />
                    </Fact>
                    <Fact label=field("team") value=Signal::stored(found.input.team) />
                    <Fact label=field("order_id")>
                        {match order {
                            Some(id) => view! { <Named path=format!("/orders/{id}") member="number" /> }.into_any(),
                            None => "—".into_any(),
                        }}
                    </Fact>
                    <Fact label=field("product_id")>
                        {match product {
                            Some(id) => view! { <Named path=format!("/products/{id}") member="name" /> }.into_any(),
                            None => "—".into_any(),
                        }}
                    </Fact>
                    <Fact label=field("created_at") value=time(Some(found.created_at)) />
                    <Fact label=label(|s| s.created_by) value=person(found.created_by_id) />
                    <Fact label=field("first_response_at") value=time(found.first_response_at) />
                    <Fact label=label(|s| s.first_responder) value=person(found.first_responder_id) />
                    <Fact label=field("resolved_at") value=time(found.resolved_at) />
                    <Fact
                        label=label(|s| s.reopened)
                        value=Signal::stored((found.reopened > 0).then(|| found.reopened.to_string()))
                    />
                    <Fact label=field("tags") wide=true>
                        {if found.input.tags.is_empty() {
                            "—".into_any()
                        } else {
                            found
                                .input
                                .tags
                                .into_iter()
                                .map(|tag| view! { <span class="tag tag-plain mr-1">{tag}</span> })
                                .collect_view()
                                .into_any()
                        }}
                    </Fact>
                </Facts>
            </div>
        </Card>
    }
}

/// A link to a record by one of its members; the API's path is the app's address.
#[component]
fn Named(path: String, member: &'static str) -> impl IntoView {
    let address = path.clone();
    let record = Loader::new(move || api::get(path.clone()).json::<serde_json::Value>());
    move || {
        record.data().map(|record| {
            let name = record[member].as_str().unwrap_or("—").to_owned();
            record_link(address.clone(), name)
        })
    }
}
