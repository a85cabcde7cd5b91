//! One field of a form, with what is wrong with it.

use leptos::prelude::*;
use loadline_wire::accounts::FormField;

/// Label, input, and below it what is wrong or else what it is for.
#[component]
pub fn Field(
    field: FormField,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_input: Callback<String>,
    #[prop(into)] wrong: Signal<Option<String>>,
) -> impl IntoView {
    let key = StoredValue::new(field.key.clone());
    view! {
        <label class="field" class:field--wrong=move || wrong.with(Option::is_some)>
            <span>{field.label}{(!field.required).then(|| view! { <em>" optional"</em> })}</span>
            <input class="input" name=field.key.clone() placeholder=field.placeholder required=field.required autocomplete="off" spellcheck="false"
                data-testid=format!("field-{}", field.key) aria-invalid=move || wrong.with(Option::is_some).to_string()
                prop:value=value on:input=move |e| on_input.run(event_target_value(&e)) />
            {move || wrong.get().map(|why| view! { <small class="field__wrong" role="alert" data-testid=format!("wrong-{}", key.get_value())>{why}</small> })}
            {(!field.help.is_empty()).then(|| view! { <small>{field.help}</small> })}
        </label>
    }
}
