package scenarios

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestEmbedded(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	onDisk := 0
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".yaml") {
			onDisk++
		}
	}
	if onDisk != len(Embedded()) {
		t.Errorf("%d files, %d names", onDisk, len(Embedded()))
	}
	for _, name := range Embedded() {
		t.Run(name, func(t *testing.T) {
			f, err := LoadEmbedded(name)
			if err != nil {
				t.Fatal(err)
			}
			if string(f.Name) != name || f.Description == "" || len(f.SLO) == 0 {
				t.Errorf("name %q, description %q, %d SLOs", f.Name, f.Description, len(f.SLO))
			}
			text, err := Text(name)
			disk, _ := os.ReadFile(name + ".yaml")
			if err != nil || string(text) != string(disk) || !strings.HasPrefix(string(text), "# yaml-language-server: $schema=scenario.schema.json\n") {
				t.Errorf("text as embedded: %v", err)
			}
			if _, err := f.Plan(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestQuickstartIsQuick(t *testing.T) {
	f, err := LoadEmbedded("quickstart")
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Plan()
	if err != nil || p.Duration() > 13*time.Second || f.Target != "emulator" || f.Negative == nil {
		t.Errorf("%v, %v", p.Duration(), err)
	}
}

func TestUnknownName(t *testing.T) {
	_, err := LoadEmbedded("quikstart")
	if err == nil || !strings.Contains(err.Error(), `did you mean "quickstart"?`) {
		t.Error(err)
	}
}

// demo is the document's sample program (bindaxb-doc:85-97) but for its Expiration, which lies in the past.
func TestDemoSendsWhatTheDocumentSends(t *testing.T) {
	f, err := LoadEmbedded("demo")
	if err != nil {
		t.Fatal(err)
	}
	s := source(t, f, 1, 0)
	r, now := request(s), time.Date(2017, 9, 18, 8, 0, 0, 0, time.UTC)
	s.Prepare(r, 0, now)
	head, _, _ := strings.Cut(string(r.Bytes), "\r\n")
	for _, want := range []string{
		"GET /?", "Action=BindAxb&", "Format=XML&", "IsRecordingEnabled=False&", "OutId=yourOutId&", "PhoneNoA=15010101010&", "PhoneNoB=15020202020&",
		"PoolKey=FC123456&", "RegionId=cn-hangzhou&", "SignatureMethod=HMAC-SHA1&", "Version=2017-05-25", "Expiration=2017-09-18%2017%3A00%3A00",
	} {
		if !strings.Contains(head, want) {
			t.Errorf("no %s in %s", want, head)
		}
	}
}
