package emulator

import (
	"strings"
	"time"
)

// clausesEXP are the parameter Expiration.
var clausesEXP = map[string]func(*trial){
	"PRM-EXP-1": func(tr *trial) {
		tr.refused("no Expiration", tr.bind("Expiration", "-"))
		tr.refused("an empty Expiration", tr.bind("Expiration", ""))
	},
	"PRM-EXP-2": func(tr *trial) {
		for _, ahead := range []time.Duration{2 * time.Minute, 2 * time.Hour, 24 * time.Hour, 30 * 24 * time.Hour} {
			tr.ok("in "+ahead.String(), tr.bind("Expiration", later(ahead)))
		}
	},
	"PRM-EXP-3": func(tr *trial) {
		for _, at := range []string{later(-24 * time.Hour), "1970-01-01 00:00:00", later(-time.Second), later(0)} {
			tr.wants(at, tr.bind("Expiration", at), "isv.EXPIRE_DATE_ILLEGAL")
		}
	},
	"PRM-EXP-4": func(tr *trial) {
		for _, at := range []string{"2030-01-02T03:04:05Z", "01/02/2030 03:04:05", "01/02/2030", "2030-01-02", "1893556800", "2030-01-02 24:00:00", "2030-01-02 12:60:00", "2030-01-02 12:00:60", "2030-01-02 12:00:00 x",
			"2030-01-02 12:00:00.5", " 2030-01-02 12:00:00", "2030-01-02  12:00:00", "30-01-02 12:00:00"} {
			tr.wants(at, tr.bind("Expiration", at), "isv.EXPIRE_DATE_ILLEGAL")
		}
	},
	"PRM-EXP-5": func(tr *trial) {
		for _, at := range []string{"2030-02-30 00:00:00", "2027-02-29 00:00:00", "2100-02-29 00:00:00", "2030-04-31 00:00:00", "2030-13-01 00:00:00", "2030-00-01 00:00:00", "2030-01-00 00:00:00"} {
			tr.wants(at, tr.bind("Expiration", at), "isv.EXPIRE_DATE_ILLEGAL")
		}
		tr.ok("a leap day", tr.bind("Expiration", "2028-02-29 00:00:00"))
	},
	"PRM-EXP-6": func(tr *trial) {
		tr.wants("in 30 s", tr.bind("Expiration", later(30*time.Second)), "isv.EXPIRE_DATE_ILLEGAL")
		tr.wants("in a minute", tr.bind("Expiration", later(time.Minute)), "isv.EXPIRE_DATE_ILLEGAL")
		tr.ok("in a minute and a second", tr.bind("Expiration", later(time.Minute+time.Second)))
		tr.ok("in two minutes", tr.bind("Expiration", later(2*time.Minute)))
	},
	"PRM-EXP-7": func(tr *trial) {
		for range 12 {
			tr.wants("over in UTC+8", tr.bind("Expiration", later(-time.Hour)), "isv.EXPIRE_DATE_ILLEGAL")
			p := newBind().with("Expiration", later(time.Hour))
			if d := tr.detail(p, tr.call(p.get())); d.of("ExpireDate") != p["Expiration"] {
				tr.fault("%s is stored as %s", p["Expiration"], d.of("ExpireDate"))
			}
		}
	},
	"PRM-EXP-8": func(tr *trial) {
		const a, x = "15012345701", "17000000061"
		bind := tr.onOneX(x)
		p := newBind().with("PhoneNoA", a, "PhoneNoX", x, "Expiration", later(10*time.Minute))
		first := tr.call(p.get())
		tr.ok("a binding for ten minutes", first)
		for _, at := range []time.Duration{5*time.Minute + time.Second, 10*time.Minute - 10*time.Second, 10*time.Minute - time.Second} {
			tr.e.MoveClock(at)
			tr.wants("the same A after "+at.String(), bind("PhoneNoA", a, "Expiration", later(time.Hour)), "isv.BIND_CONFLICT")
		}
		tr.e.MoveClock(10 * time.Minute)
		if d := tr.detail(p, first); d.of("Status") == "1" {
			tr.fault("at its end: %s", d.body)
		}
		tr.e.MoveClock(11 * time.Minute)
		tr.ok("the same A a minute after its end", bind("PhoneNoA", a, "Expiration", later(time.Hour)))
		tr.e.MoveClock(0)
	},
	"PRM-EXP-9": func(tr *trial) {
		for _, at := range []string{"2038-01-19 11:14:08", "2038-01-20 00:00:00", "2106-02-07 14:28:16", "9999-12-31 23:59:59"} {
			p := newBind().with("Expiration", at)
			r := tr.call(p.get())
			tr.ok(at, r)
			if d := tr.detail(p, r); d.of("ExpireDate") != at || d.of("Status") != "1" {
				tr.fault("%s: %s", at, d.body)
			}
		}
		if p := newBind().with("Expiration", "2099-1-31 23:59:59"); !strings.HasPrefix(tr.call(p.get()).body, "{") {
			tr.fault("no answer to a date without zeros")
		}
	},
}
