package report

// zhTexts are the fixed texts of the pages in Chinese, by their English form. Names that rules use (offered, response, p99) stand
// beside their Chinese words.
var zhTexts = map[string]string{
	// The frame.
	"sections": "目录", "load test": "压测报告", "conformance": "一致性检验报告", "against": "目标：",
	"theme: auto": "主题：自动", "theme: light": "主题：浅色", "theme: dark": "主题：深色",
	"copy": "复制", "copied": "已复制", "select and copy by hand": "请手动选中复制",
	"Made by axbench %s from the run directory. The page loads nothing.":                "由 axbench %s 根据运行目录生成。本页不加载任何外部资源。",
	"Made by axbench %s from conform.json and evidence.ndjson. The page loads nothing.": "由 axbench %s 根据 conform.json 与 evidence.ndjson 生成。本页不加载任何外部资源。",

	// Verdicts of a run.
	"PASS": "通过", "FAIL": "不通过", "NOT CONFORMANT": "不符合规范", "WORSE": "性能退化", "INVALID": "结果无效", "NO DATA": "无数据", "INTERRUPTED": "已中断", "PARTIAL": "不完整",
	"RUNNING": "运行中", "the run goes on: this page shows what has ended so far, and nothing is judged yet": "运行尚未结束：本页显示到目前为止已结束的调用，尚未作出判定",
	"the exit code comes with the end": "退出码将在运行结束时给出", "rules are judged at the end": "SLO 在运行结束时判定",
	"so far, among the calls that have ended; rules are judged at the end": "截至目前，按已结束的请求计算；SLO 在运行结束时判定",
	"%s + still open %s": "%s + 尚未结束 %s", "-%s have no whole answer yet": "-%s 个尚未收到完整应答",
	"NO VERDICT": "无结论", "a verdict this version does not know": "当前版本无法识别的结论",
	"every rule held, every code is documented, no answer broke a MUST clause, and the generator kept the plan": "所有 SLO 均达标，所有错误码均有文档规定，没有应答违反 MUST 条款，压测端也按计划发出了全部请求",
	"a rule was missed":                 "有 SLO 未达标",
	"answers broke the document":        "有应答违反了接口文档",
	"a regression against the baseline": "相比基线出现退化",
	"the generator did not keep the plan: the numbers do not describe the target":                                "压测端未能按计划发压：下列数字不能代表被测服务",
	"nothing was measured, or too little to judge":                                                               "没有测得数据，或样本不足以判定",
	"the run was stopped from outside: what follows is what it had until then":                                   "运行被外部中止：以下为中止前的数据",
	"the run is still going on or was killed: what follows is what had reached the disk, and nothing was judged": "运行仍在进行或被强制终止：以下为已落盘的数据，未作判定",
	"no exit code yet": "尚无退出码", "exit code %s": "退出码 %s", "exit code %s: %s": "退出码 %s：%s",
	"every rule held": "所有 SLO 均达标", "axbench itself failed": "axbench 自身出错", "bad use or an invalid file": "用法错误或文件无效", "an SLO was missed": "有 SLO 未达标",
	"the target broke the document": "被测服务违反了接口文档", "worse than the baseline": "比基线差", "the run is not valid: it measured its generator": "结果无效：测到的是压测端自身",
	"nothing measured, incomplete or inconclusive": "未测得数据、不完整或无法下结论", "refused by a safety guard": "被安全检查拒绝", "interrupted (SIGINT)": "被中断（SIGINT）",
	"ended from outside (SIGTERM)": "被外部终止（SIGTERM）", "the embedded emulator": "内置模拟器",
	closedSentence:     "闭环模型：正在等待应答的调用方不会发出新请求，因此响应时间没有计入那些本该到来的用户的等待",
	"%s of %s planned": "%s / 计划 %s", "good answers a second": "每秒合格应答数", "response time as offered": "全量响应时间（offered）",
	"goodput": "有效吞吐", "answers with a code of no list": "错误码不在任何文档中的应答", "violations": "违反条款", "broken clauses, warm-up included": "违反次数，含预热",

	// The funnel.
	"Funnel": "漏斗", "planned": "计划", "sent": "发出", "done": "完成", "good": "合格", "failed": "失败", "unfinished": "未完成", "dropped": "丢弃", "not offered": "未发起",
	"done, not good": "完成但不合格", "still open": "仍在途",
	"-%s were not sent": "-%s 未发出", "-%s got no whole answer": "-%s 未得到完整应答", "-%s got another answer than they asked for": "-%s 应答与预期不符",
	"planned %s = done %s + failed %s + unfinished %s + dropped %s + not offered %s": "计划 %s = 完成 %s + 失败 %s + 未完成 %s + 丢弃 %s + 未发起 %s",
	"all phases": "全部阶段", "follow-ups": "后续调用", "the follow-ups": "后续调用", "phase %s": "阶段 %s",
	"%s: %s of %s arrivals had no end on disk yet":                   "%s：%s / %s 个请求的结局尚未落盘",
	"the ledger of %s does not add up: %s planned, %s accounted for": "%s的账目不平：计划 %s，有结局的 %s",
	"%s for %s": "%s，持续 %s", " (not recorded)": "（不计入结果）",
	"How far the calls of each phase came": "各阶段请求的去向", "Where the others went": "未合格请求的去处",
	"phase": "阶段", "length": "时长", "planned/s": "计划/秒", "sent/s": "发出/秒", "done/s": "完成/秒", "good/s": "合格/秒",
	"no whole answer": "没有完整应答", "open after the drain": "收尾后仍未返回", "patience ended in the queue": "排队超过耐心时间", "never handed out": "从未交出",
	"* not recorded: in no rule and no latency below, but conformance counts": "* 不计入结果：不参与 SLO 与下文时延统计，但仍检查规范一致性",

	// Rules.
	"SLOs": "SLO", "Rules, values and margins": "规则、实测值与余量", "outcome": "结果", "rule": "规则", "limit": "限值", "value": "值", "95 % interval": "95 % 置信区间", "margin": "余量",
	"drawn": "图示", "all recorded": "全部计入阶段", "no lower end": "无下界", "no upper end": "无上界", "%s or worse": "%s 或更差", "no data": "无数据", "pass": "达标", "missed": "未达标",
	"no rule was judged": "没有判定任何规则", "; ": "；",
	"it stopped the run at %s": "该规则在 %s 时停止了运行", "worst window: second %s to %s": "最差窗口：第 %s 秒至第 %s 秒",
	"windows judged: %s, missed: %s": "已判定窗口：%s，未达标：%s", "with too few samples: %s": "样本不足：%s",
	"a rule stopped the run: no more calls are made, and open ones are waited for":           "一条规则停止了运行：不再发起请求，等待在途请求返回",
	"shaded: the side that passes; line: the limit; dot and bar: the value and its interval": "着色区：达标一侧；竖线：限值；圆点与横条：实测值及其置信区间",

	// Codes.
	"Codes": "错误码", "%s undocumented codes": "%s 个未规定的错误码", "%s violated clauses": "%s 条被违反的条款", "broken by %s of %s answers, %s": "%s / %s 个应答违反，占 %s", "seen": "实际",
	"no exchange was kept": "没有保留报文", "no exchange with %s was kept": "没有保留 %s 的报文", "Seen, all phases": "已出现（全部阶段）", "no call ended with a code": "没有请求返回错误码",
	"Codes of follow-ups": "后续调用的错误码", "by phase and class": "按阶段与类别", "Documented, never seen: %s": "文档规定但未出现：%s 个", "code": "错误码", "class": "类别", "text": "说明",
	"count": "次数", "share": "占比", "first seen": "首次出现", "last seen": "末次出现", "%s asked for": "其中 %s 个为预期",
	"exchange, line %s of evidence.ndjson: %s": "报文，evidence.ndjson 第 %s 行：%s", "request": "请求", "answer": "应答", "response %s": "响应时间 %s",
	"%s cannot be read: %s": "无法读取 %s：%s", "(%s bytes more)": "（另有 %s 字节）",
	"ok": "成功", "business": "业务", "gateway": "网关", "undocumented": "未规定", "malformed": "无法解析", "transport": "传输失败",

	// Charts.
	"Over time": "时间曲线", "Distribution": "时延分布", "The charts need scripts; the tables below say the same.": "图表需要启用脚本；下方表格内容相同。",
	"Rate: planned, sent and good calls per second": "速率：每秒计划、发出与合格的请求数", "Calls in flight and queued": "在途与排队的请求数",
	"Response time of good answers: p50, p90, p99, max": "合格应答的响应时间：p50、p90、p99、最大值", "Answers per second by code": "每秒应答数（按错误码）",
	"Generator: lateness, CPU, garbage collection": "压测端：迟发、CPU、垃圾回收", "Response time over time: calls by their time": "响应时间热力图：各时段、各响应时间的请求数",
	"Percentiles: response and service time": "分位数曲线：响应时间与服务时间", "There are no charts: %s": "没有图表：%s", "as a table, a row every %s": "以表格查看，每行 %s",
	"from": "起始", "max": "最大", "lost": "损失",
	"Response times are those of the good answers that ended in the row, warm-up included; lost are failed, unfinished, dropped and not offered calls.": "响应时间取该时段内返回的合格应答，含预热；损失包括失败、未完成、丢弃与未发起的请求。",

	// Latency.
	"Latency": "时延", "By phase": "按阶段", "measure": "指标", "mean": "平均", "all recorded phases": "全部计入阶段", "no phase was recorded": "没有计入结果的阶段", "no call was measured": "没有测得任何请求",
	"offered": "全量响应 offered", "response": "响应时间 response", "service": "服务时间 service", "lag": "发送滞后 lag",
	"response of good answers; timeouts, unfinished and dropped calls as lower bounds (>)": "合格应答的响应时间；超时、未完成与丢弃的请求以下界（>）计入",
	"from due to done, of good answers":                                                    "从应发时刻到完成，仅合格应答", "from sent to done, of every answer": "从发出到完成，所有应答", "from due to sent": "从应发时刻到发出",
	"offered = response of good answers, and every timeout, unfinished and dropped call as a lower bound (>); response = from due; service = from sent; lag = from due to sent.": "offered = 合格应答的响应时间，并把每个超时、未完成、丢弃的请求以下界（>）计入；response 自应发时刻起算；service 自发出时刻起算；lag 为应发到发出。",
	"%s: %s values beyond the histogram's range count in max only": "%s：%s 个值超出直方图范围，只计入最大值",
	"Where the time went": "时间花在哪里", "The mean answer took %s:": "平均每次应答耗时 %s：", "Parts of a call": "一次请求的各环节", "part": "环节", "p50 and p99 drawn": "p50 与 p99 图示",
	"lag = queued + connect + late; service = send + wait + read.": "lag = 排队 + 建连 + 迟发；service = 发送 + 等待 + 读取。",
	"queued": "排队", "waited for a free slot": "等待空闲名额", "connect": "建连", "dialled for this call, TLS included": "为本次请求建立连接，含 TLS", "TLS": "TLS", "the handshake": "握手",
	"late": "迟发", "our own lateness": "压测端自身的延误", "send": "发送", "first to last byte written": "首字节到末字节写出", "wait": "等待", "for the first byte of the answer": "等待应答首字节",
	"read": "读取", "first to last byte read": "首字节到末字节读入", "sign": "签名", "building and signing the request, ahead of due: in none of the latencies": "构造并签名请求，在应发时刻之前完成，不计入任何时延",

	// Clauses.
	"Clauses": "条款", "Clauses that every answer was held against and none broke, and what that proves of the share that would": "对每个应答都检查过且无一违反的条款，以及由此可知的违反率上界",
	"broken": "违反", "bound": "违反率上界", "clauses": "条款", "0 of %s": "0 / %s", "no bound: too few answers": "应答太少，无法给出上界", "below %s with 99 %% confidence": "以 99 %% 置信度低于 %s",
	"%s clauses were broken: see the codes.": "有 %s 条条款被违反，见“错误码”一节。", "no answer broke a clause": "没有应答违反条款", "no clause was checked": "没有检查任何条款",
	"%s: none seen (%s)": "%s：未出现（%s）", "over all %s": "全部 %s 个之中", "over the first %s of %s": "前 %s 个之中（共 %s 个）", " (the memory set aside for ids was full)": "（预留给标识的内存已满）",
	"%s: NOT unique, %s repeated %s (%s)": "%[1]s：不唯一，%[3]s有 %[2]s 次重复（%[4]s）", "%s: unique %s (%s)": "%s：%s唯一（%s）",

	// The generator.
	"Generator": "压测端", "valid: the generator kept the plan": "有效：压测端按计划发压", "not judged": "未判定", "not valid: the numbers do not describe the target": "无效：数字不能代表被测服务",
	"lateness": "迟发", "p99 %s, max %s (our own share of lag)": "p99 %s，最大 %s（发送滞后中属于压测端自身的部分）", "clock": "时钟", "CPU": "CPU", "%s cores busy of %s": "占用 %s 核，共 %s 核", "CPU per call": "单次请求 CPU",
	"stood still": "停顿", "server clock": "服务端时钟", "%s to %s ahead of this machine's": "比本机快 %s 至 %s",
	"%s at the end; no one difference explains all answers": "结束时%s；没有哪个固定时差能解释全部应答", "other processes": "其他进程", "%s cores busy": "占用 %s 核",
	"memory": "内存", "%s at most": "最高 %s", "longest GC pause": "最长 GC 停顿", "%s at most of %s allowed": "最高 %s，上限 %s", "in flight": "在途请求", "connections opened": "新建连接数",
	"%s values lay beyond the histograms' range": "%s 个值超出直方图范围",

	// Facts.
	"Run": "运行信息", "scenario": "场景", "model": "到达模型", "open: calls do not wait for answers": "开环：请求按计划到达，不等待应答", "closed: callers wait for answers": "闭环：调用方等待应答后再发",
	"phases of the open and of the closed model": "兼有开环与闭环阶段", "phases": "阶段", "started": "开始时间", "not ended": "未结束", "not ended; on disk up to %s": "未结束，数据已落盘至 %s",
	"seed": "随机种子", "offset": "号码偏移", "digest of the plan": "计划摘要", "endpoint": "接口地址", "method": "请求方式", "signature": "签名版本", "document": "文档版本", "none": "无", "proxy": "代理",
	"generator": "压测机", "cores": "核数", "axbench": "axbench", "run directory": "运行目录", "redaction": "脱敏",
	"Phone numbers are pseudonyms: as long as the real ones, with their first three digits, made with a random key of this run that is stored nowhere. Access key id, signature, nonce and token were taken out before anything was written.": "电话号码均已替换为等长化名，仅保留前三位；化名由本次运行的随机密钥生成，该密钥不落盘。AccessKey ID、签名、随机数与令牌在写盘前已删除。",
	"Run it again": "重新运行", "The same scenario with this seed makes the same plan: the digest of the plan will be the same. Credentials come from where they came from before.": "同一场景加同一随机种子得到同一计划，计划摘要也相同。访问凭据仍从原处读取。",

	// What is left.
	"Bindings and notes": "绑定与备注", "Notes": "备注", "created": "已创建", "unbound": "已解绑", "expired": "已过期", "unknown": "不明", "left": "剩余",
	"%s bindings are still live. This unbinds them:":                                                       "仍有 %s 个绑定生效。执行以下命令解绑：",
	"%s calls without an answer may have bound: nobody here knows their SubsId, so only expiry ends them.": "%s 个没有应答的请求可能已绑定成功：SubsId 无从得知，只能等其过期。",

	// Scripts.
	"not recorded": "不计入结果", "show all": "显示全部", "lower bound": "下界", "GC pause": "GC 停顿", "lateness p99": "迟发 p99", "calls": "请求数", "other": "其他",
	"calls without an end": "没有结局的请求", "drain": "收尾", "Drag across a chart to zoom in, double click to show all.": "在图上拖动可放大，双击显示全部。",
	"connecting": "正在连接", "live": "实时", "last state of": "最后状态", "trying again": "正在重试", "not tried again": "不再重试", "try again": "重试", "exit code": "退出码", "report:": "报告：",
	"the run has ended": "运行已结束", "connection lost: this is the last state": "连接中断：以下为最后状态",
}
