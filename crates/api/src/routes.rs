//! The route table: an index of everything under `/api/v1`.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    account, api_key, approval, audit, backup, clusters, contact, custom_field, customer,
    department, dictionary, event, history, import, job, mail, me, meta, metrics, notification,
    order, product, report, rights, role, rules, search, segment, segmentation, settings, share,
    stock, ticket, trading, user, value, view, webhook, win_back,
};

/// Everything under `/api/v1`.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(meta::get_meta)
        .service(search::search_records);
    config
        .configure(accounts)
        .configure(administration)
        .configure(customers)
        .configure(contacts)
        .configure(sales)
        .configure(tickets)
        .configure(imports)
        .configure(background)
        .configure(webhooks)
        .configure(mails)
        .configure(analysis)
        .configure(segments)
        .configure(views)
        .configure(approvals)
        .configure(history::configure);
}

fn accounts(config: &mut ServiceConfig<'_>) {
    config
        .service(account::register)
        .service(account::login)
        .service(account::refresh)
        .service(account::logout)
        .service(me::get_me)
        .service(me::update_me)
        .service(me::change_password)
        .service(me::list_my_sessions)
        .service(me::end_my_session)
        .service(me::list_people)
        .service(rights::get_my_rights)
        .service(rights::check_my_rights)
        .service(event::listen)
        .service(notification::list_notifications)
        // Before the id, which would take the word.
        .service(notification::read_all_notifications)
        .service(notification::read_notification);
}

fn administration(config: &mut ServiceConfig<'_>) {
    config
        .service(user::list_users)
        .service(user::create_user)
        // Before the id, which would take the word.
        .service(user::list_inactive_users)
        .service(user::get_user)
        .service(user::update_user)
        .service(user::activate_user)
        .service(user::freeze_user)
        .service(user::unfreeze_user)
        .service(rights::get_user_rights)
        .service(rights::check_user_rights)
        .service(role::list_roles)
        .service(role::create_role)
        .service(role::get_role)
        .service(role::update_role)
        .service(role::reset_role)
        .service(role::delete_role)
        .service(department::list_departments)
        .service(department::create_department)
        .service(department::get_department)
        .service(department::update_department)
        .service(department::delete_department)
        .service(dictionary::list_dictionaries)
        .service(dictionary::create_dictionary_entry)
        // Before the id, which would take the word.
        .service(dictionary::order_dictionary)
        .service(dictionary::get_dictionary_entry)
        .service(dictionary::update_dictionary_entry)
        .service(dictionary::delete_dictionary_entry)
        .service(custom_field::list_custom_fields)
        .service(custom_field::create_custom_field)
        // Before the id, which would take the word.
        .service(custom_field::order_custom_fields)
        .service(custom_field::get_custom_field)
        .service(custom_field::update_custom_field)
        .service(custom_field::delete_custom_field)
        .service(settings::get_settings)
        .service(settings::update_settings)
        .service(audit::list_audit)
        .service(api_key::list_api_keys)
        .service(api_key::create_api_key)
        .service(api_key::get_api_key)
        .service(api_key::update_api_key)
        .service(api_key::revoke_api_key)
        .service(api_key::get_api_key_history);
}

fn customers(config: &mut ServiceConfig<'_>) {
    config
        .service(customer::list_customers)
        .service(customer::search_customers)
        .service(customer::bulk_customers)
        .service(customer::export_customers)
        .service(customer::create_customer)
        // Before the id, which would take the word.
        .service(customer::get_quality)
        .service(customer::list_quality)
        .service(customer::get_customer)
        .service(customer::update_customer)
        .service(customer::delete_customer)
        .service(customer::archive_customer)
        .service(customer::restore_customer)
        .service(customer::blacklist_customer)
        .service(customer::unblacklist_customer)
        .service(customer::get_customer_metrics)
        .service(segmentation::get_customer_scores)
        .service(win_back::list_customer_losses)
        .service(win_back::create_customer_loss)
        .service(segmentation::explain_customer_scores)
        .service(rules::list_next_products)
        .service(customer::list_evaluations)
        .service(customer::create_evaluation)
        .service(share::list_customer_shares)
        .service(share::share_customer)
        .service(share::unshare_customer)
        .service(share::list_customer_access);
}

fn sales(config: &mut ServiceConfig<'_>) {
    config
        .service(product::list_products)
        .service(product::search_products)
        .service(product::bulk_products)
        .service(product::export_products)
        .service(product::create_product)
        // Before the id, which would take the word.
        .service(value::analyse_products)
        .service(product::get_product)
        .service(rules::list_bought_with)
        .service(product::update_product)
        .service(product::delete_product)
        .service(stock::list_stock_levels)
        .service(stock::get_stock_level)
        .service(stock::set_stock_level)
        .service(stock::delete_stock_level)
        .service(order::list_orders)
        .service(order::search_orders)
        .service(order::bulk_orders)
        .service(order::export_orders)
        .service(order::create_order)
        .service(order::get_order)
        .service(order::update_order)
        .service(order::delete_order)
        .service(order::transition_order)
        .service(share::list_order_shares)
        .service(share::share_order)
        .service(share::unshare_order)
        .service(share::list_order_access);
}

fn contacts(config: &mut ServiceConfig<'_>) {
    config
        .service(contact::list_contacts)
        .service(contact::search_contacts)
        .service(contact::bulk_contacts)
        .service(contact::export_contacts)
        .service(contact::create_contact)
        // Before the id, which would take the word.
        .service(contact::list_birthdays)
        .service(contact::get_contact)
        .service(contact::update_contact)
        .service(contact::delete_contact);
}

fn tickets(config: &mut ServiceConfig<'_>) {
    config
        .service(ticket::list_tickets)
        .service(ticket::search_tickets)
        .service(ticket::bulk_tickets)
        .service(ticket::export_tickets)
        // Before the id, which would take the word.
        .service(ticket::summarise_tickets)
        .service(ticket::create_ticket)
        .service(ticket::get_ticket)
        .service(ticket::update_ticket)
        .service(ticket::transition_ticket)
        .service(ticket::assign_ticket)
        .service(ticket::list_comments)
        .service(ticket::create_comment)
        .service(share::list_ticket_shares)
        .service(share::share_ticket)
        .service(share::unshare_ticket)
        .service(share::list_ticket_access);
}

fn views(config: &mut ServiceConfig<'_>) {
    config
        .service(view::list_views)
        .service(view::create_view)
        .service(view::get_view)
        .service(view::update_view)
        .service(view::delete_view)
        .service(view::mark_view);
}

fn approvals(config: &mut ServiceConfig<'_>) {
    config
        .service(approval::list_approvals)
        .service(approval::request_approval)
        .service(approval::get_approval)
        .service(approval::get_approval_history)
        .service(approval::approve_request)
        .service(approval::reject_request)
        .service(approval::withdraw_request);
}

fn analysis(config: &mut ServiceConfig<'_>) {
    config
        .service(value::list_value_runs)
        .service(value::create_value_run)
        .service(value::get_value_run)
        .service(value::list_ranked_customers)
        .service(segmentation::list_segmentation_runs)
        .service(segmentation::create_segmentation_run)
        .service(segmentation::get_segmentation_run)
        .service(segmentation::cancel_segmentation_run)
        .service(segmentation::list_scored_customers)
        .service(segmentation::compare_segmentation_runs)
        .service(segmentation::list_segmentation_moves)
        .service(segmentation::get_segmentation_settings)
        .service(segmentation::update_segmentation_settings)
        .service(win_back::list_win_back_candidates)
        .service(win_back::summarise_customer_losses)
        .service(win_back::list_win_back_plans)
        .service(win_back::create_win_back_plan)
        .service(win_back::get_win_back_plan)
        .service(win_back::update_win_back_plan)
        .service(clusters::list_cluster_runs)
        .service(clusters::create_cluster_run)
        .service(clusters::get_cluster_run)
        .service(clusters::cancel_cluster_run)
        .service(clusters::update_cluster_run)
        .service(clusters::list_cluster_members)
        .service(rules::list_rule_runs)
        .service(rules::create_rule_run)
        .service(rules::get_rule_run)
        .service(rules::cancel_rule_run)
        .service(rules::list_rules)
        .service(metrics::rebuild_metrics)
        // Before the id, which would take the words.
        .service(report::run_report)
        .service(report::export_report)
        .service(report::list_reports)
        .service(report::create_report)
        .service(report::get_report)
        .service(report::update_report)
        .service(report::delete_report)
        .service(report::pin_report)
        .service(report::run_saved_report)
        .service(report::schedule::get_report_schedule)
        .service(report::schedule::set_report_schedule)
        .service(report::schedule::delete_report_schedule)
        .service(report::schedule::send_report)
        .service(report::schedule::subscribe_to_report)
        .service(trading::analyse_trading);
}

fn segments(config: &mut ServiceConfig<'_>) {
    config
        .service(segment::list_segments)
        .service(segment::create_segment)
        // Before the id, which would take the word.
        .service(segment::preview_segment)
        .service(segment::get_segment)
        .service(segment::update_segment)
        .service(segment::delete_segment)
        .service(segment::list_segment_members)
        .service(segment::add_segment_members)
        .service(segment::remove_segment_member)
        .service(segment::refresh_segment)
        .service(segment::get_segment_composition)
        .service(segment::get_segment_overlap)
        .service(segment::get_segment_growth)
        .service(segment::list_segment_memberships)
        .service(segment::get_segment_history);
}

fn imports(config: &mut ServiceConfig<'_>) {
    config
        .service(import::list_imports)
        .service(import::check_import)
        // Before the record of that id.
        .service(import::get_import_template)
        .service(import::upload_import)
        .service(import::get_import)
        .service(import::run_import)
        .service(import::cancel_import)
        .service(import::get_import_errors)
        .service(import::delete_import);
}

fn background(config: &mut ServiceConfig<'_>) {
    config
        .service(job::list_jobs)
        .service(job::start_job)
        // Before the id, which would take the word.
        .service(job::list_job_kinds)
        .service(job::get_job)
        .service(job::cancel_job)
        .service(job::retry_job)
        .service(backup::list_backups)
        .service(backup::start_backup);
}

fn mails(config: &mut ServiceConfig<'_>) {
    config
        .service(mail::get_mail_settings)
        .service(mail::update_mail_settings)
        .service(mail::test_mail)
        .service(mail::list_mails)
        .service(mail::get_mail)
        .service(mail::resend_mail);
}

fn webhooks(config: &mut ServiceConfig<'_>) {
    config
        .service(webhook::list_webhooks)
        .service(webhook::create_webhook)
        .service(webhook::get_webhook)
        .service(webhook::update_webhook)
        .service(webhook::delete_webhook)
        .service(webhook::rotate_webhook_secret)
        .service(webhook::resume_webhook)
        .service(webhook::test_webhook)
        .service(webhook::list_webhook_deliveries)
        .service(webhook::get_webhook_delivery)
        .service(webhook::resend_webhook_delivery);
}
