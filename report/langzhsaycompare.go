package report

import "slices"

// zhSentences are all forms of sentences.
var zhSentences = slices.Concat(zhCompareSentences, zhFleetSentences, zhRunSentences)

// zhCompareSentences are the forms of sentences in comparisons, the more special ones before those that hold them too.
var zhCompareSentences = []sentence{
	// What is worse or better.
	{"against the baseline: {s}", "与基线相比：{1}"},
	{"{} is {s}: from {} to {}, by {} ({s} to {s})", "{1} {2}：从 {3} 变为 {4}，变化 {5}（{6} 至 {7}）"},
	{"{} is {s}: from {} to {}", "{1} {2}：从 {3} 变为 {4}"},
	{"{} is inconclusive: {s}", "{1} 无法下结论：{2}"},
	{"better", "变好"}, {"worse", "变差"}, {"same", "持平"},
	{"open", "无界"},
	{"undocumented code {} appeared: {} of {} calls, none of {} before", "新出现未规定的错误码 {1}：{3} 个请求中 {2} 个，此前 {4} 个中没有"},
	{"undocumented code {} vanished: none of {} calls, {} of {} before", "未规定的错误码 {1} 不再出现：{2} 个请求中没有，此前 {4} 个中有 {3} 个"},
	{"code {} appeared: {} of {} calls, none of {} before, {s}", "新出现错误码 {1}：{3} 个请求中 {2} 个，此前 {4} 个中没有，{5}"},
	{"code {} vanished: none of {} calls, {} of {} before, {s}", "错误码 {1} 不再出现：{2} 个请求中没有，此前 {4} 个中有 {3} 个，{5}"},
	{"which may be chance", "可能出于偶然"}, {"which is no chance", "并非偶然"},
	{"clause {}, which is no MUST, is newly broken: by {} of {} answers, by none of {} before", "非 MUST 条款 {1} 新被违反：{3} 个应答中 {2} 个，此前 {4} 个中没有"},
	{"clause {} is newly broken: by {} of {} answers, by none of {} before", "条款 {1} 新被违反：{3} 个应答中 {2} 个，此前 {4} 个中没有"},
	{"clause {} is no longer broken: by none of {} answers, by {} of {} before", "条款 {1} 不再被违反：{2} 个应答中没有，此前 {4} 个中有 {3} 个"},

	// Why a metric has its word.
	{"above the minimum effect of {}, and no change is excluded", "超过最小关注幅度 {1}，且已排除没有变化的可能"},
	{"within the minimum effect of {}", "变化不超过最小关注幅度 {1}"},
	{"too few calls: the interval has no end", "请求太少：区间没有端点"},
	{"it looks worse, by more than the minimum effect of {}, but such a difference also comes by chance", "看似变差，幅度超过 {1}，但这样的差异也可能出于偶然"},
	{"it looks better, by more than the minimum effect of {}, but such a difference also comes by chance", "看似变好，幅度超过 {1}，但这样的差异也可能出于偶然"},
	{"not worse by the minimum effect of {}, perhaps better", "变差不超过最小关注幅度 {1}，也许变好"},
	{"the 95% interval is wider than the minimum effect of {}", "95% 置信区间宽于最小关注幅度 {1}"},
	{"on both sides it lies among calls that never came to an end", "两侧都落在始终没有结局的请求之中"},
	{"on one side it lies among calls that never came to an end, which may be chance", "有一侧落在始终没有结局的请求之中，可能出于偶然"},
	{"it lies among calls that never came to an end", "落在始终没有结局的请求之中"},
	{"in the baseline it lies among calls that never came to an end", "基线一侧落在始终没有结局的请求之中"},

	// Runs that decide nothing.
	{"the baseline {} decides nothing: {s}", "基线 {1} 不能作为依据：{2}"},
	{"the new run {} decides nothing: {s}", "新的运行 {1} 不能作为依据：{2}"},
	{"it is partial: it still goes on, or was killed", "不完整：仍在进行或被强制终止"},
	{"it was interrupted", "被中断"},
	{"it is invalid: the generator was the limit, or the plan was not kept", "结果无效：压测端成为瓶颈，或未按计划执行"},
	{"it ended early: {} of {} planned calls were never offered", "提前结束：计划的 {2} 个请求中有 {1} 个从未发起"},
	{"no recorded phase has the same name on both sides", "两侧没有同名的计入结果的阶段"},
	{"there is no baseline to hold the run against: {} names no run", "没有可供比较的基线：{1} 不指向任何运行"},

	// Notes.
	{"the runs are unlike in {s}: {} as baseline, {} now", "两侧的{1}不同：基线为 {2}，现为 {3}"},
	{"{s} differs: {} as baseline, {} now", "{1}不同：基线为 {2}，现为 {3}"},
	{"one run a side: how much runs differ among themselves is not known and is in no interval; several a side tell", "每侧只有一次运行：运行之间的差异未知，未计入任何区间；每侧多次运行才能得知"},
	{"the shortest run has {} recorded: swings of the target that take longer than a few seconds do not show in it", "最短的一次运行只计入 {1}：被测服务中长于几秒的波动无从体现"},
	{"phase {} is not recorded in every run and was left out", "阶段 {1} 并非在每次运行中都计入结果，已略去"},
	{"scenario", "场景"}, {"model", "负载模型"}, {"phases", "阶段"}, {"kind of target", "目标种类"}, {"document", "文档版本"}, {"method", "请求方法"}, {"signature", "签名方式"},
	{"format", "格式"}, {"requests (digest)", "请求内容（摘要）"}, {"seed", "种子"}, {"offset", "偏移"}, {"target", "目标"}, {"TLS", "TLS "}, {"proxy", "代理"}, {"axbench", "axbench 版本"}, {"host", "压测机"},
}
