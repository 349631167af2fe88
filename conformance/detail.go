package conformance

import "encoding/json"

// subscription returns what QuerySubscriptionDetail says of a binding, by the names of the fields: texts as they are, other values as
// JSON writes them. It is false where the answer has none.
func (x *exchange) subscription() (map[string]string, bool) {
	var body struct{ SecretBindDetailDTO map[string]json.RawMessage }
	if !x.ok() || json.Unmarshal(x.body, &body) != nil || body.SecretBindDetailDTO == nil {
		return nil, false
	}
	fields := map[string]string{}
	for name, raw := range body.SecretBindDetailDTO {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		fields[name] = text
	}
	return fields, true
}

// shows reports whether an answered number stands for number: some digits may be hidden behind asterisks, but not all.
func shows(answered, number string) bool {
	if len(answered) != len(number) {
		return false
	}
	seen := false
	for i := range len(number) {
		if answered[i] != '*' && answered[i] != number[i] {
			return false
		}
		seen = seen || answered[i] != '*'
	}
	return seen
}
