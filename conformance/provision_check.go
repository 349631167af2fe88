package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"axbench/conformance/contract"
	"axbench/scenarios/strict"
)

// Bounds of what a provisioning file may declare.
const (
	maxPhones      = 1_000_000   // of one list
	maxStretches   = 1000        // entries of it
	maxPoolNumbers = 100_000_000 // of one pool
	maxText        = 300         // of a reason, a city, a header or an OutId, in characters
	maxPoolKeySize = 4096        // in bytes
)

const (
	acceptedSpan   = "3 to 16 digits, or two such numbers of the same length with a hyphen between them, the lower one first"
	acceptedNumber = "3 to 16 digits and nothing else"
)

func (p *Provision) checkPhones() *strict.Error {
	ph := &p.Phones
	for _, side := range []struct {
		key   string
		texts []string
	}{{"a", ph.A}, {"b", ph.B}, {"landline", ph.Landline}} {
		if len(side.texts) > maxStretches {
			return ph.Pos.Error(side.key, "too many entries", fmt.Sprintf("at most %d, ranges among them", maxStretches))
		}
		var before []numberSpan
		total := uint64(0)
		for i, text := range side.texts {
			at := fmt.Sprintf("%s[%d]", side.key, i)
			s, ok := readSpan(text)
			switch {
			case !ok:
				return ph.Pos.Error(at, "not a range of numbers", acceptedSpan+", such as 15000000000-15000000999")
			case side.key == "landline" && !strings.HasPrefix(text, "0"):
				return ph.Pos.Error(at, "a landline begins with the 0 of its area code", "for example 057188990000-057188990099")
			case slices.ContainsFunc(before, s.meets):
				return ph.Pos.Error(at, "some of these numbers stand before", "each number once in a list")
			}
			before = append(before, s)
			if total += s.count(); total > maxPhones {
				return ph.Pos.Error(at, "too many numbers", fmt.Sprintf("at most %d in a list", maxPhones))
			}
		}
		if len(side.texts) > 0 && len(p.ordinary(side.texts)) == 0 {
			return ph.Pos.Error(side.key, "every number of it stands for a fault in codes", "numbers for ordinary calls beside them")
		}
	}
	return nil
}

func (p *Provision) checkPools() *strict.Error {
	var taken []numberSpan // city is the pool's name
	keys := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(p.Pools)) {
		f := p.Pools[name]
		switch first := keys[f.Key]; {
		case !nameForm.MatchString(name):
			return f.Pos.Error("", "not a name of a pool", acceptedName)
		case f.Key == "" || len(f.Key) > maxPoolKeySize || !plain(f.Key):
			return f.Pos.Error("key", "no key of a pool", fmt.Sprintf("the PoolKey as the console shows it, 1 to %d bytes", maxPoolKeySize))
		case first != "":
			return f.Pos.Error("key", "the pool "+first+" has this key", "each pool once")
		case f.Of != "" && !p.credential(f.Of):
			return undeclared(&f.Pos, "of", "credential", f.Of, p.credentialNames())
		case name == "foreign" && f.Of == MainCredential:
			return f.Pos.Error("of", "a foreign pool is of another account", "the name of a credential of that account, or nothing")
		}
		keys[f.Key] = name
		if err := f.checkNumbers(); err != nil {
			return err
		}
		if err := f.checkTaken(taken); err != nil {
			return err
		}
		for _, s := range f.sorted() {
			s.city = name
			taken = append(taken, s)
		}
	}
	return nil
}

// checkNumbers looks at the X numbers of one pool.
func (f *PoolFacts) checkNumbers() *strict.Error {
	total := uint64(0)
	for _, city := range slices.Sorted(maps.Keys(f.Numbers)) {
		at := "numbers." + city
		switch {
		case !plain(city) || utf8.RuneCountInString(city) > maxText:
			return f.Pos.Error(at, "not a name of a city", "as ExpectCity has it, such as 杭州")
		case len(f.Numbers[city]) == 0:
			return f.Pos.Error(at, "no number of this city", "numbers and ranges, or the city as empty_city")
		}
		for i, text := range f.Numbers[city] {
			at := fmt.Sprintf("%s[%d]", at, i)
			s, ok := readSpan(text)
			if !ok {
				return f.Pos.Error(at, "not a range of numbers", acceptedSpan+", such as 17000000000-17000000099")
			}
			if total += s.count(); total > maxPoolNumbers {
				return f.Pos.Error(at, "too many numbers", fmt.Sprintf("at most %d in a pool", maxPoolNumbers))
			}
		}
	}
	_, hasEmpty := f.Numbers[f.EmptyCity]
	_, ok := readNumber(f.Number)
	switch {
	case f.Size > 0 && total > uint64(f.Size):
		return f.Pos.Error("size", fmt.Sprintf("fewer than the %d of numbers", total), "how many numbers the pool has in all")
	case f.Number != "" && !ok:
		return f.Pos.Error("number", "not a number", acceptedNumber)
	case f.EmptyCity != "" && hasEmpty:
		return f.Pos.Error("empty_city", "numbers has some of this city", "a city of which the pool has no number")
	case f.EmptyCity != "" && (!plain(f.EmptyCity) || utf8.RuneCountInString(f.EmptyCity) > maxText):
		return f.Pos.Error("empty_city", "not a name of a city", "as ExpectCity has it, such as 拉萨")
	}
	return nil
}

// checkTaken wants each number to be of one pool and one city. The city of a taken stretch is the name of its pool. Stretches
// are compared in order, so that many of them take no time.
func (f *PoolFacts) checkTaken(taken []numberSpan) *strict.Error {
	all := slices.Clone(taken)
	for _, city := range slices.Sorted(maps.Keys(f.Numbers)) {
		for i, text := range f.Numbers[city] {
			s, _ := readSpan(text)
			s.city = fmt.Sprintf("numbers.%s[%d]", city, i)
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, compareSpans)
	for i := 1; i < len(all); i++ {
		a, b := all[i-1], all[i]
		if !a.meets(b) {
			continue
		}
		if !strings.HasPrefix(b.city, "numbers.") {
			a, b = b, a
		}
		where := "in this pool"
		if !strings.HasPrefix(a.city, "numbers.") {
			where = "in the pool " + a.city
		}
		return f.Pos.Error(b.city, "some of these numbers stand "+where+" too", "each number once: it is of one pool and one city")
	}
	if n, ok := readNumber(f.Number); ok {
		own := numberSpan{digits: len(f.Number), from: n, to: n}
		if i := slices.IndexFunc(taken, own.meets); i >= 0 {
			return f.Pos.Error("number", "the pool "+taken[i].city+" has this number", "a number of this pool")
		}
	}
	return nil
}

func (p *Provision) checkCodes() *strict.Error {
	var names []string
	for _, c := range contract.Edition2019.Codes() {
		names = append(names, c.Name)
	}
	pools := slices.Sorted(maps.Keys(p.Pools))
	for _, code := range slices.Sorted(maps.Keys(p.Codes)) {
		how := p.Codes[code]
		switch {
		case !slices.Contains(names, code):
			problem := "no code of the document"
			if near := nearestCode(code, names); near != "" {
				problem += fmt.Sprintf(", did you mean %q?", near)
			}
			return how.Pos.Error("", problem, "one of the document's codes, which axbench codes lists")
		case code == "OK":
			return how.Pos.Error("", "OK needs no sign: every right call gets it", "another code")
		}
		if err := how.check(); err != nil {
			return err
		}
		switch {
		case how.Credential != "" && !p.credential(how.Credential):
			return undeclared(&how.Pos, "credential", "credential", how.Credential, p.credentialNames())
		case how.Pool != "" && !slices.Contains(pools, how.Pool):
			return undeclared(&how.Pos, "pool", "pool", how.Pool, pools)
		}
	}
	return nil
}

// nearestCode is the code that was meant, with or without its prefix.
func nearestCode(code string, names []string) string {
	if near := strict.Nearest(code, names); near != "" {
		return near
	}
	for _, name := range names {
		if _, bare, ok := strings.Cut(name, "."); ok && strict.Nearest(code, []string{bare}) != "" {
			return name
		}
	}
	return ""
}

// signs are the keys of an entry that is no refusal to provoke.
var signs = []string{"credential", "phone_a", "phone_b", "phone_x", "pool", "city", "out_id", "header"}

// check looks at one entry by itself.
func (how *Provoke) check() *strict.Error {
	given := slices.DeleteFunc(slices.Clone(signs), func(key string) bool { return !how.Pos.Has(key) })
	if how.Pos.Has("unprovocable") {
		reason := strings.TrimSpace(how.Unprovocable)
		switch {
		case reason == "" || !plain(how.Unprovocable) || utf8.RuneCountInString(reason) > maxText:
			return how.Pos.Error("unprovocable", "no reason", fmt.Sprintf("why nothing can provoke it, in a line of at most %d characters: the report shows it", maxText))
		case len(given) > 0:
			return how.Pos.Error(given[0], "a sign beside unprovocable", "either signs or unprovocable")
		}
		return nil
	}
	if len(given) == 0 {
		return how.Pos.Error("", "an entry without a sign", strings.Join(signs, ", ")+", or unprovocable with a reason")
	}
	for _, s := range []struct{ key, value string }{{"phone_a", how.PhoneA}, {"phone_b", how.PhoneB}, {"phone_x", how.PhoneX}} {
		if _, ok := readNumber(s.value); !ok && how.Pos.Has(s.key) {
			return how.Pos.Error(s.key, "not a number", acceptedNumber)
		}
	}
	for _, s := range []struct{ key, value string }{{"credential", how.Credential}, {"pool", how.Pool}, {"city", how.City}, {"out_id", how.OutID}} {
		if how.Pos.Has(s.key) && (s.value == "" || !plain(s.value) || utf8.RuneCountInString(s.value) > maxText) {
			return how.Pos.Error(s.key, "no sign", fmt.Sprintf("a text of 1 to %d characters in one line", maxText))
		}
	}
	return how.checkHeader()
}

// ownHeaders are those that every call writes by itself.
var ownHeaders = []string{"host", "connection", "content-length", "content-type", "transfer-encoding", "expect", "upgrade", "te", "trailer", "authorization", "user-agent", "accept", "accept-encoding"}

// checkHeader looks at the headers. A value may be a token of a test installation, so that no error repeats it.
func (how *Provoke) checkHeader() *strict.Error {
	if how.Pos.Has("header") && len(how.Header) == 0 {
		return how.Pos.Error("header", "no header", "names and values, such as {X-Fault: dao}")
	}
	for _, name := range slices.Sorted(maps.Keys(how.Header)) {
		value, lower := how.Header[name], strings.ToLower(name)
		problem, accepted := "", ""
		switch {
		case strings.Trim(lower, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" || len(name) > 64:
			problem, accepted = "not a name of a header", "letters, digits, - and _, 64 at most"
		case slices.Contains(ownHeaders, lower) || strings.HasPrefix(lower, "x-acs-"):
			problem, accepted = "every call has this header already", "a header of your own, such as X-Fault"
		case value == "" || len(value) > maxText || value != strings.TrimSpace(value) || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }):
			problem, accepted = "not a value of a header", fmt.Sprintf("1 to %d printable characters of ASCII", maxText)
		default:
			continue
		}
		err := how.Pos.Error("header."+name, problem, accepted)
		err.Value = ""
		return err
	}
	return nil
}

// plain reports whether a text is one line of characters that can be shown.
func plain(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}
