use guanxi_domain::custom::{CustomField, CustomRecord};
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use serde_json::json;

use super::label;
use crate::i18n::{fill, lang, t};
use crate::session::use_session;
use crate::ui::{
    Badge, EmptyState, Glyph, Icon, OrderedList, PageHeader, TabItem, Tabs, Tone, moved, use_tab,
    use_toasts,
};
use crate::{api, custom};

/// The custom fields of each record type, in their order.
#[component]
pub fn CustomFieldsPage() -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let tab = use_tab(CustomRecord::WORDS);
    let may_update = Signal::derive(move || session.can(Module::Settings, Operation::Update));
    // What others have changed since the log-in.
    spawn_local(async move {
        if let Err(error) = custom::load().await {
            toasts.error(&error);
        }
    });
    let tabs = CustomRecord::ALL
        .iter()
        .map(|record| TabItem::new(record.as_str(), move || record.label(lang()).to_owned()))
        .collect();
    let fields = Memo::new(move |_| custom::definitions(tab.get()));
    let reorder = Callback::new(move |(from, to): (usize, usize)| {
        let order = moved(&fields.get_untracked(), from, to);
        let ids: Vec<_> = order.iter().map(|field| field.id).collect();
        let body = json!({ "record": tab.get_untracked(), "ids": ids });
        custom::put_in_order(&order);
        let call = api::put("/custom-fields/order").body(&body);
        spawn_local(async move {
            if let Err(error) = call.done().await {
                toasts.error(&error);
                // Only fails when the server is away, which has just been said.
                let _ = custom::load().await;
            }
        });
    });
    let new_button = move || {
        may_update.get().then(|| {
            let address = format!("/custom-fields/new?record={}", tab.get());
            view! {
                <A href=address attr:class="btn btn-primary btn-sm" attr:data-testid="new-custom-field">
                    <Icon glyph=Glyph::Plus />
                    {move || t().custom.new}
                </A>
            }
        })
    };
    let rows = move || {
        let all = fields.get();
        if all.is_empty() {
            return view! {
                <EmptyState glyph=Glyph::Columns title=label(|c| c.empty_title) text=label(|c| c.empty_text)>
                    {new_button}
                </EmptyState>
            }
            .into_any();
        }
        let rows = all
            .into_iter()
            .map(|field| {
                let name = field.input.label(lang()).to_owned();
                (name, view! { <FieldRow field=field /> }.into_any())
            })
            .collect();
        view! { <OrderedList rows=rows movable=may_update on_move=reorder /> }.into_any()
    };
    view! {
        <PageHeader
            title=label(|c| c.title)
            below=ViewFn::from(|| view! { <p class="muted mt-1">{move || t().custom.text}</p> })
        >
            {new_button}
        </PageHeader>
        <Tabs items=tabs current=tab />
        <p class="muted my-2 text-xs">
            {move || fill(t().custom.fields_count, &[("n", &fields.with(Vec::len).to_string())])}
        </p>
        <div class="panel overflow-clip" data-testid="custom-fields">
            {rows}
        </div>
    }
}

#[component]
fn FieldRow(field: CustomField) -> impl IntoView {
    let address = format!("/custom-fields/{}", field.id);
    let input = StoredValue::new(field.input);
    let (active, required, kind) =
        input.with_value(|input| (input.active, input.required, input.kind));
    view! {
        <A href=address attr:class="flex flex-wrap items-center gap-x-3 gap-y-0.5 py-1.5 hover:text-primary">
            <span class="font-medium sm:w-52" class=("opacity-75", !active)>
                {move || input.with_value(|input| input.label(lang()).to_owned())}
            </span>
            <span class="muted text-xs sm:w-36">{move || kind.label(lang())}</span>
            <code class="muted num text-xs">{input.with_value(|input| input.key.clone())}</code>
            {required.then(|| view! { <Badge tone=Tone::Info text=label(|c| c.required) /> })}
            {(!active).then(|| view! { <Badge text=label(|c| c.inactive) /> })}
            <span class="ml-auto opacity-50">
                <Icon glyph=Glyph::ChevronRight />
            </span>
        </A>
    }
}
