package report

// zhCapacity are the fixed texts that only the page of a search for capacity has.
var zhCapacity = map[string]string{
	// The frame.
	"capacity": "容量报告", "Limit": "瓶颈", "Curve": "曲线", "Probes": "探测", "Search": "搜索", "Search again": "重新搜索", "What had to hold": "需满足的规则",
	"Made by axbench %s from capacity.json. The page loads nothing.": "由 axbench %s 根据 capacity.json 生成。本页不加载任何外部资源。",

	// How a search ends.
	"FOUND": "已找到", "NOT HELD": "不达标", "GENERATOR LIMIT": "压测端已到极限",
	"the highest rate that meets the rules lies in the interval":                      "满足规则的最高速率位于该区间内",
	"the target held every rate up to the highest that was tried":                     "直到所尝试的最高速率，被测服务均可承受",
	"not even the lowest rate met the rules":                                          "最低的速率也未满足规则",
	"this machine was the limit: the target may hold more than it could send":         "本机先到极限：被测服务或许能承受比本机所能发出的更多的请求",
	"too little was measured to say which rate is held":                               "测得的数据不足以判断能承受多大速率",
	"the search was stopped from outside: what follows is what it had until then":     "搜索被外部中止：以下为中止前的结果",
	"the search is still going on or was killed: what follows is what it had written": "搜索仍在进行或被强制终止：以下为已写入的结果",
	"holds %s (between %s and %s, %s)":                                                "可承受 %s（%s 至 %s，置信度 %s）",
	"holds between %s and %s (%s)":                                                    "可承受的速率在 %s 与 %s 之间（置信度 %s）",
	"holds at least %s":                                                               "至少可承受 %s",
	"holds less than %s":                                                              "可承受的速率低于 %s",
	"holds about %s":                                                                  "约可承受 %s",
	"no rate was found that is held":                                                  "没有找到可承受的速率",
	"%s, limited by %s":                                                               "%s，瓶颈：%s",
	"%s; plan for %s with %s headroom":                                                "%s；建议按 %s 规划（预留 %s 余量）",
	"so far: %s":                                                                      "截至目前：%s",
	"The curve bends at %s, where p99 is %s: beyond it, latency grows faster than throughput.": "曲线在 %s 处出现拐点，该处 p99 为 %s：超过此点，时延的增长快于吞吐。",

	// Figures.
	"rate held": "可承受", "%s to %s, %s": "%s 至 %s，%s", "plan for": "规划值", "%s headroom": "预留 %s 余量", "limited by": "瓶颈", "knee": "拐点", "probes": "探测次数",
	"%s held, %s missed": "%s 次达标，%s 次未达标", "%s held, %s missed, %s cannot tell": "%s 次达标，%s 次未达标，%s 次无法判断",
	"%s, %s calls recorded in %s": "%s 次，共计入 %s 个请求，历时 %s",

	// Limits.
	"saturation": "饱和", "throttling": "限流", "exhausted numbers": "号码耗尽", "errors": "错误应答", "the generator": "压测端", "the ceiling of the search": "搜索的速率上限",
	"a limit this version does not know": "当前版本无法识别的瓶颈", "nothing is known of what the limit is": "尚不知道瓶颈是什么",
	"Above this rate latency climbs, or answers fall behind arrivals: the target works at its limit and calls wait in it.": "超过该速率后时延攀升，或应答跟不上到达：被测服务已满负荷，请求在其中排队。",
	"For more, give the target more of what its calls wait for (instances, cores, connections to what it depends on), or make a call cost less. " +
		"Callers that retry add to the load just here.": "要承受更多，请增加请求所等待的资源（实例、核数、到依赖服务的连接），或降低单次调用的开销。调用方的重试恰恰会在此处加重负载。",
	"The target, or the gateway in front of it, refused calls for their number, not because it could do no more.":                                 "被测服务或其网关因请求数量而拒绝，并非无力处理。",
	"For more, have the flow limit of the account raised. Below it, spread calls evenly: such a limit lets a burst pass and holds the mean rate.": "要承受更多，请申请提高账号的流控上限。在上限以内请均匀发出请求：这类限流允许短时突发，但限制平均速率。",
	"The pool had no X number left for a new binding.":                                                                                            "号码池已没有可用于新绑定的 X 号码。",
	"For more, add X numbers to the pool, or unbind earlier: axbench capacity pool says how many numbers a rate and a hold time take.":            "要承受更多，请向号码池增加 X 号码，或更早解绑：axbench capacity pool 可算出某一速率与绑定时长所需的号码数。",
	"Other answers came than the ones asked for, or none at all.":                                                                                 "应答与预期不符，或根本没有应答。",
	"Look at the codes of the probes that missed, and at their evidence: axbench report of the directory of a probe shows the exchanges.":         "请查看未达标探测的错误码与证据：对探测目录执行 axbench report 可看到报文。",
	"The target held every rate that this machine could send without being the limit itself: its capacity is higher.":                             "凡本机能正常发出的速率，被测服务均可承受：其容量更高。",
	"Send from a machine that is faster or less busy; axbench calibrate measures what this one can do.":                                           "请换用更快或更空闲的机器发压；axbench calibrate 可测出本机的能力。",
	"The target held the highest rate that the search was allowed to try: its capacity may be higher.":                                            "被测服务承受住了搜索允许尝试的最高速率：其容量可能更高。",
	"Allow a higher rate with --max, and with safety.ceiling where the scenario has one.":                                                         "请用 --max 允许更高的速率；场景若设有 safety.ceiling，也需一并提高。",

	// Probes.
	"probe": "探测", "stage": "阶段", "climb": "爬升", "narrow": "收窄", "repeat": "复测", "confirm": "确认", "held": "达标", "cannot tell": "无法判断", "rate/s": "速率/秒",
	"no probe was made": "没有进行探测", "In the order of the search": "按搜索的先后次序", "late p99": "迟发 p99",
	"> stands before a lower bound: the calls there had no end. lost: failed, unfinished, dropped and not offered calls. A number of a probe that is a link leads to its report or its run directory.": "> 表示下界：该处的请求没有结局。损失含失败、未返回、丢弃与未发起。带链接的探测编号指向其报告或运行目录。",

	// Charts.
	"Response time as offered against rate: p50 and p99 of each probe": "全量响应时间与速率：每次探测的 p50 与 p99",
	"Good answers a second against rate":                               "每秒合格应答数与速率",
	"Filled circle: held; cross: missed; open square: cannot tell; arrow: at least, calls had no end. Shaded: the interval; dashed: the rate to plan for; K: the knee.": "实心圆：达标；叉：未达标；空心方块：无法判断；箭头：至少，有请求没有结局。着色带：区间；虚线：规划速率；K：拐点。",
	"asked for": "要求", "plan": "规划",

	// Codes.
	"shares": "占比分布", "beside OK": "OK 以外", "How the calls of each probe ended, by rate": "每次探测的请求结局，按速率排列", "no end": "没有结局",
}
