//! What an import takes of memory, time and room is bounded, and what leaves of it is told.

use std::fmt::Write as _;

use guanxi_tests::{TestApp, on_both};
use serde_json::json;

use crate::importing::{bring_in, figures, path_of, rejected, run_to_end, upload};

on_both! {
    async fn long_rows_are_tried_and_kept_in_part(app: &TestApp) {
        let admin = app.admin().await;
        let long = "长".repeat(10_000);
        let row = format!("{},{}\n", "x".repeat(300), [long.as_str(); 5].join(","));
        let rows = 16 * 1024 * 1024 / row.len() + 3;
        let import = upload(&admin, "customers", &format!("name,a,b,c,d,e\n{}", row.repeat(rows))).await;
        let run = json!({"mapping": import["mapping"], "settings": {}});
        let check = admin.post(&format!("{}/check", path_of(&import)), run).await;
        assert!(check.text.len() < 1024 * 1024, "{}", check.text.len());
        let check = check.expect(200);
        assert_eq!((&check["complete"], &check["rejected"]), (&json!(false), &check["rows"]));
        let tried = check["rows"].as_u64().and_then(|n| usize::try_from(n).ok()).expect("a number");
        assert!((1..rows).contains(&tried), "{tried}");

        let done = run_to_end(&admin, &import, json!({})).await;
        assert_eq!(figures(&done)[3], i64::try_from(rows).expect("few"));
        let errors = admin.get(&format!("{}/errors.csv", path_of(&import))).await.text;
        let kept = errors.lines().nth(1).expect("a row");
        assert!(kept.len() < 66 * 1024 && kept.contains("长…,"), "{}", kept.len());
        assert!(kept.starts_with(&"x".repeat(300)), "what is short is whole");
    }
}

on_both! {
    async fn rows_that_wait_are_not_tried_for_ever(app: &TestApp) {
        let admin = app.admin().await;
        // Each stands below the one after it: as many levels as there are rows.
        let mut file = "code,name,parent_id\n".to_owned();
        for row in 1..=30 {
            let parent = if row == 30 { String::new() } else { format!("N-{}", row + 1) };
            writeln!(file, "N-{row},Dealer {row},{parent}").expect("memory");
        }
        let import = upload(&admin, "customers", &file).await;
        let run = json!({"mapping": import["mapping"], "settings": {}});
        let check = admin.post(&format!("{}/check", path_of(&import)), run).await.expect(200);
        assert_eq!((&check["created"], &check["rejected"]), (&json!(13), &json!(17)), "{check}");
        let done = run_to_end(&admin, &import, json!({})).await;
        assert_eq!(figures(&done), [30, 13, 0, 17], "{done}");
        let said = rejected(&admin, &import).await;
        assert!(said.iter().all(|(word, _)| word == "parent_id:reference"), "{said:?}");
        // The rest comes in as a corrected file does.
        let errors = admin.get(&format!("{}/errors.csv", path_of(&import))).await.text;
        let again = bring_in(&admin, "customers", &errors, json!({})).await;
        assert_eq!(figures(&again), [17, 13, 0, 4], "{again}");
    }
}

on_both! {
    async fn the_trail_tells_who_got_rejected_rows_and_who_tried(app: &TestApp) {
        let admin = app.admin().await;
        let import = upload(&admin, "customers", "code,name\nK-1,A\nK-1,B\n").await;
        let run = json!({"mapping": import["mapping"], "settings": {}});
        admin.post(&format!("{}/check", path_of(&import)), run).await.expect(200);
        run_to_end(&admin, &import, json!({})).await;
        assert_eq!(rejected(&admin, &import).await.len(), 1);
        let id = import["id"].as_str().expect("an id");
        for (action, changes) in [
            ("checked", json!({"rows": {"old": null, "new": 2}, "imported": {"old": null, "new": 1}})),
            ("exported", json!({"rows": {"old": null, "new": 1}})),
        ] {
            let trail = admin.get(&format!("/audit?record_id={id}&action={action}")).await.expect(200);
            let entries: Vec<_> = trail["items"].as_array().into_iter().flatten().map(|e| &e["changes"]).collect();
            assert_eq!(entries, [&changes], "{action}");
        }
    }
}
