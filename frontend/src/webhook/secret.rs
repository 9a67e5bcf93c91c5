use leptos::prelude::*;
use leptos_router::components::A;

use super::label;
use crate::i18n::{t, t_now};
use crate::ui::{Card, CopyButton};

/// A secret that is shown this once.
#[component]
pub fn SecretCard(
    secret: String,
    /// Where to go on.
    #[prop(optional, into)]
    address: Option<String>,
) -> impl IntoView {
    let text = secret.clone();
    view! {
        <div class="mb-4 max-w-4xl" data-testid="secret">
            <Card title=label(|w| w.secret_title) text=label(|w| w.secret_text)>
                <div class="flex flex-wrap items-center gap-3">
                    <code class="min-w-0 flex-1 basis-64 rounded-md bg-base-200 px-3 py-2 text-xs break-all select-all">
                        {secret}
                    </code>
                    <CopyButton text=text label=label(|w| w.copy) done=|| t_now().webhook.copied />
                    {address
                        .map(|address| {
                            view! {
                                <A href=address attr:class="btn btn-primary btn-sm">
                                    {move || t().webhook.to_webhook}
                                </A>
                            }
                        })}
                </div>
            </Card>
        </div>
    }
}
