package contract

import (
	"fmt"
	"strings"
)

var editionNames = [numEditions]string{"2019-01", "2019-06", "current"}

// String returns "2019-01", "2019-06" or "current".
func (e Edition) String() string {
	if e < numEditions {
		return editionNames[e]
	}
	return fmt.Sprintf("Edition(%d)", uint8(e))
}

// ParseEdition reads what String writes.
func ParseEdition(s string) (Edition, error) {
	for i, name := range editionNames {
		if s == name {
			return Edition(i), nil
		}
	}
	return 0, fmt.Errorf("unknown edition %q, accepted: 2019-01, 2019-06, current", s)
}

// String returns "JSON" or "XML", the values of the parameter Format.
func (f Format) String() string {
	switch f {
	case JSON:
		return "JSON"
	case XML:
		return "XML"
	}
	return fmt.Sprintf("Format(%d)", uint8(f))
}

// ParseFormat reads JSON or XML in any letter case, as the gateway does.
func ParseFormat(s string) (Format, error) {
	for _, f := range []Format{JSON, XML} {
		if strings.EqualFold(s, f.String()) {
			return f, nil
		}
	}
	return 0, fmt.Errorf("unknown format %q, accepted: JSON, XML", s)
}

// String returns MUST, SHOULD or MAY.
func (l Level) String() string {
	switch l {
	case Must:
		return "MUST"
	case Should:
		return "SHOULD"
	case May:
		return "MAY"
	}
	return fmt.Sprintf("Level(%d)", uint8(l))
}

// String returns the group's name: ok, business, gateway, undocumented.
func (g Group) String() string {
	switch g {
	case Success:
		return "ok"
	case Business:
		return "business"
	case Gateway:
		return "gateway"
	case Undocumented:
		return "undocumented"
	}
	return fmt.Sprintf("Group(%d)", uint8(g))
}
