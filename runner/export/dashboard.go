package export

import _ "embed" // the dashboard

//go:embed grafana.json
var dashboard string

// Dashboard returns a dashboard of a run for Grafana, as the JSON that its import takes. It queries a Prometheus by the names of
// the metrics of a run, whether they were scraped or came by OTLP, and wants native histograms.
func Dashboard() string { return dashboard }
