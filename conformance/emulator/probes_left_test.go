package emulator

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// left are probes that come near to a mutant and that it must leave as they are: it is wrong in one way only.
var left = map[string][]string{
	"V01": {"pool empty", "pool unknown"},
	"V03": {"pool missing", "pool unknown"},
	"V04": {"pool missing", "pool empty", "pool too long", "bind"},
	"V05": {"pool unknown", "pool of another account", "bind"},
	"V10": {"short landlines", "A malformed", "B malformed"},
	"V11": {"mobiles", "A malformed"},
	"V12": {"mobiles", "hyphen"},
	"V17": {"B malformed", "X malformed", "bind"},
	"V19": {"in 30 s", "no leap year", "bind"},
	"V20": {"over", "in 2 min"},
	"V21": {"date without time", "no leap year", "over"},
	"V22": {"date of ISO 8601", "date of the US"},
	"V29": {"recording False", "recording maybe", "recording absent"},
	"V31": {"all given"},
	"V32": {"all given", "bind"},
	"V34": {"city"},
	"V35": {"X malformed", "X given", "bind"},
	"V36": {"bind", "all given"},
	"V42": {"pool too long", "pool of another account", "pool missing"},
	"V44": {"pool unknown"},
	"V49": {"short landlines", "mobiles"},
	"V51": {"mobiles"},
	"V56": {"A malformed", "A missing", "A is B"},
	"V57": {"A malformed", "B missing"},
	"V58": {"A malformed", "bind"},
	"V59": {"X given"},
	"V60": {"X of nobody", "X given"},
	"V61": {"X of nobody", "A malformed"},
	"V63": {"city"},
	"V67": {"over", "date without time"},
	"V68": {"bind", "in 30 s"},
	"V70": {"bind", "date of ISO 8601"},
	"V75": {"recording true", "recording absent"},
	"V77": {"all given"},
	"V79": {"recording True", "recording absent"},
	"V81": {"conflict", "triggers", "states"},
	"V82": {"one fault again and again", "conflict"},
	"V83": {"B missing", "A malformed"},
	"V84": {"over", "date without time"},
	"V85": {"bind"},
	"V86": {"recording False", "recording maybe"},
	"V87": {"recording true", "recording False", "recording absent"},

	"N01": {"bind", "X malformed"},
	"N02": {"X of nobody", "X wished"},
	"N03": {"X wished", "conflict"},
	"N04": {"X of another pool", "X of another account"},
	"N05": {"X wished"},
	"N07": {"X wished"},
	"N08": {"same B", "other pair", "conflict"},
	"N09": {"same A", "other pair", "conflict"},
	"N11": {"same pair", "before the end"},
	"N12": {"exhaustion"},
	"N13": {"strict pool, city", "strict pool, no city"},
	"N15": {"city of no pool", "X and city"},
	"N17": {"bind"},
	"N18": {"X wished", "city with numbers"},
	"N20": {"strict pool, city used up", "conflict"},
	"N24": {"unbind"},
	"N27": {"recording true", "recording False"},
	"N28": {"recording False", "recording absent"},
	"N32": {"same pair", "unbind"},
	"N35": {"pool unknown", "X of another account"},
	"N38": {"X wished", "city with numbers"},
	"N39": {"city with numbers", "strict pool, city used up"},
	"N42": {"city with its suffix", "bind"},
	"N44": {"city of another pool", "city with numbers"},
	"N46": {"conflict", "bind"},
	"N47": {"same A", "same B"},
	"N80": {"strict pool, city", "strict pool, city used up", "bind"},
	"N81": {"city with numbers"},

	"G02": {"no signature", "bind"},
	"G03": {"signature of noise", "no signature"},
	"G04": {"key of nobody"},
	"G10": {"a day ago", "bind"},
	"G12": {"signature with another end", "other secret"},
	"G13": {"signature in other letters", "other secret"},
	"G17": {"bind", "city"},
	"G18": {"stars and tildes"},
	"G21": {"other secret", "form"},
	"G22": {"key of nobody", "bind"},
	"G24": {"no signature", "bind"},
	"G27": {"SignatureMethod SHA512", "no SignatureMethod", "other secret"},
	"G29": {"no Timestamp", "nonce again"},
	"G30": {"no SignatureNonce", "a day ago"},
	"G33": {"B twice", "other secret"},
	"G42": {"B changed", "OutId added", "other secret"},
	"G44": {"signature first", "stars and tildes, V3"},
	"G46": {"bind"},
	"G47": {"malformed Timestamp", "a day ago"},
	"G48": {"a day ago", "no Timestamp"},
	"G49": {"SignatureMethod none", "other secret"},
	"G50": {"other secret", "bind"},
	"G54": {"unsigned, pool and none", "A malformed"},
	"G56": {"unsigned and malformed", "pool unknown"},
	"G80": {"stars and tildes, V3"},
	"G81": {"B changed", "Timestamp changed", "other secret"},
	"G82": {"malformed Timestamp", "nonce again"},
	"G83": {"bind", "nonce again"},

	"A01": {"keys", "bind"},
	"A03": {"limits"},
	"A04": {"bind", "exhaustion"},
	"A80": {"other secret", "bind"},
	"L80": {"bind", "conflict"},
}

// leaving is a table of mutants that leave one probe as it is.
func leaving(probe, ids string) map[string][]string {
	table := map[string][]string{}
	for _, id := range strings.Fields(ids) {
		table[id] = []string{probe}
	}
	return table
}

// TestMutantsLeaveTheRest holds near probes of each mutant against the correct endpoint.
func TestMutantsLeaveTheRest(t *testing.T) {
	all := merged(left, leftTransport, leftEnvelope)
	for i, id := range slices.Sorted(maps.Keys(all)) {
		if !tries(i) {
			continue
		}
		probes := all[id]
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			how := evidence{probes: probes}
			want, s := correct(t, how), newSession(t, id, how)
			for i, p := range sequence(t, how) {
				if got := s.run(p); got != want[i] {
					t.Errorf("%s: %s", p.name, difference(want[i], got))
				}
			}
		})
	}
}
