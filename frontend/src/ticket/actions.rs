//! Taking, assigning and moving a ticket on.

use guanxi_domain::UserId;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::ticket::{Ticket, TicketAssignment, TicketState, TicketTransitionInput};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;

use super::label;
use crate::api;
use crate::i18n::{TicketTexts, fill, lang_now, t, t_now};
use crate::load::Loader;
use crate::session::use_session;
use crate::ui::{Dialog, Glyph, Icon, PickerSource, RecordPicker, use_toasts};

fn verb(from: TicketState, to: TicketState) -> fn(&TicketTexts) -> &'static str {
    match to {
        TicketState::Open if !from.is_open() => |s| s.reopen,
        TicketState::New | TicketState::Open => |s| s.to_open,
        TicketState::Waiting => |s| s.to_waiting,
        TicketState::Resolved => |s| s.to_resolved,
        TicketState::Closed => |s| s.to_closed,
    }
}

/// The step that is usual: its button stands out.
const fn usual(from: TicketState) -> Option<TicketState> {
    match from {
        TicketState::New => Some(TicketState::Open),
        TicketState::Open | TicketState::Waiting => Some(TicketState::Resolved),
        TicketState::Resolved => Some(TicketState::Closed),
        TicketState::Closed => None,
    }
}

/// `changed` runs after each step: the history has a new entry.
#[component]
pub fn TicketActions(ticket: Loader<Ticket>, changed: Callback<()>) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let assigning = RwSignal::new(false);
    let send = move |call: api::Call, done: fn(&Ticket) -> String| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            if ticket.change(call, toasts, done).await {
                changed.try_run(());
            }
            busy.try_set(false);
        });
    };
    let go = move |to: TicketState| {
        let Some(now) = ticket.data_untracked() else {
            return;
        };
        let call = api::post(format!("/tickets/{}/transitions", now.id))
            .version(now.version)
            .body(&TicketTransitionInput { to, note: None });
        send(call, |moved| {
            let state = moved.state.label(lang_now());
            fill(t_now().ticket.moved, &[("state", state)])
        });
    };
    let assign = move |owner: Option<UserId>, done: fn(&Ticket) -> String| {
        let Some(now) = ticket.data_untracked() else {
            return;
        };
        let call = api::post(format!("/tickets/{}/assign", now.id))
            .version(now.version)
            .body(&TicketAssignment { owner_id: owner });
        send(call, done);
    };
    let assign_to = Callback::new(move |owner| {
        assign(owner, |_| t_now().ticket.assigned.to_owned());
    });

    let me = Memo::new(move |_| session.me().map(|me| me.user.id));
    let state = Memo::new(move |_| ticket.with(|l| l.data.as_ref().map(|found| found.state)));
    let people = Memo::new(move |_| {
        ticket.with(|l| {
            l.data
                .as_ref()
                .map(|found| (found.input.owner_id, found.responsible_id))
        })
    });
    let may_update = move || session.can(Module::Tickets, Operation::Update);
    let may_assign = move || session.can(Module::Tickets, Operation::Assign);
    // Free ones can be taken; one's own is accepted when somebody else still answers for it.
    let take = move || {
        let (owner, responsible) = people.get()?;
        let open = state.get().is_some_and(TicketState::is_open);
        if !open || !may_update() {
            return None;
        }
        let text: fn(&TicketTexts) -> &'static str = match owner {
            None => |s| s.take,
            owner if owner == me.get() && responsible.is_some() && responsible != owner => {
                |s| s.accept
            }
            Some(_) => return None,
        };
        Some(view! {
            <button
                class="btn-quiet"
                data-testid="take"
                disabled=move || busy.get()
                on:click=move |_| assign(me.get_untracked(), |_| t_now().ticket.taken.to_owned())
            >
                <Icon glyph=Glyph::User />
                {move || text(t().ticket)}
            </button>
        })
    };
    let steps = move || {
        let from = state.get().filter(|_| may_update())?;
        let usual = usual(from);
        let mut next: Vec<_> = from.next().to_vec();
        next.sort_by_key(|to| Some(*to) == usual);
        let buttons = next.into_iter().map(|to| {
            let text = verb(from, to);
            view! {
                <button
                    class=if Some(to) == usual { "btn btn-primary btn-sm" } else { "btn-quiet" }
                    data-testid=format!("to-{to}")
                    disabled=move || busy.get()
                    on:click=move |_| go(to)
                >
                    {move || text(t().ticket)}
                </button>
            }
        });
        Some(buttons.collect_view())
    };
    let edit = move || {
        let id = ticket.with(|l| l.data.as_ref().map(|found| found.id));
        id.filter(|_| may_update()).map(|id| {
            view! {
                <A href=format!("/tickets/{id}/edit") attr:class="btn-quiet" attr:data-testid="edit">
                    <Icon glyph=Glyph::Pencil />
                    {move || t().common.edit}
                </A>
            }
        })
    };
    view! {
        {edit}
        <Show when=may_assign>
            <button class="btn-quiet" data-testid="assign" on:click=move |_| assigning.set(true)>
                <Icon glyph=Glyph::UserPlus />
                {move || t().ticket.assign}
            </button>
        </Show>
        {take}
        {steps}
        <AssignDialog open=assigning ticket=ticket on_choice=assign_to />
    }
}

#[component]
fn AssignDialog(
    open: RwSignal<bool>,
    ticket: Loader<Ticket>,
    on_choice: Callback<Option<UserId>>,
) -> impl IntoView {
    let chosen = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        if open.get() {
            let owner = ticket.with_untracked(|l| l.data.as_ref().and_then(|f| f.input.owner_id));
            chosen.set(owner.map(|id| id.to_string()));
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        open.set(false);
        on_choice.run(chosen.get_untracked().and_then(|id| id.parse().ok()));
    };
    view! {
        <Dialog open=open title=label(|s| s.assign_title) width="max-w-md">
            <form on:submit=submit>
                <label class="mb-1 block text-[0.8125rem] font-medium" for="assign-to">
                    {move || t().ticket.assign_to}
                </label>
                <RecordPicker
                    source=PickerSource::people()
                    value=chosen
                    on_change=move |id| chosen.set(id)
                    id="assign-to"
                />
                <p class="muted mt-1 text-xs">{move || t().ticket.assign_hint}</p>
                <div class="mt-5 flex justify-end gap-2">
                    <button type="button" class="btn-quiet" on:click=move |_| open.set(false)>
                        {move || t().common.cancel}
                    </button>
                    <button type="submit" class="btn btn-primary btn-sm" data-testid="assign-save">
                        {move || t().ticket.assign}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
