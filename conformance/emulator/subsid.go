package emulator

import (
	"strconv"

	"axbench/conformance/numbers"
)

// subsForm is the form in which SubsIds are written. Every form is one to one: what is read back is the id that was written,
// and a text that was never written is no id.
type subsForm uint8

const (
	subs16   subsForm = iota // the digits of the model's own id
	subs8                    // what is left of it modulo 90 million
	subs19                   // with check digits behind
	subsUUID                 // scrambled
)

func subsFormOf(choice string) subsForm {
	switch choice {
	case "8":
		return subs8
	case "19":
		return subs19
	case "uuid":
		return subsUUID
	}
	return subs16
}

// The 8-digit ids are 10000000 to 99999999. The model's ids come in sequence, so that of those that end alike the newest is
// meant: one to one for the last 90 million bindings.
const (
	short       = 90_000_000
	firstShort  = 10_000_000
	checkDigits = 1000 // values of the check digits
)

// Bijections of 62 bits: what a UUID of version 4 has in its second half.
const (
	bits62     = 1<<62 - 1
	scramble   = 0x2545f4914f6cdd1d & bits62
	unscramble = 0x19071d96d81ecd35 // its inverse modulo 2^62
)

// appendSubsID writes an id.
func (s *Server) appendSubsID(dst []byte, id numbers.SubsID) []byte {
	switch s.rules.subsID {
	case subs8:
		return strconv.AppendUint(dst, firstShort+uint64(id)%short, 10)
	case subs19:
		return strconv.AppendUint(dst, uint64(id)*checkDigits+mix(uint64(id))%checkDigits, 10)
	case subsUUID:
		return appendUUID(dst, mix(uint64(id)), uint64(id)*scramble&bits62)
	}
	return id.Append(dst)
}

// appendUUID writes 122 bits as a UUID of version 4 in lower case.
func appendUUID(dst []byte, high, low uint64) []byte {
	var b [36]byte
	putUUID(b[:], high, low)
	lower(b[:])
	return append(dst, b[:]...)
}

// parseSubsID reads what appendSubsID writes.
func (s *Server) parseSubsID(text string) (id numbers.SubsID, ok bool) {
	switch s.rules.subsID {
	case subs8:
		return longID(text, s.model.Last())
	case subs19:
		v, err := strconv.ParseUint(text, 10, 64)
		id, ok = numbers.SubsID(v/checkDigits), err == nil
	case subsUUID:
		if len(text) != 36 {
			return 0, false
		}
		v, err := strconv.ParseUint(text[19:23]+text[24:], 16, 64)
		id, ok = numbers.SubsID((v&bits62)*unscramble&bits62), err == nil
	default:
		return numbers.ParseSubsID(text)
	}
	if !ok || string(s.appendSubsID(nil, id)) != text {
		return 0, false
	}
	return id, true
}

// longID returns the newest id up to last that is written as these 8 digits.
func longID(text string, last numbers.SubsID) (numbers.SubsID, bool) {
	n, ok := numbers.Parse(text)
	v, err := strconv.ParseUint(text, 10, 64)
	if !ok || err != nil || n.Len() != 8 || v < firstShort {
		return 0, false
	}
	back := (uint64(last)%short + short - (v - firstShort)) % short
	return last - numbers.SubsID(back), true
}
