package numbers

import (
	"fmt"
	"strconv"
)

// Number is a phone number, its leading zeros included: the value of its digits, and their count in the top byte. The zero
// Number is none.
type Number uint64

// MaxDigits is the greatest count of digits in a Number.
const MaxDigits = 16

const lengthShift = 56

// Parse reads 1 to MaxDigits digits. It does not allocate and keeps nothing of s.
func Parse[T ~string | ~[]byte](s T) (Number, bool) {
	if len(s) == 0 || len(s) > MaxDigits {
		return 0, false
	}
	v := uint64(0)
	for i := 0; i < len(s); i++ {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		v = v*10 + uint64(d)
	}
	return Number(uint64(len(s))<<lengthShift | v), true
}

// Len returns the count of digits.
func (n Number) Len() int { return int(n >> lengthShift) }

func (n Number) value() uint64 { return uint64(n) & (1<<lengthShift - 1) }

// Append appends the digits.
func (n Number) Append(dst []byte) []byte {
	l, v := n.Len(), n.value()
	for i := 0; i < l; i++ {
		dst = append(dst, '0')
	}
	for i := len(dst) - 1; v > 0; i-- {
		dst[i] = byte('0' + v%10)
		v /= 10
	}
	return dst
}

// String returns the digits.
func (n Number) String() string { return string(n.Append(nil)) }

// Range is a run of numbers of one length, both ends included.
type Range struct{ First, Last Number }

// NewRange returns the range of count numbers from first on.
func NewRange(first Number, count int) Range { return Range{first, first + Number(count) - 1} }

// Size returns the count of numbers, 0 for a range that runs backwards or over two lengths.
func (r Range) Size() int {
	if r.First.Len() == 0 || r.First.Len() != r.Last.Len() || r.Last < r.First {
		return 0
	}
	return int(r.Last - r.First + 1)
}

// String returns the first and the last number, joined by "-".
func (r Range) String() string {
	if r.First == r.Last {
		return r.First.String()
	}
	return r.First.String() + "-" + r.Last.String()
}

// SubsID identifies one binding of a Model.
type SubsID uint64

// The SubsIds are the numbers of 16 digits, from firstSubsID on.
const (
	firstSubsID = 1_000_000_000_000_000
	lastSubsID  = 9_999_999_999_999_999
)

// Append appends its 16 digits.
func (s SubsID) Append(dst []byte) []byte { return strconv.AppendUint(dst, uint64(s), 10) }

// ParseSubsID reads 16 digits. It does not allocate.
func ParseSubsID[T ~string | ~[]byte](s T) (SubsID, bool) {
	n, ok := Parse(s)
	if !ok || n.Len() != 16 || n.value() < firstSubsID {
		return 0, false
	}
	return SubsID(n.value()), true
}

// Refusal says why a call of the model had no effect. It is a word, and an error for those who want one.
type Refusal uint8

// The refusals. None is success.
const (
	None        Refusal = iota
	NoAvailable         // no X of the pool, or of the city in strict mode, can take the pair
	Conflict            // A or B is bound on the X that was asked for, in either role
	Full                // the X that was asked for serves MaxPairs pairs
	NotInPool           // the X that was asked for is not in the pool
	SameNumber          // A, B and X are not three numbers
	Unknown             // no binding of that SubsID on that X
	Ended               // the binding has expired; it is remembered
	Past                // Expires is not after now
)

var refusals = [...]string{"", "no available number", "conflict", "full", "not in the pool", "same number", "unknown binding", "the binding has ended", "expiry in the past"}

// String returns what the refusal says, "" for None.
func (r Refusal) String() string {
	if int(r) < len(refusals) {
		return refusals[r]
	}
	return fmt.Sprintf("Refusal(%d)", uint8(r))
}

// Code returns the code of the document that stands for the refusal; "OK" for None. A full X and one that is bound to A or
// B differ in nothing that a caller could see, so both are isv.BIND_CONFLICT.
func (r Refusal) Code() string {
	switch r {
	case None:
		return "OK"
	case NoAvailable:
		return "isv.NO_AVAILABLE_NUMBER"
	case Conflict, Full:
		return "isv.BIND_CONFLICT"
	case Past:
		return "isv.EXPIRE_DATE_ILLEGAL"
	case Ended:
		return "isv.FORBIDDEN_ACTION"
	case NotInPool:
		return "isv.NO_NOT_EXIST"
	}
	return "isv.ILLEGAL_ARGUMENT"
}
