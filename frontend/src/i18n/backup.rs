use super::texts;

texts! {
    /// Backups.
    pub struct Backup {
        title: "备份", "Backups";
        start: "立即备份", "Back up now";
        started: "备份任务已排队", "The backup is queued";
        none: "还没有备份", "No backups yet";
        none_text: "备份包含全部数据。备份期间可以照常使用系统。", "A backup holds all data. Everybody can go on working meanwhile.";
        overdue: "最近一次备份已超过应有的时间，请检查后台任务。", "The newest backup is older than it should be. Look at the background jobs.";
        overdue_none: "还没有任何备份。", "There is no backup at all.";
        jobs: "查看后台任务", "To the background jobs";
        newest: "最近备份", "Newest";
        schedule: "计划", "Schedule";
        schedule_off: "不自动备份", "none: only when started here";
        kept: "保留", "Kept";
        kept_text: "每日 {daily} 份，每周 {weekly} 份，每月 {monthly} 份", "{daily} daily, {weekly} weekly, {monthly} monthly";
        folder: "服务器上的文件夹", "Folder on the server";
        list: "备份文件", "Backups";
        incomplete: "不完整", "Not complete";
        version: "版本 {version}", "version {version}";
        restore: "恢复数据", "Restore";
        restore_text: "先停止所有服务器，再在服务器上执行下面的命令，然后重新启动。命令会先校验备份；原有数据以另一名称保留。", "Stop all servers, type this on the server, and start them again. It checks the backup first, and keeps what was there under another name.";
        restore_copy: "把备份文件复制到另一台机器或存储上：磁盘损坏时，同一磁盘上的备份也会丢失。", "Copy backups to another machine or storage: when the disk breaks, those on it are lost as well.";
        copy: "复制", "Copy";
        copied: "已复制", "Copied";
    }
}
