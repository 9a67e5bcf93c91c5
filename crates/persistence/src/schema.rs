//! The tables, alike on both databases.

diesel::table! {
    settings (id) {
        id -> Integer,
        version -> BigInt,
        data -> Text,
    }
}

diesel::table! {
    secrets (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    departments (id) {
        id -> Text,
        version -> BigInt,
        name -> Text,
        parent_id -> Nullable<Text>,
        path -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    roles (id) {
        id -> Text,
        version -> BigInt,
        shipped -> Nullable<Text>,
        name_zh -> Text,
        name_en -> Text,
        permissions -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    users (id) {
        id -> Text,
        version -> BigInt,
        name -> Text,
        email -> Text,
        password_hash -> Text,
        state -> Text,
        role_id -> Nullable<Text>,
        department_id -> Nullable<Text>,
        language -> Nullable<Text>,
        last_login_at -> Nullable<BigInt>,
        failed_logins -> Integer,
        locked_until -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        user_id -> Text,
        token_hash -> Text,
        created_at -> BigInt,
        last_used_at -> BigInt,
        expires_at -> BigInt,
        ip -> Text,
        user_agent -> Text,
    }
}

diesel::table! {
    rotated_tokens (token_hash) {
        token_hash -> Text,
        session_id -> Text,
        rotated_at -> BigInt,
    }
}

diesel::table! {
    dictionary_entries (id) {
        id -> Text,
        dictionary -> Text,
        code -> Text,
        label_zh -> Text,
        label_en -> Text,
        position -> Integer,
        active -> Bool,
        version -> BigInt,
    }
}

diesel::table! {
    custom_fields (id) {
        id -> Text,
        version -> BigInt,
        record -> Text,
        key -> Text,
        position -> Integer,
        data -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    api_keys (id) {
        id -> Text,
        version -> BigInt,
        name -> Text,
        user_id -> Text,
        created_by -> Nullable<Text>,
        prefix -> Text,
        key_hash -> Text,
        permissions -> Text,
        expires_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
        last_used_at -> Nullable<BigInt>,
        last_used_ip -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    audit_entries (id) {
        id -> Text,
        at -> BigInt,
        user_id -> Nullable<Text>,
        user_name -> Text,
        ip -> Text,
        request_id -> Text,
        record_type -> Text,
        record_id -> Text,
        action -> Text,
        changes -> Text,
        key_id -> Nullable<Text>,
        key_name -> Nullable<Text>,
        lane -> Integer,
        number -> BigInt,
        hash -> Text,
    }
}

diesel::table! {
    audit_lanes (lane) {
        lane -> Integer,
        number -> BigInt,
        hash -> Text,
    }
}

diesel::table! {
    outbox_events (txid, seq) {
        txid -> BigInt,
        seq -> BigInt,
        id -> Text,
        at -> BigInt,
        kind -> Text,
        record_id -> Text,
        user_id -> Nullable<Text>,
        payload -> Text,
    }
}

diesel::table! {
    event_cursors (name) {
        name -> Text,
        txid -> BigInt,
        seq -> BigInt,
    }
}

diesel::table! {
    customers (id) {
        id -> Text,
        version -> BigInt,
        code -> Text,
        name -> Text,
        short_name -> Nullable<Text>,
        kind -> Text,
        customer_type -> Nullable<Text>,
        stage -> Text,
        tier -> Nullable<Text>,
        region -> Nullable<Text>,
        industry -> Nullable<Text>,
        size -> Nullable<Text>,
        source -> Nullable<Text>,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        website -> Nullable<Text>,
        address -> Nullable<Text>,
        latitude -> Nullable<Double>,
        longitude -> Nullable<Double>,
        parent_id -> Nullable<Text>,
        owner_id -> Nullable<Text>,
        department_id -> Nullable<Text>,
        tags -> Text,
        note -> Nullable<Text>,
        company -> Text,
        profile -> Text,
        completeness -> Integer,
        blacklisted -> Bool,
        blacklist -> Nullable<Text>,
        archived_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
        custom -> Text,
    }
}

diesel::table! {
    customer_evaluations (id) {
        id -> Text,
        customer_id -> Text,
        by_id -> Nullable<Text>,
        by_name -> Text,
        evaluated_on -> Integer,
        keenness -> SmallInt,
        capability -> SmallInt,
        credit -> SmallInt,
        social_standing -> SmallInt,
        comment -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    contacts (id) {
        id -> Text,
        version -> BigInt,
        customer_id -> Text,
        name -> Text,
        title -> Nullable<Text>,
        department -> Nullable<Text>,
        decision_role -> Nullable<Text>,
        mobile -> Nullable<Text>,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        wechat -> Nullable<Text>,
        birthday -> Nullable<Integer>,
        birthday_key -> Nullable<Integer>,
        interests -> Nullable<Text>,
        education -> Nullable<Text>,
        family -> Nullable<Text>,
        temperament -> Nullable<Text>,
        relationship -> Nullable<SmallInt>,
        reports_to_id -> Nullable<Text>,
        is_primary -> Bool,
        consent_phone -> Bool,
        consent_sms -> Bool,
        consent_email -> Bool,
        consent_wechat -> Bool,
        note -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
        custom -> Text,
    }
}

diesel::table! {
    customer_days (customer_id, day) {
        customer_id -> Text,
        day -> Integer,
        orders -> BigInt,
        sales -> BigInt,
        margin -> BigInt,
        returns -> BigInt,
    }
}

diesel::table! {
    customer_metrics (customer_id) {
        customer_id -> Text,
        orders -> BigInt,
        order_days -> BigInt,
        first_order_on -> Nullable<Integer>,
        last_order_on -> Nullable<Integer>,
        sales -> BigInt,
        margin -> BigInt,
        returns -> BigInt,
        average_order -> Nullable<BigInt>,
        mean_gap_days -> Nullable<BigInt>,
        sales_30d -> BigInt,
        sales_90d -> BigInt,
        sales_365d -> BigInt,
        sales_30d_before -> BigInt,
        sales_90d_before -> BigInt,
        sales_365d_before -> BigInt,
        tickets -> BigInt,
        open_tickets -> BigInt,
        complaints -> BigInt,
        as_of -> Nullable<Integer>,
        updated_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    products (id) {
        id -> Text,
        version -> BigInt,
        sku -> Text,
        name -> Text,
        name_en -> Nullable<Text>,
        category -> Nullable<Text>,
        unit -> Nullable<Text>,
        list_price -> BigInt,
        cost -> Nullable<BigInt>,
        active -> Bool,
        description -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    stock_levels (id) {
        id -> Text,
        version -> BigInt,
        product_id -> Text,
        day -> Integer,
        quantity -> BigInt,
        unit_cost -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    orders (id) {
        id -> Text,
        version -> BigInt,
        number -> Text,
        customer_id -> Text,
        contact_id -> Nullable<Text>,
        owner_id -> Nullable<Text>,
        department_id -> Nullable<Text>,
        state -> Text,
        ordered_at -> BigInt,
        total -> BigInt,
        discount -> BigInt,
        margin -> BigInt,
        line_count -> Integer,
        payment_terms -> Nullable<Text>,
        promised_on -> Nullable<Integer>,
        ship_to -> Nullable<Text>,
        note -> Nullable<Text>,
        cancel_reason -> Nullable<Text>,
        import_id -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
        custom -> Text,
    }
}

diesel::table! {
    order_lines (id) {
        id -> Text,
        order_id -> Text,
        position -> Integer,
        product_id -> Nullable<Text>,
        description -> Text,
        quantity -> BigInt,
        unit_price -> BigInt,
        discount -> BigInt,
        total -> BigInt,
        cost -> BigInt,
        import_id -> Nullable<Text>,
        import_row -> Nullable<BigInt>,
    }
}

diesel::table! {
    order_transitions (id) {
        id -> Text,
        order_id -> Text,
        from_state -> Nullable<Text>,
        to_state -> Text,
        at -> BigInt,
        by_id -> Nullable<Text>,
        by_name -> Text,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    tickets (id) {
        id -> Text,
        version -> BigInt,
        number -> Text,
        kind -> Text,
        channel -> Text,
        priority -> Text,
        priority_rank -> SmallInt,
        state -> Text,
        customer_id -> Text,
        contact_id -> Nullable<Text>,
        order_id -> Nullable<Text>,
        product_id -> Nullable<Text>,
        subject -> Text,
        description -> Nullable<Text>,
        team -> Nullable<Text>,
        tags -> Text,
        first_responder_id -> Nullable<Text>,
        owner_id -> Nullable<Text>,
        responsible_id -> Nullable<Text>,
        created_by_id -> Nullable<Text>,
        department_id -> Nullable<Text>,
        first_response_at -> Nullable<BigInt>,
        resolved_at -> Nullable<BigInt>,
        closed_at -> Nullable<BigInt>,
        reopened -> Integer,
        created_at -> BigInt,
        updated_at -> BigInt,
        custom -> Text,
    }
}

diesel::table! {
    ticket_comments (id) {
        id -> Text,
        ticket_id -> Text,
        kind -> Text,
        author_id -> Nullable<Text>,
        author_name -> Text,
        body -> Text,
        changes -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    idempotency_keys (user_id, key) {
        user_id -> Text,
        key -> Text,
        request_hash -> Text,
        token -> Text,
        state -> Text,
        status -> Nullable<Integer>,
        headers -> Nullable<Text>,
        body -> Nullable<Text>,
        created_at -> BigInt,
        claimed_at -> BigInt,
    }
}

diesel::table! {
    imports (id) {
        id -> Text,
        version -> BigInt,
        record -> Text,
        state -> Text,
        filename -> Text,
        bytes -> BigInt,
        encoding -> Text,
        headers -> Text,
        samples -> Text,
        mapping -> Text,
        settings -> Text,
        read -> BigInt,
        imported -> BigInt,
        rejected -> BigInt,
        reasons -> Text,
        percent -> Integer,
        failure -> Nullable<Text>,
        by_id -> Nullable<Text>,
        by_name -> Text,
        department_id -> Nullable<Text>,
        created_at -> BigInt,
        started_at -> Nullable<BigInt>,
        finished_at -> Nullable<BigInt>,
        updated_at -> BigInt,
        updated -> BigInt,
    }
}

diesel::table! {
    import_rejects (import_id, row_number) {
        import_id -> Text,
        row_number -> BigInt,
        reason -> Text,
        cells -> Text,
        origin_import_id -> Text,
        origin_row -> BigInt,
        problems -> Nullable<Text>,
        waits -> Bool,
        resolved -> Bool,
    }
}

diesel::table! {
    saved_views (id) {
        id -> Text,
        version -> BigInt,
        record -> Text,
        name -> Text,
        owner_id -> Text,
        shared -> Bool,
        data -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    reports (id) {
        id -> Text,
        version -> BigInt,
        name -> Text,
        owner_id -> Text,
        shared -> Bool,
        data -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    segments (id) {
        id -> Text,
        version -> BigInt,
        name -> Text,
        description -> Nullable<Text>,
        colour -> Nullable<Text>,
        kind -> Text,
        shared -> Bool,
        owner_id -> Text,
        filter -> Nullable<Text>,
        recorded_at -> Nullable<BigInt>,
        recorded -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    report_pins (user_id, report_id) {
        user_id -> Text,
        report_id -> Text,
    }
}

diesel::table! {
    segment_members (segment_id, customer_id, since) {
        segment_id -> Text,
        customer_id -> Text,
        since -> Integer,
        until -> Nullable<Integer>,
    }
}

diesel::table! {
    approvals (id) {
        id -> Text,
        version -> BigInt,
        kind -> Text,
        record_type -> Text,
        record_id -> Text,
        subject -> Text,
        payload -> Text,
        basis -> Text,
        reason -> Text,
        state -> Text,
        requested_by -> Text,
        requested_at -> BigInt,
        expires_at -> BigInt,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<BigInt>,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    shares (user_id, record_type, record_id) {
        user_id -> Text,
        record_type -> Text,
        record_id -> Text,
        level -> Text,
        by_id -> Nullable<Text>,
        at -> BigInt,
        until -> Nullable<Integer>,
    }
}

diesel::table! {
    view_marks (user_id, view_id) {
        user_id -> Text,
        view_id -> Text,
        record -> Text,
        pinned -> Bool,
        is_default -> Bool,
    }
}

diesel::table! {
    value_runs (id) {
        id -> Text,
        number -> BigInt,
        previous_id -> Nullable<Text>,
        customers -> BigInt,
        total -> BigInt,
        by_id -> Nullable<Text>,
        by_name -> Text,
        created_at -> BigInt,
        duration_ms -> BigInt,
        data -> Text,
    }
}

diesel::table! {
    value_ranks (run, rank) {
        run -> BigInt,
        rank -> BigInt,
        customer_id -> Text,
        class -> Text,
        level -> Text,
        amount -> BigInt,
        cumulative_share -> Double,
        previous_class -> Nullable<Text>,
    }
}

diesel::table! {
    value_places (run, customer_id) {
        run -> BigInt,
        customer_id -> Text,
        rank -> BigInt,
        class -> Text,
    }
}

diesel::table! {
    value_current (id) {
        id -> Integer,
        run -> BigInt,
    }
}

diesel::table! {
    value_leftovers (run) {
        run -> BigInt,
        beat_at -> BigInt,
    }
}

diesel::table! {
    rule_runs (id) {
        id -> Text,
        by_id -> Nullable<Text>,
        by_name -> Text,
        created_at -> BigInt,
        settings -> Text,
        result -> Nullable<Text>,
    }
}

diesel::table! {
    rules (run_id, number) {
        run_id -> Text,
        number -> BigInt,
        antecedent -> Text,
        consequent -> Text,
        items -> Text,
        item_count -> BigInt,
        both_sides -> BigInt,
        with_antecedent -> BigInt,
        with_consequent -> BigInt,
        support -> BigInt,
        confidence -> BigInt,
        lift -> BigInt,
        leverage -> BigInt,
        conviction -> Nullable<BigInt>,
    }
}

diesel::table! {
    cluster_runs (id) {
        id -> Text,
        version -> BigInt,
        number -> BigInt,
        by_id -> Nullable<Text>,
        by_name -> Text,
        created_at -> BigInt,
        settings -> Text,
        names -> Text,
        result -> Nullable<Text>,
    }
}

diesel::table! {
    cluster_members (run, customer_id) {
        run -> BigInt,
        customer_id -> Text,
        cluster -> BigInt,
        previous -> Nullable<BigInt>,
        data -> Text,
    }
}

diesel::table! {
    cluster_current (id) {
        id -> Integer,
        run -> BigInt,
    }
}

diesel::table! {
    jobs (id) {
        id -> Text,
        version -> BigInt,
        kind -> Text,
        slot -> Nullable<Text>,
        state -> Text,
        run_at -> BigInt,
        attempts -> Integer,
        failures -> Integer,
        percent -> Nullable<Integer>,
        result -> Nullable<Text>,
        error -> Nullable<Text>,
        leased_until -> Nullable<BigInt>,
        leased_by -> Nullable<Text>,
        by_id -> Nullable<Text>,
        created_at -> BigInt,
        started_at -> Nullable<BigInt>,
        finished_at -> Nullable<BigInt>,
        updated_at -> BigInt,
        subject -> Nullable<Text>,
    }
}

diesel::table! {
    job_runs (job_id, number) {
        job_id -> Text,
        number -> Integer,
        worker -> Text,
        started_at -> BigInt,
        finished_at -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    webhooks (id) {
        id -> Text,
        version -> BigInt,
        name -> Text,
        url -> Text,
        events -> Text,
        active -> Bool,
        secret -> Text,
        previous_secret -> Nullable<Text>,
        rotation_ends_at -> Nullable<BigInt>,
        owner_id -> Text,
        department_id -> Nullable<Text>,
        paused_at -> Nullable<BigInt>,
        pause_reason -> Nullable<Text>,
        failures -> Integer,
        not_before -> BigInt,
        delivered_at -> Nullable<BigInt>,
        leased_until -> BigInt,
        leased_by -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    webhook_deliveries (seq) {
        seq -> BigInt,
        id -> Text,
        webhook_id -> Text,
        event_id -> Text,
        kind -> Text,
        body -> Text,
        state -> Text,
        attempts -> Integer,
        failures -> Integer,
        next_at -> Nullable<BigInt>,
        status -> Nullable<Integer>,
        created_at -> BigInt,
        finished_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    webhook_attempts (delivery_id, number) {
        delivery_id -> Text,
        number -> Integer,
        at -> BigInt,
        duration_ms -> BigInt,
        status -> Nullable<Integer>,
        error -> Nullable<Text>,
        response -> Nullable<Text>,
    }
}

diesel::table! {
    notifications (id) {
        id -> Text,
        user_id -> Text,
        kind -> Text,
        record -> Text,
        record_id -> Text,
        subject -> Text,
        by_id -> Nullable<Text>,
        created_at -> BigInt,
        read_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    segmentation_runs (id) {
        id -> Text,
        number -> BigInt,
        version -> BigInt,
        state -> Text,
        failure -> Nullable<Text>,
        as_of -> Integer,
        settings -> Text,
        begun_at -> Nullable<BigInt>,
        beat_at -> Nullable<BigInt>,
        from_day -> Nullable<Integer>,
        customers -> Nullable<BigInt>,
        purchases -> Nullable<BigInt>,
        previous_id -> Nullable<Text>,
        job_id -> Nullable<Text>,
        by_id -> Nullable<Text>,
        by_name -> Text,
        created_at -> BigInt,
        finished_at -> Nullable<BigInt>,
        duration_ms -> Nullable<BigInt>,
        scores_kept -> Bool,
        results -> Nullable<Text>,
    }
}

diesel::table! {
    segmentation_current (id) {
        id -> Integer,
        run -> BigInt,
    }
}

diesel::table! {
    segmentation_settings (id) {
        id -> Integer,
        version -> BigInt,
        data -> Text,
    }
}

diesel::table! {
    segmentation_scores (run, customer_id) {
        run -> BigInt,
        customer_id -> Text,
        rfm_segment -> Nullable<Text>,
        rfm_group -> Nullable<Text>,
        recency_score -> Nullable<Integer>,
        frequency_score -> Nullable<Integer>,
        monetary_score -> Nullable<Integer>,
        recency_days -> Nullable<Integer>,
        frequency -> Nullable<Integer>,
        monetary -> Nullable<BigInt>,
        lifecycle_stage -> Text,
        stage_reason -> Text,
        probability_active -> Nullable<BigInt>,
        expected_purchases -> Nullable<BigInt>,
        average_value -> Nullable<BigInt>,
        lifetime_value -> Nullable<BigInt>,
        value_if_active -> Nullable<BigInt>,
        value_method -> Nullable<Text>,
        churn_risk -> Nullable<BigInt>,
        churn_level -> Nullable<Text>,
    }
}

diesel::table! {
    segmentation_values (run, value, customer_id) {
        run -> BigInt,
        value -> BigInt,
        customer_id -> Text,
    }
}

diesel::table! {
    customer_losses (id) {
        id -> Text,
        customer_id -> Text,
        churn_type -> Text,
        lost_on -> Integer,
        note -> Nullable<Text>,
        by_id -> Nullable<Text>,
        by_name -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    win_back_plans (id) {
        id -> Text,
        version -> BigInt,
        customer_id -> Text,
        plan -> Text,
        due_on -> Nullable<Integer>,
        responsible_id -> Nullable<Text>,
        outcome -> Text,
        outcome_on -> Nullable<Integer>,
        outcome_note -> Nullable<Text>,
        by_id -> Nullable<Text>,
        by_name -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    mail_settings (id) {
        id -> Integer,
        version -> BigInt,
        data -> Text,
        password -> Nullable<Text>,
    }
}

diesel::table! {
    mails (id) {
        id -> Text,
        message_id -> Text,
        kind -> Text,
        about -> Nullable<Text>,
        user_id -> Nullable<Text>,
        to_name -> Text,
        to_address -> Text,
        subject -> Text,
        text -> Text,
        html -> Nullable<Text>,
        unsubscribe -> Nullable<Text>,
        state -> Text,
        attempts -> Integer,
        failures -> Integer,
        next_at -> Nullable<BigInt>,
        fault -> Nullable<Text>,
        answer -> Nullable<Text>,
        leased_until -> Nullable<BigInt>,
        leased_by -> Nullable<Text>,
        created_at -> BigInt,
        finished_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    mail_attachments (mail_id, number) {
        mail_id -> Text,
        number -> Integer,
        name -> Text,
        content_type -> Text,
        data -> Binary,
    }
}

diesel::table! {
    report_schedules (report_id) {
        report_id -> Text,
        version -> BigInt,
        data -> Text,
        active -> Bool,
        next_at -> BigInt,
        run_at -> Nullable<BigInt>,
        run_by -> Nullable<Text>,
        done_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    report_recipients (report_id, user_id) {
        report_id -> Text,
        user_id -> Text,
        run_at -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
    }
}

diesel::table! {
    report_refusals (report_id, user_id) {
        report_id -> Text,
        user_id -> Text,
        since -> BigInt,
    }
}

diesel::joinable!(report_recipients -> users (user_id));
diesel::joinable!(webhook_deliveries -> webhooks (webhook_id));
diesel::joinable!(saved_views -> users (owner_id));
diesel::joinable!(reports -> users (owner_id));
diesel::joinable!(segments -> users (owner_id));
diesel::joinable!(segment_members -> customers (customer_id));
diesel::joinable!(rotated_tokens -> sessions (session_id));
diesel::joinable!(customer_metrics -> customers (customer_id));
diesel::joinable!(contacts -> customers (customer_id));
diesel::joinable!(orders -> customers (customer_id));
diesel::joinable!(tickets -> customers (customer_id));
diesel::joinable!(value_ranks -> customers (customer_id));
diesel::joinable!(value_places -> customers (customer_id));
diesel::joinable!(segmentation_scores -> customers (customer_id));
diesel::joinable!(win_back_plans -> customers (customer_id));
diesel::joinable!(order_lines -> orders (order_id));
diesel::joinable!(cluster_members -> customers (customer_id));

diesel::allow_tables_to_appear_in_same_query!(
    saved_views,
    reports,
    report_pins,
    segments,
    segment_members,
    approvals,
    shares,
    view_marks,
    settings,
    secrets,
    departments,
    roles,
    users,
    sessions,
    rotated_tokens,
    dictionary_entries,
    api_keys,
    custom_fields,
    audit_entries,
    audit_lanes,
    outbox_events,
    event_cursors,
    webhooks,
    webhook_deliveries,
    webhook_attempts,
    mail_settings,
    mails,
    mail_attachments,
    report_schedules,
    report_recipients,
    report_refusals,
    notifications,
    customers,
    customer_evaluations,
    contacts,
    customer_days,
    customer_metrics,
    products,
    orders,
    order_lines,
    order_transitions,
    tickets,
    ticket_comments,
    imports,
    import_rejects,
    jobs,
    job_runs,
    value_runs,
    value_ranks,
    value_places,
    value_current,
    value_leftovers,
    segmentation_runs,
    segmentation_current,
    segmentation_settings,
    segmentation_scores,
    segmentation_values,
    customer_losses,
    win_back_plans,
    rule_runs,
    rules,
    cluster_runs,
    cluster_members,
    cluster_current,
);

// What both databases have of it: SQLite has the entry's number beside, PostgreSQL its tokens.
diesel::table! {
    search_entries (record_id) {
        record_id -> Text,
        record_type -> Text,
        entry -> BigInt,
    }
}

// SQLite only: a virtual table.
diesel::table! {
    search_index (rowid) {
        rowid -> BigInt,
        tokens -> Text,
    }
}

diesel::table! {
    search_state (record_type) {
        record_type -> Text,
        version -> Integer,
        reached -> Nullable<Text>,
    }
}

// SQLite only: PostgreSQL has sequences of its own.
diesel::table! {
    sequences (name) {
        name -> Text,
        next -> BigInt,
    }
}
