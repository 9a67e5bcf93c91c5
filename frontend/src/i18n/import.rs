use super::texts;

texts! {
    /// Imports.
    pub struct Import {
        title: "数据导入", "Imports";
        new: "导入文件", "Import a file";
        empty_title: "还没有导入过数据", "Nothing was imported yet";
        empty_text: "上传 CSV 或 Excel 文件，导入客户、联系人、产品、订单和服务单。", "Upload a CSV or Excel file of customers, contacts, products, orders or tickets.";
        read: "已读行数", "Rows read";
        imported: "已导入", "Imported";
        created: "新增", "Added";
        updated: "已有记录", "There already";
        rejected: "被拒绝", "Rejected";

        step_upload: "上传文件", "Upload";
        step_mapping: "对应列", "Columns";
        step_run: "导入", "Import";
        step_result: "结果", "Result";

        record_title: "导入什么", "What is in the file";
        upload_title: "选择文件", "Choose the file";
        upload_hint: "Excel（.xlsx，第一个工作表）或 CSV（UTF-8、GB18030，可用 gzip 压缩），第一行为表头；订单每行一条明细", "Excel (.xlsx, its first sheet) or CSV (UTF-8 or GB18030, may be gzipped) with headers in the first row; of orders one line in each row";
        uploading: "正在上传 {name}", "Uploading {name}";
        reading: "正在读取…", "Reading it…";
        columns_title: "可以导入的列", "Columns it can take";
        template: "下载空白模板", "An empty file to fill in";
        columns_text: "列名可以是中文或英文，上传后可以自行对应。", "Headers may be Chinese or English; you can set which is which after the upload.";

        mapping: "文件的列对应到哪里", "Which column is what";
        mapping_text: "已按表头自动识别，请核对。", "Guessed from the headers. Please check.";
        target: "系统字段", "Becomes";
        source: "文件的列", "Column of the file";
        examples: "样例", "Examples";
        not_mapped: "不导入", "left out";
        samples: "文件的前几行", "The first rows";
        missing: "还需要对应：{names}", "Still missing: {names}";
        settings: "导入设置", "Settings";
        mode: "导入方式", "What rows do";
        match_by: "按什么匹配已有记录", "Find what is there by";
        clear_blank: "空白单元格清空已有的值", "Blank cells empty what is there";
        order_state: "订单导入后的状态", "State of the imported orders";
        create_customers: "自动建立不存在的客户", "Make customers that do not exist";
        create_products: "自动建立不存在的产品", "Make products that do not exist";
        refuse_repeats: "拒绝同一订单内完全重复的行", "Refuse rows that repeat another row of their order";
        default_customer: "缺少客户编号的行归到", "Customer code for rows without one";
        default_customer_hint: "填写客户编号；留空则拒绝这些行", "Left empty, such rows are rejected";
        offset: "文件中时间的时区", "Time zone of the file";
        check: "试运行", "Try it first";
        check_title: "试运行结果", "What it would do";
        checked_all: "已检查全部 {n} 行，没有保存任何数据。", "All {n} rows were tried; nothing was kept.";
        checked_some: "已检查前 {n} 行，没有保存任何数据。", "The first {n} rows were tried; nothing was kept.";
        would_create: "将新增", "Would be added";
        would_update: "将更新", "Would be updated";
        would_reject: "将被拒绝", "Would be rejected";
        would_wait: "取决于后面的行", "Depend on rows further down";
        row: "行", "Row";
        contents: "内容", "Contents";
        run: "开始导入", "Start the import";
        discard: "放弃此文件", "Discard the file";
        discard_title: "放弃这次上传？", "Discard this upload?";
        discard_text: "已上传的文件会被删除，没有导入任何数据。", "The uploaded file is deleted. Nothing has been imported.";

        queued: "排队中，马上开始…", "Waiting for its turn…";
        running: "正在导入，可以离开此页，导入会继续。", "Importing. You may leave this page; it goes on.";
        cancel: "取消导入", "Stop the import";
        cancel_title: "取消这次导入？", "Stop this import?";
        cancel_text: "已导入的行会保留，其余的行不再导入。", "What has been imported stays; the rest is left.";

        done_title: "导入完成", "The import is done";
        cancelled_title: "导入已取消", "The import was stopped";
        failed_title: "导入失败", "The import failed";
        took: "用时 {n}", "It took {n}";
        all_fine: "所有行都已导入。", "Every row was imported.";
        reasons: "被拒绝的行", "Rejected rows";
        reason: "原因", "Reason";
        rows: "行数", "Rows";
        share: "占比", "Share";
        download: "下载错误文件", "Download the rejected rows";
        download_text: "错误文件包含原来的列和原因，改正后可以再次导入。", "It has the columns of your file and the reason for each row. Correct it and import it again.";
        to_records: "查看{records}", "See {records}";
        to_value: "分析客户价值", "Analyse customer value";
        another: "再导入一个文件", "Import another file";
        delete: "删除导入记录", "Delete this import";
        delete_title: "删除这条导入记录？", "Delete the record of this import?";
        delete_text: "只删除记录和错误文件，已导入的数据不受影响。", "Only the record of it and its rejected rows go. What was imported stays.";
        moment: "不到 1 秒", "less than a second";
        seconds: "{n} 秒", "{n} s";
        minutes: "{m} 分 {s} 秒", "{m} min {s} s";
    }
}
