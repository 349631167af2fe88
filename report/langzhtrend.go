package report

// zhTrend are the fixed texts that only the page of a trend has.
var zhTrend = map[string]string{
	"trend": "趋势", "Charts": "图表", "Runs": "运行", "Newest first": "由新到旧", "when (UTC)": "时间 (UTC)", "run": "运行", "%s to %s UTC": "%s 至 %s UTC",
	"%s runs": "%s 次运行", "newest run": "最近一次运行", "newest run; baseline %s": "最近一次运行；基线 %s",
	"axbench %s, before %s": "axbench %s，此前为 %s", "another plan: arrivals, operations or parameters differ": "计划已变：到达时刻、操作或参数不同",
	"target %s, before %s": "目标 %s，此前为 %s", "generator on %s, before on %s": "压测端 %s，此前为 %s", "note: %s": "备注：%s",
	"Filled circle: passed; cross: a rule missed, the document broken or worse than the baseline; open square: the run cannot tell, and no line joins it; " +
		"arrow: at least, calls had no end. Bars: 95 % interval within the run; it leaves out what differs from run to run. Dashed: something else than " +
		"the target changed. Points differ by chance too: axbench compare decides whether a run is worse.": "实心圆：通过；叉：未满足规则、违反文档或劣于基线；空心方：该次运行无法判断，不连线；" +
		"箭头：下限值，有请求没有结果。竖线：单次运行内的 95 % 置信区间，不含各次运行之间的差异。虚线：目标之外的条件有变。点与点之间也有随机差异：是否变差由 axbench compare 判定。",
	"> stands before a lower bound. Below a value stands its 95 % interval. A name that is a link leads to the report of the run.": "> 表示下限值。数值下方为其 95 % 置信区间。带链接的名称指向该次运行的报告。",
	"Made by axbench %s from run directories. The page loads nothing.":                                                             "由 axbench %s 根据运行目录生成。本页不加载任何外部资源。",
}
