package report

import "io"

// WriteTable prints rows under named columns for a terminal: a column whose name begins with ">" stands on the right,
// columns are as wide as their widest cell in terminal cells, and texts of the last one stand below their rows where they
// would pass the width. Cells are escaped; one that a row lacks is empty.
func WriteTable(w io.Writer, o TextOptions, columns []string, rows [][]string) error {
	p := newPage(o)
	t := newTable(columns...)
	for _, r := range rows {
		cells := make([]string, len(columns))
		for i := range cells {
			if i < len(r) {
				cells[i] = p.safe(r[i])
			}
		}
		t.row(normal, cells...)
	}
	p.table(t)
	_, err := io.WriteString(w, p.out.String())
	return err
}
