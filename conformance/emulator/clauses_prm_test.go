package emulator

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"
)

// wrongNumbers are no numbers.
var wrongNumbers = []string{"1500000000", "150000000000", "1500000000a", "１５００００００００1", "150 0000000", "1.5e10", "0x123456789", "+8615000000", "-1500000000", "12000000000", "012345678", "0123456789012", " 15000000000", "15000000000 "}

// landlines are of all lengths, and mobiles of all beginnings.
var (
	landlines = []string{"057188992688", "01062345678", "03511234567", "0101234567"}
	mobiles   = []string{"13000000001", "14500000001", "15300000001", "16600000001", "17700000001", "18900000001", "19900000001"}
)

// inPool matches the X of the pools of probeConfig.
var inPool = map[string]*regexp.Regexp{BuiltinPool: regexp.MustCompile(`^170000[0-4][0-9]{4}$`), "FC000002": regexp.MustCompile(`^1700010000[0-2]$`),
	"FC000003": regexp.MustCompile(`^170002000(00|01|10)$`), "FC000005": regexp.MustCompile(`^170004000(00|1[0-9])$`)}

// city is where the built-in pool has an X.
func city(x string) string {
	if !inPool[BuiltinPool].MatchString(x) {
		return "?"
	}
	return builtinCities[x[6]-'0']
}

// onOneX binds on an X that nobody else uses and returns a function that binds there again.
func (tr *trial) onOneX(x string) func(pairs ...string) reply {
	return func(pairs ...string) reply { return tr.bind(append([]string{"PhoneNoX", x}, pairs...)...) }
}

// clausesPRM are the parameters, in the order of the document.
var clausesPRM = map[string]func(*trial){
	"PRM-POOL-1": func(tr *trial) {
		tr.wants("no PoolKey", tr.bind("PoolKey", "-"), "isv.ILLEGAL_ARGUMENT", "MissingPoolKey")
	},
	"PRM-POOL-2": func(tr *trial) { tr.refused("an empty PoolKey", tr.bind("PoolKey", "")) },
	"PRM-POOL-3": func(tr *trial) {
		for range 3 {
			if r := tr.bind("PoolKey", fmt.Sprint("FC", nonceCount.Add(1))); !strings.HasPrefix(r.code(), "isv.") {
				tr.fault("a pool that there is not: %s", r.code())
			}
		}
	},
	"PRM-POOL-4": func(tr *trial) {
		for pool, x := range inPool {
			if r := tr.bind("PoolKey", pool); r.code() != "OK" || !x.MatchString(r.x()) {
				tr.fault("pool %s: %s %s", pool, r.code(), r.x())
			}
		}
	},
	"PRM-POOL-5": func(tr *trial) {
		for _, key := range []string{"fc123456", "FC123456 ", " FC123456", "FC12345", strings.Repeat("F", 4096)} {
			tr.wants(fmt.Sprintf("PoolKey %.12q", key), tr.bind("PoolKey", key), "isv.ILLEGAL_ARGUMENT")
		}
	},
	"PRM-POOL-6": func(tr *trial) {
		tr.wants("a pool of another account", tr.bind("PoolKey", "FC999999"), "isv.FORBIDDEN_ACTION")
		tr.ok("the same pool, by its owner", tr.as("other", "PoolKey", "FC999999"))
	},
	"PRM-A-1": func(tr *trial) {
		tr.refused("no PhoneNoA", tr.bind("PhoneNoA", "-"))
		tr.refused("an empty PhoneNoA", tr.bind("PhoneNoA", ""))
	},
	"PRM-A-2": func(tr *trial) {
		for _, n := range mobiles {
			tr.ok(n, tr.bind("PhoneNoA", n))
		}
	},
	"PRM-A-3": func(tr *trial) {
		for _, n := range landlines {
			tr.ok(n, tr.bind("PhoneNoA", n))
		}
	},
	"PRM-A-4": func(tr *trial) {
		bind := tr.onOneX("17000000021")
		switch r := bind("PhoneNoA", "0571-88992688"); r.code() {
		case "isv.MOBILE_NUMBER_ILLEGAL":
		case "OK":
			tr.wants("the number without its hyphen", bind("PhoneNoA", "057188992688"), "isv.BIND_CONFLICT")
		default:
			tr.fault("a hyphen: %s", r.code())
		}
	},
	"PRM-A-5": func(tr *trial) {
		for _, n := range wrongNumbers {
			tr.wants(n, tr.bind("PhoneNoA", n), "isv.MOBILE_NUMBER_ILLEGAL")
		}
	},
	"PRM-A-6": func(tr *trial) {
		bind := tr.onOneX("17000000022")
		tr.ok("with a zero in front", bind("PhoneNoA", "013912345678"))
		tr.ok("without it", bind("PhoneNoA", "13912345678"))
		tr.wants("with it again", bind("PhoneNoA", "013912345678"), "isv.BIND_CONFLICT")
		tr.wants("a landline that has lost its zero", bind("PhoneNoA", "57188992688"), "isv.MOBILE_NUMBER_ILLEGAL")
		if r := bind("PhoneNoA", "0571-88992688"); r.code() == "OK" {
			tr.wants("a landline whose hyphen was taken off", bind("PhoneNoA", "057188992688"), "isv.BIND_CONFLICT")
		}
		p := newBind().with("PhoneNoA", "057188992688")
		r := tr.call(p.get())
		if d := tr.detail(p, r); d.of("PhoneNoA") != "057188992688" {
			tr.fault("stored as %q", d.of("PhoneNoA"))
		}
	},
	"PRM-B-1": func(tr *trial) {
		tr.refused("no PhoneNoB", tr.bind("PhoneNoB", "-"))
		tr.refused("an empty PhoneNoB", tr.bind("PhoneNoB", ""))
	},
	"PRM-B-2": func(tr *trial) {
		for _, n := range append(landlines, mobiles...) {
			tr.ok(n, tr.bind("PhoneNoB", n))
		}
		tr.wants("a hyphen", tr.bind("PhoneNoB", "0571-88992688"), "isv.MOBILE_NUMBER_ILLEGAL")
	},
	"PRM-B-3": func(tr *trial) {
		for _, n := range wrongNumbers {
			tr.wants(n, tr.bind("PhoneNoB", n), "isv.MOBILE_NUMBER_ILLEGAL")
		}
	},
	"PRM-AB-1": func(tr *trial) {
		tr.refused("A is B", tr.bind("PhoneNoA", "15012345678", "PhoneNoB", "15012345678"))
	},
	"PRM-AB-2": func(tr *trial) {
		p := newBind()
		r := tr.call(p.get())
		if d := tr.detail(p, r); d.of("PhoneNoA") != p["PhoneNoA"] || d.of("PhoneNoB") != p["PhoneNoB"] {
			tr.fault("stored: %s", d.body)
		}
	},
	"PRM-X-1": func(tr *trial) {
		if r := tr.bind(); r.code() != "OK" || r.x() == "" {
			tr.fault("no PhoneNoX: %s %q", r.code(), r.x())
		}
	},
	"PRM-X-2": func(tr *trial) {
		for _, x := range []string{"17000000031", "17000020031", "17000049999"} {
			if r := tr.bind("PhoneNoX", x); r.code() != "OK" || r.x() != x {
				tr.fault("%s was asked for: %s %s", x, r.code(), r.x())
			}
		}
		if r := tr.bind("PhoneNoX", "17000100000"); r.code() == "OK" {
			tr.fault("an X of another pool was asked for and %s bound", r.x())
		}
	},
	"PRM-X-3": func(tr *trial) {
		tr.wants("an X that nobody has", tr.bind("PhoneNoX", "17088888888"), "isv.NO_NOT_EXIST")
		tr.wants("an X of another pool", tr.bind("PhoneNoX", "17000100000"), "isv.NO_NOT_EXIST", "isv.FORBIDDEN_ACTION")
	},
	"PRM-X-4": func(tr *trial) {
		for _, x := range []string{"abc", "17000", "1700000000x", "1700000000012345"} {
			tr.wants(x, tr.bind("PhoneNoX", x), "isv.MOBILE_NUMBER_ILLEGAL", "isv.ILLEGAL_ARGUMENT")
		}
	},
	"PRM-X-5": func(tr *trial) {
		bind := tr.onOneX("17000000041")
		const a, b = "15012340001", "15012340002"
		tr.ok("(A, B)", bind("PhoneNoA", a, "PhoneNoB", b))
		tr.wants("(A, C)", bind("PhoneNoA", a), "isv.BIND_CONFLICT")
		tr.wants("(C, B)", bind("PhoneNoB", b), "isv.BIND_CONFLICT")
		tr.wants("(B, A)", bind("PhoneNoA", b, "PhoneNoB", a), "isv.BIND_CONFLICT")
		tr.ok("(C, D)", bind())
	},
	"PRM-X-6": func(tr *trial) {
		if r := tr.bind("PhoneNoX", "17000000051", "ExpectCity", "杭州"); r.code() != "OK" || r.x() != "17000000051" {
			tr.fault("an X and another city: %s %s", r.code(), r.x())
		}
	},
	"PRM-X-7": func(tr *trial) {
		for _, name := range []string{"PhoneNoX", "ExpectCity", "OutId"} {
			if r := tr.bind(name, ""); r.code() != "OK" && r.code() != "isv.ILLEGAL_ARGUMENT" || r.code() == "OK" && !inPool[BuiltinPool].MatchString(r.x()) {
				tr.fault("an empty %s: %s %q", name, r.code(), r.x())
			}
		}
	},
	"PRM-CITY-1": func(tr *trial) { tr.ok("no ExpectCity", tr.bind()) },
	"PRM-CITY-2": func(tr *trial) {
		for range 4 {
			for _, name := range builtinCities {
				if r := tr.bind("ExpectCity", name); city(r.x()) != name {
					tr.fault("%s was asked for: %s in %s", name, r.code(), city(r.x()))
				}
			}
		}
	},
	"PRM-CITY-3": func(tr *trial) {
		for i := range 8 {
			r := tr.bind("PoolKey", "FC000005", "PhoneNoA", "15012345601", "ExpectCity", "北京") // has one number there
			if r.code() != "OK" || (i == 0) != (r.x() == "17000400000") {
				tr.fault("bind %d: %s %s", i, r.code(), r.x())
			}
		}
		for range 5 {
			tr.ok("a city without numbers", tr.bind("ExpectCity", "拉萨"))
		}
	},
	"PRM-CITY-4": func(tr *trial) {
		tr.wants("a city without numbers", tr.bind("PoolKey", "FC000003", "ExpectCity", "拉萨"), "isv.NO_AVAILABLE_NUMBER")
		for i, want := range []string{"OK", "OK", "isv.NO_AVAILABLE_NUMBER"} { // two in 北京, one in 杭州
			tr.wants(fmt.Sprint("bind ", i, " of one A"), tr.bind("PoolKey", "FC000003", "PhoneNoA", "15012345602", "ExpectCity", "北京"), want)
		}
	},
	"PRM-CITY-5": func(tr *trial) {
		if r := tr.bind("PoolKey", "FC000003", "ExpectCity", "杭州"); r.x() != "17000200010" {
			tr.fault("a city with a number: %s %s", r.code(), r.x())
		}
		tr.ok("no city", tr.bind("PoolKey", "FC000003"))
	},
	"PRM-CITY-6": func(tr *trial) {
		for range 3 {
			for _, name := range []string{"杭州", "杭州市"} {
				if r := tr.bind("ExpectCity", name); city(r.x()) != "杭州" {
					tr.fault("%s: %s in %s", name, r.code(), city(r.x()))
				}
			}
		}
	},
	"PRM-CITY-7": func(tr *trial) {
		const n, cells = 300, 10
		count := map[string]int{}
		for range n {
			count[tr.bind("PoolKey", "FC000005", "ExpectCity", "拉萨").x()]++
		}
		square := 0.0
		for i := range cells {
			want := float64(n) / (cells + 1) // ten numbers in 杭州 and one in 北京
			d := float64(count[fmt.Sprint(17000400010+i)]) - want
			square += d * d / want
		}
		if limit := 60.0; square > limit || math.IsNaN(square) { // 10 degrees of freedom: p < 10^-8
			tr.fault("chi-square %.0f over %v", square, count)
		}
	},
	"PRM-CITY-8": func(tr *trial) {
		for _, name := range []string{"Qzx", "🏙", strings.Repeat("无", 1365)} {
			tr.ok(fmt.Sprintf("city %.12q", name), tr.bind("ExpectCity", name))
			tr.wants(fmt.Sprintf("city %.12q in a strict pool", name), tr.bind("PoolKey", "FC000003", "ExpectCity", name), "isv.NO_AVAILABLE_NUMBER")
		}
	},
	"PRM-REC-1": func(tr *trial) { tr.ok("no IsRecordingEnabled", tr.bind()) },
	"PRM-REC-2": func(tr *trial) {
		for _, v := range []string{"true", "false"} {
			tr.recorded(v, v)
		}
	},
	"PRM-REC-3": func(tr *trial) {
		tr.recorded("True", "true")
		tr.recorded("False", "false")
		tr.recorded("true", "true")
	},
	"PRM-REC-4": func(tr *trial) {
		for _, v := range []string{"maybe", "2", "", "yes", "truefalse"} {
			tr.wants(fmt.Sprintf("%q", v), tr.bind("IsRecordingEnabled", v), "isv.ILLEGAL_ARGUMENT")
		}
	},
	"PRM-REC-5": func(tr *trial) {
		tr.recorded("-", "false")
		tr.recorded("true", "true")
		tr.recorded("False", "false")
	},
	"PRM-OUT-1": func(tr *trial) { tr.ok("no OutId", tr.bind()) },
	"PRM-OUT-2": func(tr *trial) {
		for _, id := range []string{`订单"'&%=+ *~<>`, strings.Repeat("x", 64), strings.Repeat("x", 256), "a*b~c"} {
			tr.ok(fmt.Sprintf("OutId %.20q", id), tr.bind("OutId", id))
		}
	},
	"PRM-OUT-3": func(tr *trial) {
		for _, id := range []string{"abcdef", `订单 "12345678" &+`, strings.Repeat("x", 256)} {
			p := newBind().with("OutId", id)
			tr.receipt(p, tr.call(p.get()), id)
		}
	},
	"PRM-OUT-4": func(tr *trial) {
		p := newBind().with("OutId", "twice")
		first, second := tr.call(p.get()), tr.bind("OutId", "twice")
		if tr.ok("one OutId again", second); first.subs() == second.subs() {
			tr.fault("one OutId again is one binding")
		}
	},
	"PRM-UNK-1": func(tr *trial) {
		tr.ok("parameters that nobody knows", tr.bind("Tag.1.Key", "v", "Unknown", "1", "phonenoa", "x", "List[0]", "y"))
		tr.ok("parameters of later pages", tr.bind("OutOrderId", "1", "CallTimeout", "15"))
	},
}

// recorded binds with a value of IsRecordingEnabled and asks what is stored.
func (tr *trial) recorded(value, want string) {
	p := newBind().with("IsRecordingEnabled", value)
	r := tr.call(p.get())
	if d := tr.detail(p, r); r.code() != "OK" || d.of("NeedRecord") != want {
		tr.fault("IsRecordingEnabled %s: %s, NeedRecord %q", value, r.code(), d.of("NeedRecord"))
	}
}

// receipt calls through the X of a binding from A and from B: the record of each call has the OutId.
func (tr *trial) receipt(p params, r reply, want string) {
	for from, to := range map[string]string{p["PhoneNoA"]: p["PhoneNoB"], p["PhoneNoB"]: p["PhoneNoA"]} {
		ring, ok := tr.e.Ring(r.x(), from, time.Minute)
		if !ok || ring.Reached != to || ring.Receipt == nil || ring.Receipt.OutID != want {
			tr.fault("a call on the X: %+v, want OutId %q", ring, want)
		}
	}
}
