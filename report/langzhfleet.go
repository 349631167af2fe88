package report

// zhFleet are the texts of runs that several generators made.
var zhFleet = map[string]string{
	"Generators": "各压测端", "every generator": "全部压测端", "The figures above are the worst of each; connections are all of them.": "上方各项取所有压测端中最差者；连接数为合计。",
	"host": "主机", "state": "状态", "withheld": "扣住", "clock ahead": "时钟快", "validity": "有效性", "controller": "控制端",
	"running": "运行中（未结束）", "to the end": "直到结束", "handed over": "已移交", "LOST": "失联", "valid": "有效", "invalid": "无效", "all %s": "全部 %s 个",
	"%s generators in better order are left out": "另有 %s 个状况较好的压测端未列出",

	"generators": "压测端", "if one is lost the run ends": "任一失联则运行终止", "if one is lost the others take over": "若有失联则由其余接手",
	"start": "起跑", "within %s of each other for certain, %s allowed; a lease of %s": "可确定彼此相差不超过 %s，允许 %s；租约 %s",
	"decided": "已处置", "%s of %s arrivals": "%s / %s 个到达", "decided twice": "重复处置", "%s arrivals": "%s 个到达",
	"%s arrivals by nobody, %s allowed": "%s 个到达无人发起，允许 %s", "arrivals %s to %s: %s": "到达 %s 至 %s：%s 个", "arrivals %s to %s: %s of generator %s": "到达 %s 至 %s：%s 个，属压测端 %s",
	"and %s shorter stretches: %s": "另有 %s 段较短的：共 %s 个", "%s calls of lost generators: nobody knows how they ended": "失联压测端的 %s 个请求：结局不明", "between %s and %s calls": "%s 至 %s 个请求",

	"generator %s was lost: between %s and %s of its calls were sent": "压测端 %s 失联：已发出其 %s 至 %s 个请求", "; %s of its reports came after that": "；其中 %s 份报告在此之后才到",
	"generator %s left, and the others took over what was still its own": "压测端 %s 中途退出，余下部分由其他压测端接手", "generator %s": "压测端 %s",
}
