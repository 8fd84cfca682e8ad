//! The words by which officials decide, as whole clauses after normalisation (REQUIREMENTS R72). Used by decision.rs only.

/// Clauses that approve.
pub(super) const APPROVE: &[&str] = &[
    "核准", "核可", "同意", "可", "准", "如擬", "發", "照辦", "如擬辦理", "依擬辦理", "依擬", "照擬", "如所擬", "准如擬", "准如所擬", "准予照辦", "准予", "准予所請", "准予結案", "准予備查", "同意照辦",
    "同意辦理", "同意發送", "同意發文", "同意發出", "同意回覆", "同意核准", "同意結案", "同意展延", "同意所請", "同意所擬", "同意如擬", "可行", "可以", "可發", "准發", "照發", "核發", "批准", "照准", "准許", "核准發送", "核准發文", "核准發出",
    "核准結案", "核准展延", "核准辦理", "核可發文", "可照辦", "可結案", "可以發", "可以發送", "可如擬", "通過", "確認結案", "我同意", "本人同意", "我核准", "予以同意", "予以核准", "應予同意", "准予發文", "如擬照辦", "如擬辦", "如擬發",
    "如擬發文", "如擬回覆", "照辦發文", "approve", "approved", "i approve", "i approve this", "i agree", "agreed", "agree", "ok", "okay", "ok to send", "okay to send", "fine to send", "approved for sending", "approved to send", "good to go", "please send", "lgtm",
    "同意備查", "准予展延", "決行", "准予核定", "核定", "同意核定",
];

/// Clauses that may stand beside an approval without limiting it.
pub(super) const BESIDE: &[&str] = &[
    "請發", "請速發", "請發文", "請發送", "請寄出", "請儘速發文", "請儘速回覆", "請儘速發送", "請盡速回覆", "請盡快回覆", "請儘快回覆", "請照辦", "發文", "速辦", "請結案", "請速辦", "請回覆", "請依擬辦理", "請依規定辦理", "依規定辦理", "請儘速辦理",
    "內容無誤", "內容妥適", "無意見", "沒意見", "無其他意見", "沒有意見", "no comment", "no comments", "no further comments", "well done", "great work", "looks good", "you may send it", "send it", "please send it", "已閱", "已審閱", "已看過", "閱", "悉", "已悉", "知悉", "文已閱", "內容已閱",
];

/// Clauses that say 閱 or 悉: they fulfil a 陳閱 step and approve nothing.
pub(super) const SEEN: &[&str] = &["閱", "悉", "已閱", "已悉", "知悉", "閱悉", "敬悉", "閱知", "已閱悉", "存閱", "閱存", "核閱", "已核閱", "閱畢", "備查", "seen", "read", "noted"];

/// Words that refuse without sending back.
pub(super) const REFUSE: &[&str] = &[
    "不可", "不同意", "不准", "不核准", "不予核准", "不予同意", "不准予", "未便同意", "未便照准", "礙難同意", "礙難照准", "歉難同意", "不行", "不可行", "不宜", "不妥", "駁回", "否決", "不能同意", "無法同意", "我不同意", "本人不同意", "不應准", "不發", "不能發", "不可發",
    "disapprove", "disapproved", "not approved", "i do not approve", "i don't approve", "do not approve", "do not agree", "i disagree", "disagree", "denied", "deny",
];

/// Words that send back. Longer ones first, so that the reason is what follows the whole word.
pub(super) const RETURN: &[&str] = &[
    "退回修正後再陳", "退回承辦單位", "退回原承辦", "退回承辦人", "退回修正", "退回重擬", "退回補正", "退回補充", "退回重辦", "退回更正", "退回重簽", "請退回", "予以退回", "應退回", "退回", "退件", "退還", "發回", "發還", "重擬", "請重擬", "重簽", "請重簽", "重寫", "請重寫", "重辦", "請重辦",
    "returned", "return", "rejected", "reject", "sent back", "send back", "please revise", "please redo", "redo",
];

/// Openings of a clause that limits what came before it, or asks for a change.
pub(super) const LIMIT: &[&str] = &[
    "惟", "但", "唯", "不過", "然", "只是", "除", "可是", "請修", "請改", "請更", "請刪", "請補", "請調整", "請加", "請再", "請先", "請將", "請把", "請於", "請另", "請潤", "請確認", "請刪除", "修正後", "修改後", "更正後", "補充後", "刪除後", "調整後", "改後", "文字修正", "文字修改", "文字再", "文字請",
    "潤飾後", "潤稿後", "另請", "並請", "並", "仍請", "仍須", "仍需", "再補", "再修", "建議", "but", "however", "except", "please change", "please revise", "please add", "please remove", "please correct", "please fix", "after ", "with changes", "with the following",
];

/// Endings of a clause that asks for a change before it may go out.
pub(super) const LIMIT_ENDS: &[&str] = &[
    "修正後發", "修正後發文", "修正後再發", "修正後可", "修正後同意", "修正後如擬", "後發", "後發文", "後再發", "後發送", "後寄出", "後再陳", "後再送", "後再陳核", "後陳核", "後再簽", "後可", "後同意", "後如擬", "後照辦", "修正", "更正", "改一下", "修一下", "補一下", "刪掉", "拿掉", "再送",
];

/// Words that leave everything open: questions, delays, 面報.
pub(super) const OPEN: &[&str] = &[
    "可否", "是否", "能否", "緩", "再議", "面報", "面陳", "面談", "面商", "面議", "研議", "再研", "再酌", "待", "暫", "擬同意", "原則", "再看", "再想", "再討論", "嗎", "呢", "?", "如何", "為何", "為什麼", "怎麼", "何時", "說「", "說\"", "表示", "若", "如果", "倘", "除非", "應該可以", "可能", "不知", "尚未", "未核准", "未同意",
];
