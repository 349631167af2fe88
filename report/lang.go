package report

import (
	"fmt"
)

// language is the language of a page. The English text is the key; a text that has none in another language stands as it is,
// and a test holds that there is no such text.
type language string

const (
	english language = "en"
	chinese language = "zh"
)

// Languages are the values that HTMLOptions.Lang takes.
var Languages = []string{string(english), string(chinese)}

// languageOf returns the language of that name, English for "".
func languageOf(name string) (language, error) {
	switch l := language(name); l {
	case "":
		return english, nil
	case english, chinese:
		return l, nil
	}
	return english, fmt.Errorf("unknown language %q, accepted: en, zh", name)
}

// tag is the language as HTML names it.
func (l language) tag() string {
	if l == chinese {
		return "zh-CN"
	}
	return "en"
}

// zhTables hold the Chinese texts by their English form, each in one of them.
var zhTables = []map[string]string{zhTexts, zhConform, zhTrend, zhCapacity, zhCompare, zhFleet}

// t returns the text whose English form is key. With arguments both are formats; the Chinese one may number them: %[2]s.
func (l language) t(key string, args ...any) string {
	text := key
	if l == chinese {
		for _, table := range zhTables {
			if zh, ok := table[key]; ok {
				text = zh
			}
		}
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// n is t of a text with a count, which it writes for its first %s: one where n is 1, else many. In Chinese, which does not tell them
// apart, the text of many is the key.
func (l language) n(one, many string, n int64) string {
	if n == 1 && l == english {
		return fmt.Sprintf(one, count(n))
	}
	return l.t(many, count(n))
}

// key marks a text that is looked up later, so that the test of completeness finds it.
func key(english string) string { return english }

// prefixed is t of a text that names s, "" where there is none.
func (l language) prefixed(key, s string) string {
	if s == "" {
		return ""
	}
	return l.t(key, s)
}
