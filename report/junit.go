package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// The elements of JUnit's XML as CI systems read it. Times are seconds.
type (
	junitSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		junitCounts
		Suites []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name string `xml:"name,attr"`
		junitCounts
		Timestamp string           `xml:"timestamp,attr"`
		Props     *junitProperties `xml:"properties"`
		Cases     []junitCase      `xml:"testcase"`
	}
	junitCounts struct {
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Time     string `xml:"time,attr"`
		elapsed  time.Duration
	}
	junitCase struct {
		Name      string           `xml:"name,attr"`
		Class     string           `xml:"classname,attr"`
		Time      string           `xml:"time,attr"`
		Props     *junitProperties `xml:"properties"`
		Skipped   *junitMessage    `xml:"skipped"`
		Failure   *junitMessage    `xml:"failure"`
		Error     *junitMessage    `xml:"error"`
		SystemOut string           `xml:"system-out,omitempty"`
	}
	junitProperties struct {
		List []junitProperty `xml:"property"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// add puts a test into the suite and counts it.
func (s *junitSuite) add(c junitCase, took time.Duration) {
	c.Time = seconds(took)
	s.Cases = append(s.Cases, c)
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.elapsed += took
	s.Time = seconds(s.elapsed)
}

func (a *junitSuites) add(s junitSuite) {
	a.Suites = append(a.Suites, s)
	a.Tests += s.Tests
	a.Failures += s.Failures
	a.Errors += s.Errors
	a.Skipped += s.Skipped
}

// write writes the finished document. Texts must hold no line break but in character data.
func (a *junitSuites) write(w io.Writer) error {
	data, err := xml.MarshalIndent(a, "", "  ")
	if err != nil {
		return fmt.Errorf("junit: %w", err)
	}
	text := strings.ReplaceAll(string(data), "&#xA;", "\n") // for people: only character data has line breaks here
	_, err = io.WriteString(w, xml.Header+text+"\n")
	return err
}

// junitStamp writes a time as JUnit's schema has it: UTC without a zone.
func junitStamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05") }

func seconds(d time.Duration) string { return strconv.FormatFloat(max(d, 0).Seconds(), 'f', 3, 64) }
