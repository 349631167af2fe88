package report

// zhConform are the fixed texts that only the page of a conformance run has.
var zhConform = map[string]string{
	// Verdicts on clauses.
	"ERROR": "出错", "WARN": "警告", "INCONCLUSIVE": "无法判定", "NOT_PROVOKED": "未触发", "NOT_APPLICABLE": "不适用", "INFO": "说明",
	"a MUST is broken": "违反 MUST 条款", "a fault of the suite: nothing is known": "测试套件自身出错：无从得知", "a SHOULD is broken, or an accepted second-best answer came": "违反 SHOULD 条款，或返回了可接受的次优应答",
	"no answer, budget spent, or a precondition did not come about": "没有应答、预算用尽，或前提未能形成", "nothing was seen that could have broken it": "未出现可能违反它的情形",
	"declared so, with a reason": "已声明不适用并说明原因", "which way it went where the document leaves it open": "文档未作规定之处的实际做法", "it could have failed and did not": "有机会违反而未违反",

	// Headlines.
	"the run is still going on or was killed: nothing was judged": "运行仍在进行或被强制终止：未作判定", "every MUST clause of the profile was provoked and held": "该规范档的所有 MUST 条款均已触发并成立",
	"the endpoint broke what the document says": "接口违反了文档规定", "nothing that was tested failed, but not everything was tested": "已测条款无一失败，但并未测全",
	"what was seen does not suffice for a verdict": "所见不足以下结论", "a headline this version does not know": "当前版本无法识别的结论",

	// Chapters.
	"Account and credential": "账号与凭据", "Transport": "传输", "Signature": "签名", "Request parameters": "请求参数", "Response fields": "应答字段", "Invariants over many answers": "跨应答的不变量",
	"Under load": "负载之下", "The 23 codes": "23 个错误码", "Other clauses": "其他条款",

	// What clauses need.
	"a URL, one credential, one pool and a few binds":                                                                           "一个 URL、一份凭据、一个号码池和少量绑定",
	"nothing: the endpoint answered something else before it came to this, or the run did not get there":                        "无需声明：接口在此之前返回了其他应答，或运行未进行到这一步",
	"free numbers, or a higher rate of calls":                                                                                   "更多空闲号码，或更高的调用速率",
	"budget.bindings and budget.rate for more of them, target.flow_limit_rps, pools.small with its size":                        "用 budget.bindings 与 budget.rate 放宽预算；target.flow_limit_rps；pools.small 及其容量",
	"facts about the pools: their numbers, cities and sizes":                                                                    "号码池的事实：号码、城市与容量",
	"pools.main with size, numbers by city and empty_city; pools.second, pools.small and pools.strict likewise":                 "pools.main 的容量、各城市号码与 empty_city；pools.second、pools.small、pools.strict 同理",
	"accounts or keys in special states":                                                                                        "处于特殊状态的账号或密钥",
	"credentials.second_of_main_account, .other_account, .inactive, .unverified; pools.foreign; codes.CODE: {credential: NAME}": "credentials.second_of_main_account、.other_account、.inactive、.unverified；pools.foreign；codes.CODE: {credential: NAME}",
	"a fault behind the endpoint, or a trigger for it":                                                                          "接口后端的故障，或触发故障的手段",
	"codes.CODE with a trigger: phone_a, phone_x, out_id or header; or codes.CODE: {unprovocable: \"why\"}":                     "codes.CODE 及其触发方式：phone_a、phone_x、out_id 或 header；或 codes.CODE: {unprovocable: \"原因\"}",
	"waiting, or a clock that can be moved":                                                                                     "等待，或可拨动的时钟",
	"channels.clock, or time to wait":                                                                                           "channels.clock，或留出等待时间",
	"a second channel":                                                                                                          "第二条通道",
	"query.subscription_detail, query.unbind, channels.receipts":                                                                "query.subscription_detail、query.unbind、channels.receipts",
	"something this version does not know":                                                                                      "当前版本无法识别的条件",
	"see the clause":                                                                                                            "见条款本身",

	// The page.
	"profile %s": "规范档 %s", "Verdicts": "结论", "By chapter": "按章节", "chapter": "章节", "all": "合计", "no clause was judged": "没有判定任何条款", "%s passed": "通过 %s 条",
	"Continuous checks": "持续检查", "clauses that every answer was held against, and none broke": "对每个应答都检查过且无一违反的条款", "0 of %s, %s: %s": "0 / %s，%s：%s",
	"below 4.61/%s = %s with 99 %% confidence": "以 99 %% 置信度低于 4.61/%s = %s", "%s: NOT unique %s (%s)": "%s：%s不唯一（%s）",
	"Not provoked": "未触发", "declare": "声明", "%s clauses": "%s 条条款", "declared unprovocable: not applicable, counted apart": "已声明无法触发：不适用，单独计数", "cases that did not run": "未运行的用例",
	"%d of %d clauses (%s) were not provoked: they are not tested, and not passed": "%d / %d 条条款（%s）未触发：既未测试，也不算通过",
	"codes observed %d of %d, provoked %d of %d":                                   "错误码：出现 %d / %d，触发 %d / %d", "observed": "出现", "provoked": "触发", "%d of %d": "%d / %d", "never observed (%d): ": "从未出现（%d）：",
	"Choices: which way the endpoint went where the document leaves it open": "取舍：文档未作规定之处，接口的做法", "choice": "事项", "question": "问题", "changed": "已变化", "was %s, is now %s": "原为 %s，现为 %s",
	"Known failures": "已知失败", "clause": "条款", "until": "期限", "reason": "原因", "now": "现状", "%s: a failure itself": "%s：本身即为失败", "holds": "有效", "Bindings": "绑定",
	"does not decide the headline": "不影响总结论", "known": "已知", "because": "原因", "expected": "预期", "got": "实得", "and": "另有", "%d more below": "%d 项，见下", "counted": "计数", "again": "复现",
	"(%d times)": "（%d 次）", "exchange, line %d: %s": "报文，第 %d 行：%s", "how it is checked": "检查方法", "%s observations": "%s 项观察", "verdict": "结论", "case": "用例", "times": "次数", "case %s": "用例 %s",
	"%s of %s that could have failed did": "可能违反的 %[2]s 次中违反 %[1]s 次", " or ": " 或 ", ": ": "：", ", ": "，", "; accepted second best: %s": "；可接受的次优：%s",
	"(cut when it was recorded)": "（记录时已截断）", "no answer: %s": "没有应答：%s",

	// Its facts.
	"target": "目标", "profile": "规范档", "declared": "已声明", "time": "时间", "directory": "目录", "only %s": "仅 %s", "%s calls": "%s 次调用", "%s in %s": "%s，历时 %s", "seed %d": "随机种子 %d",
	"signature %s": "签名 %s", "document %s": "文档 %s", "TLS %s": "TLS %s", "proxy %s": "代理 %s", "clauses SHA-256 %s": "条款集 SHA-256 %s", "nothing": "无", "credentials %s": "凭据 %s", "pools %s": "号码池 %s",
	"query": "查询", "unbind": "解绑", "call records": "话单",
	"%s created, %s unbound, %s expired, %s unknown (no answer, may have bound), %s left": "创建 %s，解绑 %s，过期 %s，不明 %s（没有应答，可能已绑定），剩余 %s",
	"%s bindings": "%s 个绑定", "%s may still be live: axbench cleanup %s unbinds what can be, expiry ends the rest": "%s可能仍在生效：axbench cleanup %s 可解绑能解的，其余等待过期",
	"%s without an answer may have bound: nobody here knows their SubsId, so only expiry ends them": "%s没有应答，可能已绑定成功：SubsId 无从得知，只能等其过期",
}
