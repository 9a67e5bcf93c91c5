use super::texts;

texts! {
    /// Background jobs.
    pub struct Job {
        title: "后台任务", "Background jobs";
        kinds: "任务", "Jobs";
        kinds_text: "系统按计划自动执行；有多台服务器时，每个任务只执行一次。", "The system does these by itself; with several servers each runs once.";
        attempts: "尝试", "Attempts";
        attempt: "第 {n} 次", "No. {n}";
        daily: "每天 {time}", "daily at {time}";
        every: "每 {n} 分钟", "every {n} minutes";
        by_hand: "手动启动", "only by hand";
        next: "下次", "Next";
        never: "尚未执行", "not yet";
        start: "立即执行", "Run now";
        started: "任务已排队", "The job is queued";
        by_schedule: "按计划", "its schedule";
        worker: "执行者", "Done by";
        result: "结果", "Result";
        error: "错误", "Error";
        run_at: "执行时间", "Due";
        cancel: "取消任务", "Cancel";
        cancel_title: "取消这个任务？", "Cancel this job?";
        cancel_text: "正在执行的任务会在下一步停止，已完成的部分保留。", "A running job stops at its next step. What it has done stays.";
        retry: "重新执行", "Run again";
        started_by: "启动人", "Started by";
        finished: "结束时间", "Finished";
        name_customers: "客户", "Customers";
        name_differing: "不一致", "Differing";
        name_file: "文件", "File";
        name_bytes: "字节", "Bytes";
        name_deleted: "已删除的旧备份", "Old backups deleted";
        name_jobs: "已清理的任务记录", "Jobs cleared away";
        name_messages: "已清理的 Webhook 消息", "Webhook messages cleared away";
        name_events: "已清理的事件", "Events cleared away";
        name_notifications: "已清理的通知", "Notifications cleared away";
        name_mails: "邮件", "Mails";
        name_keys: "已清理的幂等键", "Idempotency keys cleared away";
        name_shares: "已清理的过期共享", "Ended shares cleared away";
        name_scores: "已清理的历史评分", "Scores of old runs cleared away";
        name_places: "已清理的历史名次", "Places of old runs cleared away";
        name_expired: "到期的申请", "Requests that expired";
        name_segments: "细分", "Segments";
        name_broken: "规则失效的细分", "Segments whose rule does not hold";
        name_lines: "订单明细", "Order lines";
        name_rules: "规则", "Rules";
        name_clusters: "聚类", "Clusters";
        name_run: "分析编号", "Run";
        empty: "还没有执行记录", "Nothing has run yet";
    }
}
