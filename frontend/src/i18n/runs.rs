use super::texts;

texts! {
    /// Analyses that are run: asked for, followed, cancelled, chosen.
    pub struct Runs {
        which: "查看哪一次分析", "Which run";
        current: "当前", "current";
        start: "开始分析", "Start";
        starting: "正在提交…", "Asking…";
        queued: "已提交，完成后会自动显示", "Asked for: its results will appear here";
        waiting: "分析等待运行…", "The run is waiting …";
        running: "正在分析…", "The run is under way …";
        cancel: "取消分析", "Cancel the run";
        stopped: "分析已取消", "The run is cancelled";
        cancelled: "上一次分析已取消，没有结果。", "The last run was cancelled and has no results.";
        failed: "上一次分析失败，请重试或联系管理员。", "The last run failed. Try again or ask an administrator.";
        failed_why: "上一次分析未完成：{reason}", "The last run has no results: {reason}";
        see_job: "查看任务", "See the job";
    }
}
