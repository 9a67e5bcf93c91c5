use leptos::prelude::*;
use leptos_router::components::A;

use super::{Card, CopyButton};
use crate::i18n::{t, t_now};

/// A secret that is shown this once.
#[component]
pub fn SecretCard(
    secret: String,
    #[prop(into)] title: Signal<String>,
    #[prop(into)] text: Signal<String>,
    /// Where to go on: address and label.
    #[prop(optional)]
    next: Option<(String, Signal<String>)>,
) -> impl IntoView {
    let copied = secret.clone();
    view! {
        <div class="mb-4 max-w-4xl" data-testid="secret">
            <Card title=title text=text>
                <div class="flex flex-wrap items-center gap-3">
                    <code class="min-w-0 flex-1 basis-64 rounded-md bg-base-200 px-3 py-2 text-xs break-all select-all">
                        {secret}
                    </code>
                    <CopyButton
                        text=copied
                        label=Signal::derive(|| t().common.copy.to_owned())
                        done=|| t_now().common.copied
                    />
                    {next
                        .map(|(address, label)| {
                            view! {
                                <A href=address attr:class="btn btn-primary btn-sm">
                                    {move || label.get()}
                                </A>
                            }
                        })}
                </div>
            </Card>
        </div>
    }
}
