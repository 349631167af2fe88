package judge

// Nearest returns the name in names that word is a slip of: the one with the fewest single-letter changes (letter case
// is free), if there are at most two of them and fewer than word has letters. Otherwise "".
func Nearest(word string, names []string) string {
	best, found := 3, ""
	for _, name := range names {
		if d := distance(fold(word), fold(name)); d < best && d < len(word) {
			best, found = d, name
		}
	}
	return found
}

func fold(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// distance counts the insertions, deletions and replacements that lead from a to b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
