package report

// zhCompare are the fixed texts that only the page of a comparison has.
var zhCompare = map[string]string{
	// The frame.
	"comparison": "对比报告", "Metrics": "指标", "Codes and clauses": "错误码与条款",
	"Made by axbench %s from the run directories of both sides. The page loads nothing.": "由 axbench %s 根据两侧的运行目录生成。本页不加载任何外部资源。",

	// Verdicts.
	"BETTER": "变好", "SAME": "持平",
	"something is worse than in the baseline":                            "有指标比基线差",
	"something is better than in the baseline, and nothing is worse":     "有指标比基线好，且没有变差的",
	"nothing is worse than in the baseline by as much as matters":        "没有指标比基线差到值得关注的程度",
	"this does not tell whether anything is worse: it counts as neither": "无法判断是否变差：既不算通过也不算退化",
	"nothing is worse": "没有变差", "the new run is not valid": "新的运行结果无效",
	"worse": "变差", "better": "变好", "same": "持平", "inconclusive": "无法下结论",

	// Metrics.
	"What changed, by how much, and what that says": "变化、幅度与结论", "metric": "指标", "baseline": "基线", "new": "现在", "change": "变化", "interval": "区间", "matters from": "关注幅度",
	"none was judged": "没有判定任何指标", "it takes about %s times as many calls": "约需 %s 倍的请求数才能判断",
	"Intervals are of the change and hold for all %s metrics together: where nothing changed, the chance that any reads worse is at most %s. Same is what a 95 %% interval shows.": "区间为变化量的区间，对全部 %s 个指标同时成立：若没有任何变化，误判为变差的概率至多为 %s。“持平”由 95 %% 区间得出。",
	"Shaded: changes that do not matter; line: no change; dot and bar: the change and its interval.":                                                                               "着色区：不值得关注的变化；竖线：无变化；圆点与横条：变化及其区间。",

	// Charts.
	"Percentiles of the response time as offered, both sides": "两侧全量响应时间的分位数", "p50 of good answers, second by second": "合格应答的 p50（逐秒）",
	"p99 of good answers, second by second": "合格应答的 p99（逐秒）", "Good answers, second by second": "合格应答数（逐秒）",

	// Codes and clauses.
	"Codes that appeared or vanished": "新出现或不再出现的错误码", "no code appeared or vanished": "没有新出现或不再出现的错误码",
	"Clauses that broke, or hold again": "新被违反或不再被违反的条款", "no clause broke or holds again": "没有新被违反或不再被违反的条款",
	"appeared": "新出现", "vanished": "不再出现", "newly broken": "新被违反", "holds again": "不再被违反", "%s: %s": "%s：%s", "%s, no chance": "%s，并非偶然", "%s, may be chance": "%s，可能出于偶然",
	"%s of %s": "%s / %s", "level": "级别", "sentence": "条款内容",

	// What was compared.
	"What was compared": "对比的运行", "side": "侧", "In what they differ": "两侧的差别", "difference": "差别", "Generator: shown, never judged": "压测端（仅展示，不参与判定）", "figure": "数值",
	"cores busy": "占用核数", "most in flight": "最多在途", "nothing qualifies the figures": "没有需要说明的事项",
}
