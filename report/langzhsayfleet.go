package report

// zhFleetSentences are what results/judge says of a run that several generators made.
var zhFleetSentences = []sentence{
	{"generator {} was lost, which the scenario allows: {s}", "压测端 {1} 失联，在场景允许范围内：{2}"},
	{"generator {} was lost: {s}", "压测端 {1} 失联：{2}"},
	{"{} generators more were lost, which the scenario allows", "另有 {1} 个压测端失联，在场景允许范围内"},
	{"{} generators more were lost", "另有 {1} 个压测端失联"},
	{"nobody knows why", "原因不明"},
	{"the plan was not kept: {} of {} arrivals were not offered, at most {} is valid: {s}", "未按计划执行：{2} 个到达中有 {1} 个未发起，最多允许 {3}：{4}"},
	{"{} of {} arrivals were not offered, and the scenario allows {}: {s}", "{2} 个到达中有 {1} 个未发起，场景允许 {3}：{4}"},
	{"the plan was not kept in phase {}: {} of {} calls were not offered, at most {} of all is valid", "阶段 {1} 未按计划执行：{3} 个请求中有 {2} 个未发起，最多允许全部请求的 {4}"},
	{"arrivals {} to {}: {}", "到达 {1} 至 {2}：{3} 个"},
	{"in {} stretches, the largest is {s}", "分 {1} 段，最大一段为{2}"},
	{"nobody knows which", "无法得知是哪些"},
	{"generator {} withheld {} arrivals: it was not permitted to send", "压测端 {1} 扣住 {2} 个到达：当时没有发送许可"},
	{"{} generators more withheld arrivals", "另有 {1} 个压测端扣住到达"},
	{"{} generators more did not do all of their part", "另有 {1} 个压测端未完成各自的部分"},
	{"{} arrivals were decided by two generators, and none may be", "{1} 个到达被两个压测端处置，这是不允许的"},
	{"nobody knows how {} calls of lost generators ended, which the scenario allows", "失联压测端的 {1} 个请求结局不明，在场景允许范围内"},
	{"nobody knows how {} calls of lost generators ended", "失联压测端的 {1} 个请求结局不明"},
	{"the generators began within {} of each other for certain, at most {} is valid: keep their clocks in step, or shorten their way to the controller",
		"只能确定各压测端起跑相差不超过 {1}，最多允许 {2}：请校准各机时钟，或缩短与控制端的网络距离"},
	{"generator {}: {s}", "压测端 {1}：{2}"},
	{"{} generators more are not valid", "另有 {1} 个压测端无效"},
	{"{} notes more are about other generators", "另有 {1} 条备注涉及其他压测端"},
	{"its record cannot be read: {}", "无法读取其记录：{1}"},
}
