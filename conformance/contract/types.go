package contract

import (
	"fmt"
	"strings"
)

// Edition is a version of the document. The published lists of codes and parameters differ between them.
type Edition uint8

// The editions, oldest first.
const (
	Edition2019    Edition = iota // the document this project implements, 2019-01-08; the default
	EditionMid2019                // the documentation set of mid-2019
	EditionCurrent                // the pages of today
	numEditions
)

// Format is the format of an answer.
type Format uint8

// The formats.
const (
	JSON Format = iota
	XML
)

// Group says whose code a code is.
type Group uint8

// The groups of codes.
const (
	Success      Group = iota // OK
	Business                  // the other codes of the document in force
	Gateway                   // known gateway codes and the patterns Missing*, Invalid*, Throttling*
	Undocumented              // any other readable code
)

// Code is one row of a list of codes.
type Code struct {
	Name       string
	ZH         string // the page's text; "" for gateway codes
	EN         string // a translation; the message itself for gateway codes
	Group      Group
	HTTPStatus int     // usual one: 200 for Success and Business
	Since      Edition // first edition that lists it; Business codes only
	Editions   [3]bool // which editions list it, by Edition
	Line       int     // line in the document of Edition2019; 0 if not there
	Note       string  // what the document set says beside the text, in English; may be ""
}

// Param is one parameter of an operation.
type Param struct {
	Name            string
	Type            string  // as documented: String, Date, Boolean, Integer
	Required        bool    // by the document
	GatewayRequired bool    // by the gateway: its absence gives Missing<Name> with HTTP 400
	Since           Edition // first edition that has it
	Sample          string
	Line            int // line in the document of Edition2019; 0 if not there
	Note            string
}

// Field is one field of an answer.
type Field struct {
	Path   string // "SecretBindDTO.SubsId"
	Type   string // String, Object, Boolean, Integer, Any
	OnOK   bool   // must be there when Code is OK
	Always bool   // must be there in every answer
	OKOnly bool   // must not be there (or be empty) unless Code is OK
	Line   int    // line in the document of Edition2019; 0 if not there
	Note   string
}

// Operation is one action of the API.
type Operation struct {
	Name   string // the value of Action
	Params []Param
	Fields []Field
	QPS    int     // documented calls a second
	Root   string  // name of the root element of an XML answer: "BindAxbResponse"
	Codes  []*Code // of this operation alone, which no list of an edition or of the gateway has
}

// Level is how strongly a clause binds.
type Level uint8

// The levels.
const (
	Must Level = iota
	Should
	May
)

// Clause is one normative statement about an endpoint.
type Clause struct {
	ID       string // "RSP-9"
	Level    Level
	Source   string // where it is from: "bindaxb-doc:52", "RFC 8259"
	Profile  string // seed, pop, doc2019, strict
	Sentence string // in English
	Needs    Need   // what it takes to provoke it
	Check    string // how a black box is held against it
	Note     string // what a reader of a verdict should know; may be ""
}

// Need is what a black-box test of a clause needs. A test that needs more than was declared is not run, and says so.
type Need uint8

// The needs, each beside a base URL, a key pair and a pool.
const (
	P0 Need = iota // nothing: any endpoint, a few binds
	P1             // free numbers, since every OK holds one until Expiration, or a higher rate
	P2             // facts about pools: their numbers, cities, sizes
	P3             // accounts or keys in special states
	P4             // a fault behind the endpoint, or a trigger for it
	P5             // waiting, or a clock that can be moved
	P6             // a second channel: QuerySubscriptionDetail, call records
)

// String returns "P0" to "P6".
func (n Need) String() string { return fmt.Sprintf("P%d", uint8(n)) }

// Chapter returns the part of the id that names its chapter: "RSP" of RSP-9.
func (c *Clause) Chapter() string {
	chapter, _, _ := strings.Cut(c.ID, "-")
	return chapter
}
